// The choice of a search (models/retrieval.h): what was measured on the items goes in, the method comes out. Pure; costs
// are estimated from bytes read, not timed, so that the same model gets the same search everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock {

enum class RetrievalMethod {
  kScan,        // every item in full
  kNormSorted,  // models/top_k.h, exact
  kInt8,        // models/int8_index.h, exact
  kGraph,       // models/graph_index.h, approximate
};
/// `scan`, `norm_sorted`, `int8`, `graph`.
std::string_view name_of(RetrievalMethod method);

struct RetrievalOptions {
  std::optional<RetrievalMethod> method = {};  // none: the planner chooses
  double latency_ms = 10;                      // declared for one search
};

/// The method, or `auto`.
std::string_view name_of(const RetrievalOptions& options);
/// Options with this method; `auto`, and any other name, leaves it to the planner.
RetrievalOptions retrieval_options(std::string_view method, double latency_ms);

struct RetrievalMeasures {
  int64_t items = 0;
  int width = 0;             // numbers a row
  double scanned_share = 1;  // of the items, before the norms' bound stops a search
  double scored_share = 0;   // of the items, in full, by norm
};

/// Milliseconds of one search on one core, about.
double expected_ms(RetrievalMethod method, const RetrievalMeasures& measures);
/// The quickest of the exact methods.
RetrievalMethod quickest_exact(const RetrievalMeasures& measures);
/// That, or the graph where it alone meets the declared latency.
RetrievalMethod plan_retrieval(const RetrievalMeasures& measures, const RetrievalOptions& options);

}  // namespace penstock
