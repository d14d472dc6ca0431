// An experiment as it is measured: joins what was shown to users (a log of impressions) with what came of it (a stream of
// outcomes), and keeps for each user what they saw and did, so that the variance is that between users (models/uplift.h).
// Threads and life as in aggregator.h; one worker; all its users are in memory. Its view has a row for each variant.
//
// Only records of the log that name this experiment count. How an outcome finds its impression: outcome_join.h. It counts
// for the variant in which the impression was shown, whatever the shares are by now.
//
//   table key   := 'u' user     → version:u8 (1) variants:u32 (name:text impressions:u64 outcomes:u64 value:f64)*
//                | 'j' user     → see outcome_join.h; 'j' alone: its watermarks
//   text        := size:u32 bytes                    numbers are little-endian
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "actors/aggregators/outcome_join.h"
#include "models/uplift.h"
#include "sql/expression.h"

namespace penstock {

struct ExperimentPlan {
  std::string id;
  struct Variant {
    std::string name;
    std::string model;  // or recommender
    double share = 1;
  };
  std::vector<Variant> variants;
  std::string impressions;  // the log
  SchemaPtr outcomes;       // schema of their stream
  std::optional<sql::Expression> user, item, value, time;
  Duration within{};
};

class Experiment final : public Aggregator {
 public:
  explicit Experiment(ExperimentPlan plan);

  Status open(StoredKeys stored, MemoryShare share) override;
  Status process(const BatchPtr& batch, StageOutput& out) override;
  Status restore(std::string_view key, std::string_view value) override;
  Status end_epoch(StageOutput& out) override;
  Result<BatchPtr> lookup(const std::vector<std::string>& key) const override;
  Result<BatchPtr> read_all(size_t limit) const override;
  size_t keys() const override;
  size_t memory() const override;
  static SchemaPtr view_schema();

  const ExperimentPlan& plan() const { return plan_; }
  /// One for each variant of the plan. Any thread.
  std::vector<VariantSums> sums() const;

 private:
  static constexpr char kVersion = 1;
  struct Seen {  // by one user in one variant
    uint64_t impressions = 0, outcomes = 0;
    double value = 0;
  };
  using User = std::map<std::string, Seen, std::less<>>;  // by variant: one, unless the shares changed

  void read_impressions(const RecordBatch& batch);
  void read_outcomes(const BatchPtr& batch, StageOutput& out);
  /// Changes what is known of a user, and the sums with it.
  template <class Change>
  void change(const std::string& user, const std::string& variant, Change change);
  VariantSums* sums_of(std::string_view variant);
  void append_row(size_t variant, BatchBuilder& rows) const;

  const ExperimentPlan plan_;
  OutcomeJoin join_;
  MemoryShare share_;
  mutable std::shared_mutex mutex_;  // guards sums_, which other threads read
  std::vector<VariantSums> sums_;
  std::unordered_map<std::string, User> users_;
  std::set<std::string> touched_;
  size_t user_bytes_ = 0;
};

}  // namespace penstock
