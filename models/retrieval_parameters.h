// The hyper-parameters `retrieval` and `latency_ms`, which every model that searches factors declares, last of its own.
#pragma once

#include <string>
#include <utility>

#include "models/parameter_values.h"
#include "models/registry.h"
#include "models/retrieval_plan.h"

namespace penstock {

inline ModelParameter retrieval_parameter() {
  return {"retrieval",
          ModelParameter::Kind::kChoice,
          "auto",
          0,
          0,
          {"auto", "scan", "norm_sorted", "int8", "graph"},
          "How the best items are found; all but the graph are exact."};
}
inline ModelParameter latency_parameter() {
  return {"latency_ms",
          ModelParameter::Kind::kNumber,
          "10",
          1e-3,
          1e6,
          {},
          "Milliseconds a search may take; `auto` takes the graph only where exact search takes longer."};
}
inline RetrievalOptions retrieval_from(const ParameterValues& values) {
  return retrieval_options(value_of(values, "retrieval"), number(values, "latency_ms"));
}
/// Their values, for Model::parameters().
inline void append_parameters(const RetrievalOptions& options,
                              std::vector<std::pair<std::string, std::string>>& parameters) {
  parameters.emplace_back("retrieval", name_of(options));
  parameters.emplace_back("latency_ms", parameter_text(static_cast<float>(options.latency_ms)));
}

}  // namespace penstock
