// Stage `sample`: keeps a share of its rows, the same rows at every replay. Which ones is decided by a hash: of `key`, so
// that all rows of a user are in or out; else of the record's place in its log, or, behind an aggregator, where rows have
// none, of the row itself. `every: n` keeps, of each partition, the records whose offset is a multiple of n (or one
// hash in n, where there is a key or no place). One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/stages/stage.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct SamplePlan {
  std::optional<double> fraction;  // of the rows; one of the two is given
  uint64_t every = 1;
  std::vector<size_t> key;  // columns
  uint64_t seed = 0;
};

class Sample final : public Stage {
 public:
  explicit Sample(SamplePlan plan) : plan_(std::move(plan)) {}
  Status process(const BatchPtr& batch, StageOutput& out) override;

 private:
  bool keeps(uint64_t hash) const;
  uint64_t hash(const RecordBatch& batch, size_t i);

  SamplePlan plan_;
  std::string bytes_;  // kept for its memory
};

topology::ComponentType sample_type();
Result<StagePtr> make_sample(const MakeContext& context);

}  // namespace penstock
