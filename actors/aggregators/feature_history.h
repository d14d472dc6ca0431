// What is kept of one key's events, so that its features can be told as of any time of its history: the aggregates of each
// time apart, as bytes, and of what is older than the history one sum. A plain value; FeatureFold reads and changes it.
//
//   bytes   := version:u8 (1) due:i64 base_at:i64 base version*
//   version := at:i64 part           ascending
//   base, part := size:u32 bytes     one encoded state a feature (sql/aggregate_states.h); an empty base: there is none
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/aggregators/feature_plan.h"

namespace penstock {

struct FeatureHistory {
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  struct Version {
    int64_t at;
    std::string part;
  };
  std::string base;
  int64_t base_at = std::numeric_limits<int64_t>::min();  // of the newest event in it
  std::vector<Version> versions;
  int64_t due_at = kNever;  // in event time: when something is to be folded or dropped

  // The sum of the versions [from, until) and, from 0, of the base, so that it need not be made again. Not stored.
  struct Prefix {
    size_t from = 0, until = 0;
    std::string sum;
  };
  Prefix prefix = {};

  int64_t newest() const { return versions.empty() ? base_at : versions.back().at; }

  bool empty() const { return base.empty() && versions.empty(); }
  std::optional<int64_t> due() const { return due_at == kNever ? std::nullopt : std::optional(due_at); }
  size_t memory() const;
  void encode(std::string& out) const;
  static Result<FeatureHistory> decode(std::string_view bytes);
};

/// Adds events to histories and reads features out of them. Keeps aggregate states for its work: one thread at a time.
class FeatureFold {
 public:
  /// `plan` outlives it.
  explicit FeatureFold(const FeaturePlan& plan);

  /// A batch's events as parts, one for each group: row i is in group group_of_row[i] (below `groups`). Rows whose value
  /// an integer sum cannot take are reported; they are missing from that feature alone.
  std::vector<std::string> parts(const std::vector<sql::AggregateInput>& inputs,
                                 const std::vector<uint32_t>& group_of_row, size_t groups,
                                 std::vector<sql::RowError>& errors);
  /// Adds a part at that time (FeaturePlan::counts_at). Requires: it is later than what is in the base. Errors: data_loss.
  Status add(FeatureHistory& history, int64_t at, std::string part);
  /// Makes one sum of what is older than `mark` less the plan's history, drops what has expired that long ago, and says when
  /// to do so next. Errors: data_loss.
  Status fold(FeatureHistory& history, int64_t mark);

  /// How much is known as of a time.
  enum class Known { kYes, kNoEvents, kExpired, kForgotten };
  Known known(const FeatureHistory& history, int64_t before) const;
  /// The newest event before that time. Requires: known() does not say that there is none.
  static int64_t newest(const FeatureHistory& history, int64_t before);
  /// Appends the features as of the events before that time, to the columns from `first` on; those of no events where there
  /// are none that count. Errors: data_loss.
  Status read(const FeatureHistory& history, int64_t before, BatchBuilder& out, size_t first);
  /// Makes the next such answer cheaper, if there is much to sum up. Errors: data_loss.
  Status keep_prefix(FeatureHistory& history, int64_t before);

 private:
  bool apart(int64_t earlier, int64_t later) const;
  // Events without a pause of the ttl between: the versions [begin, end), of which those before `next` are in `sum`, and
  // perhaps the base.
  struct Run {
    size_t begin = 0, next = 0, end = 0;
    std::string_view sum = {};
  };
  Run run_before(const FeatureHistory& history, int64_t before) const;
  Status merge_run(const FeatureHistory& history, const Run& run, int64_t before);
  Status merge(std::string_view part, const std::vector<size_t>& into);
  std::string encode_sums() const;
  Status sum_up(std::string& sum, std::string_view part);

  const FeaturePlan& plan_;
  std::vector<std::unique_ptr<sql::AggregateStates>> states_;  // group 0: the sum; group 1: what does not count
};

}  // namespace penstock
