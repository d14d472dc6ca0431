#include "models/retrieval_plan.h"

#include <algorithm>
#include <cmath>

#include "models/kernels.h"

namespace penstock {
namespace {

// Of one core of a present-day server whose catalogue does not fit its caches (bench/top_k).
constexpr double kMsPerByte = 0.075e-6;
constexpr double kMsPerJump = 100e-6;  // to a row somewhere in memory
constexpr double kJumpsOfGraph = 50;   // for each doubling of the items
constexpr double kMsPerSearch = 0.002;

}  // namespace

std::string_view name_of(RetrievalMethod method) {
  switch (method) {
    case RetrievalMethod::kScan: return "scan";
    case RetrievalMethod::kNormSorted: return "norm_sorted";
    case RetrievalMethod::kInt8: return "int8";
    case RetrievalMethod::kGraph: return "graph";
  }
  return "scan";
}

std::string_view name_of(const RetrievalOptions& options) { return options.method ? name_of(*options.method) : "auto"; }

RetrievalOptions retrieval_options(std::string_view method, double latency_ms) {
  RetrievalOptions options{.latency_ms = latency_ms};
  for (const RetrievalMethod each :
       {RetrievalMethod::kScan, RetrievalMethod::kNormSorted, RetrievalMethod::kInt8, RetrievalMethod::kGraph}) {
    if (name_of(each) == method)
      options.method = each;
  }
  return options;
}

double expected_ms(RetrievalMethod method, const RetrievalMeasures& measures) {
  const auto items = static_cast<double>(measures.items);
  const double row = measures.width * sizeof(float);
  switch (method) {
    case RetrievalMethod::kScan: return items * row * kMsPerByte;
    case RetrievalMethod::kNormSorted:
      return kMsPerSearch + items * measures.scanned_share * (Kernels::kHead + 1) * sizeof(float) * kMsPerByte +
             items * measures.scored_share * (kMsPerJump + row * kMsPerByte);
    case RetrievalMethod::kInt8:
      return kMsPerSearch + items * measures.scanned_share * (measures.width + 2 * sizeof(float)) * kMsPerByte;
    case RetrievalMethod::kGraph:
      return kJumpsOfGraph * std::log2(std::max(items, 2.0)) * (kMsPerJump + row * kMsPerByte);
  }
  return 0;
}

RetrievalMethod quickest_exact(const RetrievalMeasures& measures) {
  RetrievalMethod best = RetrievalMethod::kScan;
  for (const RetrievalMethod method : {RetrievalMethod::kNormSorted, RetrievalMethod::kInt8}) {
    if (expected_ms(method, measures) < expected_ms(best, measures))
      best = method;
  }
  return best;
}

RetrievalMethod plan_retrieval(const RetrievalMeasures& measures, const RetrievalOptions& options) {
  if (options.method)
    return *options.method;
  const RetrievalMethod exact = quickest_exact(measures);
  const double exact_ms = expected_ms(exact, measures);
  const bool graph = exact_ms > options.latency_ms && expected_ms(RetrievalMethod::kGraph, measures) < exact_ms;
  return graph ? RetrievalMethod::kGraph : exact;
}

}  // namespace penstock
