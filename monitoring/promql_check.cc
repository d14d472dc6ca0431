#include "monitoring/promql_check.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <vector>

#include "core/nearest.h"

namespace penstock::monitoring {
namespace {

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':'; }

/// A metric by the name under which its samples are exposed.
struct Exposed {
  const MetricInfo* metric = nullptr;
  std::string suffix;  // of a histogram: _bucket, _sum, _count
};

std::optional<Exposed> find_exposed(std::string_view name) {
  for (const MetricInfo& metric : metric_list()) {
    if (name == metric.name)
      return Exposed{&metric, ""};
    if (metric.type == MetricType::kHistogram && name.starts_with(metric.name))
      for (const char* suffix : {"_bucket", "_sum", "_count"})
        if (name.substr(std::string_view(metric.name).size()) == suffix)
          return Exposed{&metric, suffix};
  }
  return std::nullopt;
}

bool has_label(const Exposed& exposed, std::string_view label) {
  static const std::vector<std::string_view> everywhere = {"topology", "instance", "job"};
  static const std::vector<std::string_view> component = {"component_id", "component_kind", "component_type"};
  const auto is_in = [&](const auto& list) {
    return std::any_of(list.begin(), list.end(), [&](const auto& one) { return one == label; });
  };
  const auto& more = exposed.metric->more;
  return is_in(everywhere) || (exposed.metric->component && is_in(component)) ||
         (exposed.suffix == "_bucket" && label == "le") ||
         std::any_of(more.begin(), more.end(), [&](const char* one) { return one != nullptr && label == one; });
}

/// Reads an expression word by word. What is between quotes is passed over.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Status read(std::set<Metric>* metrics) {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        at_ = text_.find('"', at_ + 1);
        if (at_ == std::string_view::npos)
          return wrong("a quote that is not closed");
      } else if (c == '(' || c == '{' || c == '[') {
        open_.push_back(c == '(' ? ')' : c == '{' ? '}' : ']');
      } else if (c == ')' || c == '}' || c == ']') {
        if (open_.empty() || open_.back() != c)
          return wrong(std::string("`") + c + "` without its beginning");
        open_.pop_back();
      } else if (in_word(c) && (at_ == 0 || text_[at_ - 1] != '$')) {
        if (Status status = word(metrics); !status.ok())
          return status;
      }
    }
    return open_.empty() ? ok() : wrong(std::string("`") + open_.back() + "` is missing");
  }

 private:
  Status word(std::set<Metric>* metrics) {
    const size_t begin = at_;
    while (at_ + 1 < text_.size() && in_word(text_[at_ + 1]))
      ++at_;
    const std::string name(text_.substr(begin, at_ + 1 - begin));
    if (!open_.empty() && open_.back() == '}')
      return !last_ || has_label(*last_, name) ? ok() : wrong("`" + name + "` is no label of " + last_->metric->name);
    last_.reset();
    if (!name.starts_with("penstock_"))
      return ok();
    last_ = find_exposed(name);
    if (!last_)
      return unknown(name);
    if (metrics != nullptr)
      metrics->insert(last_->metric->metric);
    const MetricType type = last_->metric->type;
    if (type == MetricType::kHistogram && last_->suffix.empty())
      return wrong("`" + name + "` is a histogram: _bucket, _sum or _count of it");
    const std::string_view before = text_.substr(0, begin);
    if (type == MetricType::kGauge && (before.ends_with("rate(") || before.ends_with("increase(")))
      return wrong("`" + name + "` is a gauge, which has no rate");
    return ok();
  }

  Status unknown(const std::string& name) const {
    std::vector<std::string> names;
    for (const MetricInfo& metric : metric_list())
      names.emplace_back(metric.name);
    const auto meant = nearest(name, names);
    return wrong("nothing exposes `" + name + "`" + (meant ? "; did you mean `" + *meant + "`?" : ""));
  }

  Status wrong(const std::string& what) const { return invalid_argument(what + ", in: " + std::string(text_)); }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<char> open_;       // the ends that are due
  std::optional<Exposed> last_;  // whose labels come next
};

}  // namespace

Status check_promql(std::string_view expression) { return Reader(expression).read(nullptr); }

std::set<Metric> metrics_in(std::string_view expression) {
  std::set<Metric> metrics;
  (void)Reader(expression).read(&metrics);
  return metrics;
}

}  // namespace penstock::monitoring
