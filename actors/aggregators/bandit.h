// A model of type `bandit`, as it learns: for each arm the sums of its trials (models/bandit.h), from a stream of outcomes.
// Threads and life as in aggregator.h; one worker. Its view has a row for each arm.
//
// A row either is a whole trial (`arm`, reward and the context's columns), or names the decision that it rewards
// (`decision`). Then the arm and its context come from the log of impressions, where the choice was noted; a decision
// without an outcome within `within` has earned nothing (outcome_join.h). A row whose reward is null is passed over.
//
//   table key   := 'a' arm                → version:u8 (1) trials:u64 reward:f64 xx:f64* xr:f64*
//                | 'j' decision           → see outcome_join.h; 'j' alone: its watermarks
// Numbers are little-endian. Lists are empty or as long as the declared context makes them; after a change of the declared
// features an arm keeps its trials and rewards, and begins its context anew.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "actors/aggregators/outcome_join.h"
#include "core/clock.h"
#include "models/bandit.h"
#include "models/bandit_context.h"
#include "sql/expression.h"

namespace penstock {

struct BanditPlan {
  std::string id;
  BanditOptions options;
  BanditContext context{{}};
  std::vector<std::string> arms;  // declared; empty: those of the stream
  SchemaPtr outcomes;             // schema of the input
  std::optional<sql::Expression> arm, decision, reward, time;
  std::vector<std::optional<size_t>> columns;  // of the input, for each feature
  Duration within{};
  const Clock* clock = nullptr;  // outcomes without a time happened when they are read; null: when they were taken in
};

class Bandit final : public Aggregator {
 public:
  explicit Bandit(BanditPlan plan);

  Status open(StoredKeys stored, MemoryShare share) override;
  Status process(const BatchPtr& batch, StageOutput& out) override;
  Status restore(std::string_view key, std::string_view value) override;
  Status end_epoch(StageOutput& out) override;
  Result<BatchPtr> lookup(const std::vector<std::string>& key) const override;
  Result<BatchPtr> read_all(size_t limit) const override;
  size_t keys() const override;
  size_t memory() const override;
  static SchemaPtr view_schema();

  /// What is known at the end of an epoch; immutable, any thread.
  struct Arms {
    std::vector<std::string> names;  // as declared, else in the order of their texts
    std::vector<ArmPosteriorPtr> posteriors;
    uint64_t trials = 0;
  };
  std::shared_ptr<const Arms> arms() const;
  const BanditPlan& plan() const { return plan_; }

 private:
  static constexpr char kVersion = 1;

  void read_impressions(const RecordBatch& batch);
  void read_outcomes(const BatchPtr& batch, StageOutput& out);
  void learn(const std::string& arm, std::span<const double> x, double reward);
  std::vector<double> situation(const RecordBatch& batch, size_t row) const;
  void publish();
  std::string encode(const BanditArm& arm) const;
  void append_row(const std::string& name, const BanditArm& arm, BatchBuilder& rows) const;

  const BanditPlan plan_;
  OutcomeJoin join_;
  MemoryShare share_;
  mutable std::shared_mutex mutex_;  // guards what other threads read: learnt_, published_
  std::map<std::string, BanditArm> learnt_;
  std::map<std::string, ArmPosteriorPtr> solved_;
  std::vector<std::string> touched_;
  std::shared_ptr<const Arms> published_;
};

}  // namespace penstock
