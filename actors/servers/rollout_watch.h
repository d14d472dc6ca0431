// Counts what is seen of a version on trial and of the live one beside it, for decide() (rollout.h). Remembers one answer
// of each of some thousand users, and looks later whether their users have taken what they were shown. Begins anew with each trial and each
// start of the node. Thread safe; costs an atomic load where no trial is on.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "actors/aggregators/history.h"
#include "actors/servers/rollout.h"

namespace penstock {

class RolloutWatch {
 public:
  void begin(uint64_t live, uint64_t trial);
  void end() { watching_ = false; }
  bool watching() const { return watching_; }

  struct Answer {
    uint64_t version;
    std::string user;
    size_t history;                  // items the user had then
    std::vector<std::string> items;  // shown; none: an empty answer
    double seconds;
    bool failed = false;
    bool shown = true;  // not that of a shadow
  };
  void note(Answer answer);
  /// Judges remembered answers whose users have new items in their histories by now. An answer counts once.
  void judge(const History& history);
  void note_shadow(double overlap, double rank_correlation);
  void note_dropped();

  struct Figures {
    AnswerFigures live, trial;
    ShadowFigures shadow;
  };
  Figures figures() const;

 private:
  // Times to answer, by the power of 2^(1/4) of microseconds.
  struct Times {
    std::array<uint64_t, 128> counts{};
    void add(double seconds);
    double p99(uint64_t all) const;
  };
  struct Counted {
    uint64_t version = 0;
    AnswerFigures figures;
    Times times;
  };
  Counted* of(uint64_t version);

  std::atomic<bool> watching_{false};
  mutable std::mutex mutex_;
  Counted live_, trial_;
  ShadowFigures shadow_;
  std::deque<Answer> remembered_;          // in the order of the next look
  std::unordered_set<std::string> users_;  // whose answers these are
};

}  // namespace penstock
