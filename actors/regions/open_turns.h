// The turns (region_turn.h) of one life of a region, from the moment its reader takes them up until their epoch is committed.
// Whoever asked is told unavailable if the region stops before. Used by the reader alone.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "actors/regions/turn_desk.h"

namespace penstock {

class OpenTurns {
 public:
  OpenTurns(TurnDesk& desk, std::string region) : desk_(desk), region_(std::move(region)) {}
  ~OpenTurns() {
    if (next_)
      stopped(*next_);
    for (const Open& open : open_)
      stopped(*open.turn);
  }
  OpenTurns(const OpenTurns&) = delete;
  OpenTurns& operator=(const OpenTurns&) = delete;

  /// Takes up the next request; false if there is none.
  bool take() {
    if (!next_)
      next_ = desk_.take(region_);
    return next_ != nullptr;
  }
  /// What rides on the marker of this epoch, which has read so far; mostly null.
  RegionTurnPtr ride(Epoch epoch, const std::vector<ReadPosition>& read) {
    if (next_)
      open_.push_back({epoch, next_, read});
    return std::exchange(next_, nullptr);
  }
  void committed(Epoch last) {
    for (; !open_.empty() && open_.front().epoch <= last; open_.pop_front())
      open_.front().turn->done(ok(), open_.front().read);
  }

 private:
  struct Open {
    Epoch epoch;
    RegionTurnPtr turn;
    std::vector<ReadPosition> read;
  };
  void stopped(const RegionTurn& turn) const {
    turn.done(unavailable("the region " + region_ + " stopped before it was done"), {});
  }

  TurnDesk& desk_;
  std::string region_;
  RegionTurnPtr next_;
  std::deque<Open> open_;
};

}  // namespace penstock
