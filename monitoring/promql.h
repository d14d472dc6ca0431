// How an expression of a dashboard or an alert names what the node exposes: by the Metric, never by its name, so that a
// metric that is renamed is renamed there too, and one that is removed does not compile. Values, no state.
//   const PromQl here("topology=~\"$topology\"", "$__rate_interval");
//   sum_by("component_id", here.rate(Metric::kReceivedEvents, "component_kind=\"stage\""))
// Source: https://prometheus.io/docs/prometheus/latest/querying/basics/
#pragma once

#include <string>
#include <string_view>

#include "monitoring/metrics.h"

namespace penstock::monitoring {

class PromQl {
 public:
  /// `always`: matchers that every selector carries, may be empty; `range`: over which rates are taken, such as `5m`.
  PromQl(std::string always, std::string range);

  /// The same with another range.
  PromQl over(std::string range) const { return {always_, std::move(range)}; }

  // `where`: further matchers, such as component_id=~"$component",state="busy". Each gives one series a label set.

  /// The value as it stands. Requires: not a histogram.
  std::string value(Metric metric, std::string_view where = {}) const;
  /// Growth a second. Requires: a counter.
  std::string rate(Metric metric, std::string_view where = {}) const;
  /// Growth over the range. Requires: a counter.
  std::string increase(Metric metric, std::string_view where = {}) const;

  // Of histograms, over the range; `by`: labels that tell the results apart, such as `route`; empty: one result.

  /// The value below which a share `q` of the observations lies.
  std::string quantile(double q, Metric metric, std::string_view by = {}, std::string_view where = {}) const;
  std::string mean(Metric metric, std::string_view by = {}, std::string_view where = {}) const;
  /// Observations a second; not summed.
  std::string count_rate(Metric metric, std::string_view where = {}) const;
  /// The share of the observations that are at most `bound`. Requires: one of latency_buckets().
  std::string share_within(double bound, Metric metric, std::string_view by = {}, std::string_view where = {}) const;

  /// How many observations fell into each bucket, by `le`: for a heatmap.
  std::string buckets(Metric metric, std::string_view where = {}) const;

  /// A metric that is not of metric_list(): process_*, up.
  std::string outside(std::string_view name, std::string_view where = {}) const;

 private:
  std::string select(const std::string& name, std::string_view where) const;
  std::string rate_of(const std::string& name, std::string_view where) const;

  std::string always_;
  std::string range_;
};

/// `sum by (labels) (expression)`; without labels `sum(expression)`. The others alike.
std::string sum_by(std::string_view labels, std::string_view expression);
std::string max_by(std::string_view labels, std::string_view expression);
std::string min_by(std::string_view labels, std::string_view expression);

/// `part / whole`, with nothing where the whole is 0. Both must carry the same labels.
std::string ratio(std::string_view part, std::string_view whole);

}  // namespace penstock::monitoring
