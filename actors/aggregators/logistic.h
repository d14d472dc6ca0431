// Online model `logistic`: the probability of a refund, a failure, a click. Learns each row of its input as it comes
// (models/ftrl.h), measures itself on each before it learns it, and makes its probabilities honest (models/calibration.h).
// Its state is the model: it is committed with the position in the log like any aggregator's, so each row counts once
// whatever crashes. Threads and life as in aggregator.h; one worker. Rows of several partitions come in no fixed order, and
// the order moves the weights a little.
//
//   table key   := 'm' | 'w' bucket:u32 (big endian)
//   m value     := version:u8 (1)  shape:u64  rows:u64  (count mean squares: f64 × 3 for each feature)  calibration
//   w value     := version:u8 (1)  z:f32 n:f32
// Numbers of values are little-endian; the shape is a hash of the declared features and of the number of buckets.
#pragma once

#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "actors/aggregators/prediction_reader.h"
#include "actors/aggregators/predictor.h"
#include "actors/components.h"
#include "models/ftrl.h"

namespace penstock {

class Logistic final : public Predictor {
 public:
  Logistic(PredictionReader reader, const FtrlParameters& parameters, double window);

  Status open(StoredKeys stored, MemoryShare share) override;
  Status process(const BatchPtr& batch, StageOutput& out) override;
  Status restore(std::string_view key, std::string_view value) override;
  Status end_epoch(StageOutput& out) override;
  /// No key; the one row says what was learnt.
  Result<BatchPtr> lookup(const std::vector<std::string>& key) const override;
  Result<BatchPtr> read_all(size_t limit) const override;
  size_t keys() const override;
  size_t memory() const override;

  Result<Prediction> predict(const PredictionRow& row, bool contributions) const override;
  Learnt learnt() const override;

 private:
  static constexpr char kVersion = 1;
  uint64_t shape() const;
  void inputs_of(std::span<const PredictionValue> values, std::vector<FtrlInput>& out);
  void touch(uint32_t bucket);

  const PredictionReader reader_;
  mutable std::shared_mutex mutex_;
  PredictionEncoder encoder_;
  Ftrl ftrl_;
  OnlineCalibration calibration_;
  uint64_t rows_ = 0;

  std::vector<bool> is_touched_;  // by bucket: changed since the last end_epoch
  std::vector<uint32_t> touched_;
  std::vector<Feature> features_;  // of the row at hand; kept for their memory
  std::vector<FtrlInput> inputs_;
};

topology::ComponentType logistic_type();
Result<std::unique_ptr<Aggregator>> make_logistic(const MakeContext& context);

/// As declared; for whoever learns the same outside a node.
FtrlParameters ftrl_parameters(const topology::Component& model);

}  // namespace penstock
