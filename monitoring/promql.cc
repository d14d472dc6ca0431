#include "monitoring/promql.h"

#include <algorithm>
#include <cassert>
#include <charconv>

namespace penstock::monitoring {
namespace {

std::string name_of(Metric metric, [[maybe_unused]] MetricType type, const char* suffix = "") {
  assert(info(metric).type == type);
  return std::string(info(metric).name) + suffix;
}

std::string number(double value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

std::string aggregate(const char* operation, std::string_view labels, std::string_view expression) {
  std::string text = operation;
  if (!labels.empty())
    text += " by (" + std::string(labels) + ") ";
  return text + "(" + std::string(expression) + ")";
}

std::string with_bound(std::string_view labels) { return labels.empty() ? "le" : "le, " + std::string(labels); }

}  // namespace

PromQl::PromQl(std::string always, std::string range) : always_(std::move(always)), range_(std::move(range)) {}

std::string PromQl::select(const std::string& name, std::string_view where) const {
  std::string matchers = always_;
  if (!always_.empty() && !where.empty())
    matchers += ",";
  matchers += where;
  return matchers.empty() ? name : name + "{" + matchers + "}";
}

std::string PromQl::rate_of(const std::string& name, std::string_view where) const {
  return "rate(" + select(name, where) + "[" + range_ + "])";
}

std::string PromQl::value(Metric metric, std::string_view where) const {
  assert(info(metric).type != MetricType::kHistogram);
  return select(info(metric).name, where);
}

std::string PromQl::rate(Metric metric, std::string_view where) const {
  return rate_of(name_of(metric, MetricType::kCounter), where);
}

std::string PromQl::increase(Metric metric, std::string_view where) const {
  return "increase(" + select(name_of(metric, MetricType::kCounter), where) + "[" + range_ + "])";
}

std::string PromQl::quantile(double q, Metric metric, std::string_view by, std::string_view where) const {
  const std::string buckets = rate_of(name_of(metric, MetricType::kHistogram, "_bucket"), where);
  return "histogram_quantile(" + number(q) + ", " + sum_by(with_bound(by), buckets) + ")";
}

std::string PromQl::mean(Metric metric, std::string_view by, std::string_view where) const {
  return ratio(sum_by(by, rate_of(name_of(metric, MetricType::kHistogram, "_sum"), where)),
               sum_by(by, count_rate(metric, where)));
}

std::string PromQl::count_rate(Metric metric, std::string_view where) const {
  return rate_of(name_of(metric, MetricType::kHistogram, "_count"), where);
}

std::string PromQl::share_within(double bound, Metric metric, std::string_view by, std::string_view where) const {
  assert(std::find(latency_buckets().begin(), latency_buckets().end(), bound) != latency_buckets().end());
  const std::string below = "le=\"" + number(bound) + "\"" + (where.empty() ? "" : ",") + std::string(where);
  return ratio(sum_by(by, rate_of(name_of(metric, MetricType::kHistogram, "_bucket"), below)),
               sum_by(by, count_rate(metric, where)));
}

std::string PromQl::buckets(Metric metric, std::string_view where) const {
  const std::string name = name_of(metric, MetricType::kHistogram, "_bucket");
  return sum_by("le", "increase(" + select(name, where) + "[" + range_ + "])");
}

std::string PromQl::outside(std::string_view name, std::string_view where) const {
  return select(std::string(name), where);
}

std::string sum_by(std::string_view labels, std::string_view expression) {
  return aggregate("sum", labels, expression);
}
std::string max_by(std::string_view labels, std::string_view expression) {
  return aggregate("max", labels, expression);
}
std::string min_by(std::string_view labels, std::string_view expression) {
  return aggregate("min", labels, expression);
}

std::string ratio(std::string_view part, std::string_view whole) {
  return std::string(part) + " / (" + std::string(whole) + " > 0)";
}

}  // namespace penstock::monitoring
