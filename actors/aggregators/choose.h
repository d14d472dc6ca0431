// Stage `choose`: a bandit inside a stream. Gives each row the arm that is best for it by what is known so far, and learns
// from what comes of its choices. Threads and life as in aggregator.h; one worker. Its view has a row for each arm.
//
// Two inputs: rows, and outcomes, which name a choice by its decision id. A row has the arms whose condition is true for it;
// one without any goes to the output `none`. The others go on with three further columns: `arm`, `propensity` (the
// probability with which it was chosen) and `context` (the features of the row as a JSON object): what off-policy
// evaluation asks for. The choice follows from the decision id and the state at the beginning of the epoch.
//
// What is learnt is that of a model of type `bandit` (bandit.h), and so is the state and its format: a choice waits for its
// outcome as if the log of impressions had told of it, but is committed with the row, so none is lost or counted twice. By
// the node's clock: a choice without an outcome `within` so long has earned 0, once a later choice and outcome have come.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/aggregators/bandit.h"
#include "core/clock.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct ChoosePlan {
  static constexpr size_t kRows = 0, kOutcomes = 1;  // the inputs
  static constexpr const char* kNone = "none";       // the output of rows that no arm is there for
  struct Arm {
    std::string name;
    std::vector<sql::Expression> where;  // one
  };
  BanditPlan bandit;
  std::vector<Arm> arms;
  size_t decision = 0;           // column of the rows
  std::vector<size_t> features;  // columns of the rows, in the order of bandit.context
  SchemaPtr output;
};

class Choose final : public Aggregator {
 public:
  /// `clock` outlives it, and is that of the plan's bandit too.
  Choose(ChoosePlan plan, const Clock& clock);

  Status open(StoredKeys stored, MemoryShare share) override { return bandit_.open(std::move(stored), share); }
  Status process(const BatchPtr& batch, StageOutput& out) override { return process_input(0, batch, out); }
  Status process_input(size_t input, const BatchPtr& batch, StageOutput& out) override;
  Status restore(std::string_view key, std::string_view value) override { return bandit_.restore(key, value); }
  Status end_epoch(StageOutput& out) override { return bandit_.end_epoch(out); }
  Result<BatchPtr> lookup(const std::vector<std::string>& key) const override { return bandit_.lookup(key); }
  Result<BatchPtr> read_all(size_t limit) const override { return bandit_.read_all(limit); }
  size_t keys() const override { return bandit_.keys(); }
  size_t memory() const override { return bandit_.memory(); }

 private:
  /// By arm and row: whether it may be chosen.
  using Allowed = std::vector<std::vector<bool>>;

  Allowed allowed(const RecordBatch& rows, std::vector<sql::RowError>& errors) const;
  std::string situation(const RecordBatch& rows, size_t row) const;
  Status choose_each(const BatchPtr& rows, StageOutput& out);

  const ChoosePlan plan_;
  const Clock& clock_;
  Bandit bandit_;
};

topology::ComponentType choose_type();
Result<std::unique_ptr<Aggregator>> make_choose(const MakeContext& context);

}  // namespace penstock
