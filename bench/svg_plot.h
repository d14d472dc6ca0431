// Lines over two logarithmic axes as an SVG file that stands alone.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace penstock::bench {

struct PlotLine {
  std::string name;
  std::vector<std::pair<double, double>> points;  // over 0
};

struct Plot {
  std::string title, x_axis, y_axis;
  std::vector<PlotLine> lines;
};

/// Requires: a line with a point.
std::string to_svg(const Plot& plot);

}  // namespace penstock::bench
