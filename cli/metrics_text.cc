#include "cli/metrics_text.h"

#include <algorithm>
#include <cstdlib>

namespace penstock::cli {
namespace {

bool has(const MetricPoint& point, const std::map<std::string, std::string>& labels) {
  return std::ranges::all_of(labels, [&](const auto& label) { return point.label(label.first) == label.second; });
}

// `a="x",b="y"}`, from behind the brace. Gives what follows the closing brace, or nothing if there is none.
std::string_view read_labels(std::string_view text, MetricPoint& out) {
  while (!text.empty() && text.front() != '}') {
    const size_t equals = text.find("=\"");
    if (equals == std::string_view::npos)
      return {};
    std::string& value = out.labels[std::string(text.substr(0, equals))];
    text.remove_prefix(equals + 2);
    while (!text.empty() && text.front() != '"') {
      if (text.front() == '\\' && text.size() > 1) {
        text.remove_prefix(1);
        value += text.front() == 'n' ? '\n' : text.front();
      } else {
        value += text.front();
      }
      text.remove_prefix(1);
    }
    text.remove_prefix(std::min<size_t>(1, text.size()));
    if (text.starts_with(','))
      text.remove_prefix(1);
  }
  return text.empty() ? text : text.substr(1);
}

}  // namespace

MetricsText::MetricsText(std::string_view text) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const size_t name_end = line.find_first_of("{ ");
    if (line.starts_with('#') || name_end == std::string_view::npos)
      continue;
    MetricPoint point;
    const std::string_view rest =
        line[name_end] == '{' ? read_labels(line.substr(name_end + 1), point) : line.substr(name_end);
    if (rest.empty())
      continue;
    point.value = std::strtod(std::string(rest).c_str(), nullptr);
    points_[std::string(line.substr(0, name_end))].push_back(std::move(point));
  }
}

const std::vector<MetricPoint>& MetricsText::points(std::string_view name) const {
  static const std::vector<MetricPoint> none;
  const auto found = points_.find(name);
  return found == points_.end() ? none : found->second;
}

double MetricsText::sum(std::string_view name, const std::map<std::string, std::string>& labels) const {
  double sum = 0;
  for (const MetricPoint& point : points(name))
    sum += has(point, labels) ? point.value : 0;
  return sum;
}

double MetricsText::largest(std::string_view name, const std::map<std::string, std::string>& labels) const {
  double largest = 0;
  for (const MetricPoint& point : points(name))
    if (has(point, labels))
      largest = std::max(largest, point.value);
  return largest;
}

}  // namespace penstock::cli
