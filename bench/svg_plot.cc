#include "bench/svg_plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace penstock::bench {
namespace {

constexpr double kWidth = 760, kHeight = 460, kLeft = 80, kRight = 170, kTop = 50, kBottom = 60;
constexpr const char* kColors[] = {"#1b6ca8", "#c8553d", "#3a7d44", "#7a4e9e", "#b8860b"};

// One axis: whole powers of ten around its values.
struct Axis {
  int low = 99, high = -99;  // exponents
  double from, to;           // places of `low` and `high`

  void include(double value) {
    low = std::min(low, static_cast<int>(std::floor(std::log10(value) + 1e-9)));
    high = std::max(high, static_cast<int>(std::ceil(std::log10(value) - 1e-9)));
  }
  double place(double value) const { return from + (to - from) * (std::log10(value) - low) / std::max(1, high - low); }
};

template <class... Values>
void add(std::string& out, const char* format, Values... values) {
  char line[512];
  std::snprintf(line, sizeof(line), format, values...);
  out += line;
}

std::string number(int exponent) {
  constexpr const char* kNames[] = {
      "1", "10", "100", "1 thousand", "10 thousand", "100 thousand", "1 million", "10 million", "100 million"};
  if (exponent >= 0 && exponent <= 8)
    return kNames[exponent];
  char text[32];
  std::snprintf(text, sizeof(text), "%g", std::pow(10, exponent));
  return text;
}

}  // namespace

std::string to_svg(const Plot& plot) {
  Axis x{.from = kLeft, .to = kWidth - kRight}, y{.from = kHeight - kBottom, .to = kTop};
  for (const PlotLine& line : plot.lines) {
    for (const auto& [at, value] : line.points) {
      x.include(at);
      y.include(value);
    }
  }
  std::string out;
  add(out,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" font-family=\"sans-serif\" font-size=\"12\">\n",
      kWidth, kHeight);
  add(out, "<rect width=\"%g\" height=\"%g\" fill=\"white\"/>\n", kWidth, kHeight);
  add(out, "<text x=\"%g\" y=\"24\" font-size=\"15\">%s</text>\n", kLeft, plot.title.c_str());
  for (int exponent = x.low; exponent <= x.high; ++exponent) {
    const double place = x.place(std::pow(10, exponent));
    add(out, "<line x1=\"%.1f\" y1=\"%g\" x2=\"%.1f\" y2=\"%g\" stroke=\"#ddd\"/>\n", place, y.from, place, y.to);
    add(out, "<text x=\"%.1f\" y=\"%g\" text-anchor=\"middle\">%s</text>\n", place, y.from + 18,
        number(exponent).c_str());
  }
  for (int exponent = y.low; exponent <= y.high; ++exponent) {
    const double place = y.place(std::pow(10, exponent));
    add(out, "<line x1=\"%g\" y1=\"%.1f\" x2=\"%g\" y2=\"%.1f\" stroke=\"#ddd\"/>\n", x.from, place, x.to, place);
    add(out, "<text x=\"%g\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", x.from - 8, place + 4,
        number(exponent).c_str());
  }
  add(out, "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">%s</text>\n", (x.from + x.to) / 2, kHeight - 14,
      plot.x_axis.c_str());
  add(out, "<text x=\"18\" y=\"%g\" text-anchor=\"middle\" transform=\"rotate(-90 18 %g)\">%s</text>\n",
      (y.from + y.to) / 2, (y.from + y.to) / 2, plot.y_axis.c_str());
  for (size_t i = 0; i < plot.lines.size(); ++i) {
    const char* color = kColors[i % std::size(kColors)];
    const PlotLine& line = plot.lines[i];
    if (line.points.empty())
      continue;
    out += "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"" + std::string(color) + "\" points=\"";
    for (const auto& [at, value] : line.points)
      add(out, "%.1f,%.1f ", x.place(at), y.place(value));
    out += "\"/>\n";
    for (const auto& [at, value] : line.points)
      add(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", x.place(at), y.place(value), color);
    add(out, "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">%s</text>\n", x.to + 10, y.place(line.points.back().second) + 4,
        color, line.name.c_str());
  }
  return out + "</svg>\n";
}

}  // namespace penstock::bench
