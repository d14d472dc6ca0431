// Prometheus' text format 0.0.4 as a node writes it, as numbers by name and labels. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::cli {

struct MetricPoint {
  std::map<std::string, std::string, std::less<>> labels;
  double value = 0;

  std::string_view label(std::string_view name) const {
    const auto found = labels.find(name);
    return found == labels.end() ? std::string_view() : std::string_view(found->second);
  }
};

class MetricsText {
 public:
  MetricsText() = default;
  /// Lines that it cannot read are passed over.
  explicit MetricsText(std::string_view text);

  const std::vector<MetricPoint>& points(std::string_view name) const;
  /// The sum over the points with these labels (a part of each point's own).
  double sum(std::string_view name, const std::map<std::string, std::string>& labels = {}) const;
  /// The largest of them; 0 if there are none.
  double largest(std::string_view name, const std::map<std::string, std::string>& labels = {}) const;

 private:
  std::map<std::string, std::vector<MetricPoint>, std::less<>> points_;
};

}  // namespace penstock::cli
