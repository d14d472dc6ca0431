// The gate between a training and serving: the new version and the live one are measured on the same hold-out, the newest
// part of the data, and the new one passes if it is not worse by more than a margin. docs/decisions/0009.
//
// The new version is measured by a model with its hyper-parameters that never saw the hold-out. The live version
//   - as it is, if its data ended before the hold-out begins: that is what answers now;
//   - else by fitting its hyper-parameters without the hold-out too, on the same events: what it has learnt by heart must not
//     count. Where both have the same hyper-parameters that is the same measurement, and nothing is fitted twice.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/servers/serving.h"
#include "actors/trainers/life_cycle.h"
#include "models/evaluation.h"
#include "models/model.h"
#include "storage/model_repository.h"

namespace penstock {

struct GateVerdict {
  bool passed = true;
  std::string reason;
};

/// The comparison alone. `live` nothing: it could not be measured. `how`: in which way the live version was measured.
GateVerdict compare(const Gate& gate, double candidate, std::optional<double> live, uint64_t live_version,
                    const std::string& how);

/// Measures the live version on a hold-out, into `metrics` as `live.ndcg@10` and the like. Gives how. Requires:
/// `candidate` is the new one's own report on `data`. A version that cannot be measured any more is no error. Errors:
/// cancelled.
Result<std::string> measure_live(const Serving& live, const ModelVersion& version, const ModelReport& candidate,
                                 const SplitData& data, const EvaluateOptions& options, TrainingProgress& progress,
                                 std::vector<std::pair<std::string, double>>& metrics);

}  // namespace penstock
