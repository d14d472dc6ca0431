// How well a model foretells the live stream: each event is first foretold, then learnt. Keeps the newest foretold events
// and gives the usual figures of them, by version and segment. A plain value with one owner.
//
//   hr@10    the event's item was among the ten best of all items that the user had not had to do with
//   ndcg@10  1 / log2(rank + 2) where it was, else 0; the rank counts from 0
//   recall@10, precision@10
//            of the one right item of an event the share that is among the ten (so as hr@10), and of the ten the share
//            that is right
//   auc      share of those items that ranked below it; events whose item the model did not know count as 0
//
// An event of a user and item that had met before says nothing about recommendations and is not foretold.
// Source: Dawid, "Statistical theory: the prequential approach", JRSS A 147(2), 1984; Vinagre, Jorge, Gama, "Evaluation of
// recommender systems in streaming environments", 2015.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "core/ids.h"
#include "core/units.h"

namespace penstock {

/// One event as a version foretold it.
struct ForetoldEvent {
  uint64_t version = 0;
  Timestamp at;                 // when it was foretold
  bool warm = false;            // the user had kWarmItems items or more
  bool head = false;            // the item was one of the fifth with the most users
  std::optional<int64_t> rank;  // of the item; none: the model did not know it
  int64_t candidates = 0;       // ranked items
};

class PrequentialWindow {
 public:
  static constexpr size_t kWarmItems = 5;
  static constexpr int64_t kCutoff = 10;
  static constexpr size_t kMostEvents = 20'000;
  enum class Segment { kAll, kWarm, kCold, kHead, kTail };
  static constexpr Segment kSegments[] = {Segment::kAll, Segment::kWarm, Segment::kCold, Segment::kHead,
                                          Segment::kTail};

  /// Events that are older than `window` count no more.
  explicit PrequentialWindow(Duration window) : window_(window) {}
  void add(const ForetoldEvent& event);
  /// Forgets what is too old.
  void expire(Timestamp now);

  struct Figures {
    uint64_t events = 0;
    double hr = 0, ndcg = 0, auc = 0;  // means; 0 without events
    double recall() const { return hr; }
    double precision() const { return hr / static_cast<double>(kCutoff); }
  };
  Figures figures(uint64_t version, Segment segment = Segment::kAll) const;
  /// Versions that foretold events of the window, ascending.
  std::vector<uint64_t> versions() const;

 private:
  Duration window_;
  std::deque<ForetoldEvent> events_;  // oldest first
};

std::string_view segment_name(PrequentialWindow::Segment segment);

/// The place of `item` among all items but those of `masked` (ascending) by score, from 0; equal scores: smaller number
/// first. A score that is not a number is the lowest. Requires: 0 <= item < scores.size().
int64_t rank_of(const std::vector<float>& scores, const std::vector<int32_t>& masked, int32_t item);

}  // namespace penstock
