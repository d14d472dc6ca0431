// What an aggregator must be able to do so that its table can be recomputed over history (actors/batch): its entries merge,
// it keeps the changes of an era apart, and it goes over to a table that was written beside the one it works on. For an
// era that began where history was read up to, `history ⊕ era` is what the view holds.
//
// All calls are made by the aggregator's own thread, between epochs: right after end_epoch().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/stages/stage.h"
#include "core/status.h"

namespace penstock {

/// Where history and view do not agree.
struct EntryDifference {
  std::string key;      // of the table
  std::string history;  // the row as JSON; empty: there is none
  std::string view;
};

struct EntryComparison {
  static constexpr size_t kShown = 20;

  uint64_t keys = 0;  // that either of them has
  uint64_t differences = 0;
  std::vector<EntryDifference> first;  // at most kShown

  void add(EntryDifference difference) {
    ++differences;
    if (first.size() < kShown)
      first.push_back(std::move(difference));
  }
};

class Recomputed {
 public:
  virtual ~Recomputed() = default;

  /// From now on changes are kept apart, too, in memory; an era before this one is forgotten.
  virtual void begin_era(const std::string& run) = 0;
  virtual void drop_era() = 0;
  /// The run that the present era was begun for; empty: there is none.
  virtual const std::string& era() const = 0;

  /// Makes `earlier`, an entry of the table, the entry of its rows and those of `later`, which arrived after them.
  /// Errors: data_loss; invalid_argument (an integer sum leaves int64).
  virtual Status merge_entries(std::string& earlier, std::string_view later) = 0;
  /// Bytes that it holds, also of keys whose epoch has not ended.
  virtual size_t held() const = 0;

  /// Goes over to `table`, which holds history up to the era, with the era on top, which ends; changes and changed rows go to
  /// `out`. Requires: an era. Errors: of the store, those of merge_entries.
  virtual Status land(const std::string& table, StageOutput& out) = 0;
  /// Compares what it holds with `table` and the era on top: of `slices` parts of the keys, by hash, number `slice`. What comes
  /// between the calls changes nothing about what they find. Requires: an era. Errors: of the store, those of merge_entries.
  virtual Result<EntryComparison> compare(const std::string& table, uint64_t slice, uint64_t slices) = 0;
};

}  // namespace penstock
