#include "models/tuning.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/nearest.h"
#include "core/random.h"
#include "models/gaussian_process.h"

namespace penstock {
namespace {

using Kind = ModelParameter::Kind;

constexpr size_t kSpread = 6;  // trials at random before the process is asked, at least
constexpr int kCandidates = 600;

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::vector<std::string> parts_of(std::string_view text, char by) {
  std::vector<std::string> out(1);
  for (const char c : text)
    c == by ? (void)out.emplace_back() : out.back().push_back(c);
  return out;
}

std::string shown(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), value, std::chars_format::general, 4).ptr};
}

const std::string* find(const ParameterValues& values, std::string_view name) {
  for (const auto& [known, value] : values)
    if (known == name)
      return &value;
  return nullptr;
}

Result<const ModelParameter*> parameter_of(const ModelType& type, std::string_view name) {
  std::vector<std::string> known;
  for (const ModelParameter& parameter : type.parameters) {
    if (parameter.name == name)
      return &parameter;
    known.emplace_back(parameter.name);
  }
  const auto meant = nearest(name, known);
  return invalid_argument("model type " + std::string(type.name) + " has no parameter `" + std::string(name) + "`" +
                          (meant ? "; did you mean `" + *meant + "`?" : ""));
}

// Says how an answer is found, not what is learnt.
bool is_about_search(std::string_view name) {
  return name.starts_with("retrieval") || name.starts_with("latency") || name == "threads";
}

Result<TuneRange> choices_of(const ModelParameter& parameter, const std::string& text) {
  TuneRange range{std::string(parameter.name), parameter.kind};
  std::vector<std::string> allowed(parameter.choices.begin(), parameter.choices.end());
  if (parameter.kind == Kind::kBool)
    allowed = {"false", "true"};
  for (const std::string& part : parts_of(text, '|')) {
    if (std::ranges::find(allowed, part) == allowed.end()) {
      std::string list;
      for (const std::string& each : allowed)
        list += (list.empty() ? "" : "|") + each;
      std::string message = range.name;
      message.append(" cannot be `").append(part).append("`; write ").append(range.name).append("=").append(list);
      return invalid_argument(std::move(message));
    }
    range.choices.push_back(part);
  }
  return range;
}

}  // namespace

Result<TuneRange> parse_range(const ModelType& type, std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    return invalid_argument("a range is written name=low:high, name=low:high:log or name=one|other, not `" +
                            std::string(text) + "`");
  PENSTOCK_ASSIGN(const ModelParameter* parameter, parameter_of(type, text.substr(0, equals)));
  const std::string given(text.substr(equals + 1));
  if (parameter->kind == Kind::kBool || parameter->kind == Kind::kChoice)
    return choices_of(*parameter, given);
  const std::vector<std::string> parts = parts_of(given, ':');
  TuneRange range{std::string(parameter->name), parameter->kind};
  const auto low = parse_number(parts[0]), high = parse_number(parts.size() > 1 ? parts[1] : "");
  const bool log = parts.size() == 3 && parts[2] == "log";
  if (!low || !high || !(*low < *high) || (parts.size() != 2 && !log))
    return invalid_argument(range.name + " is a number: write " + range.name + "=low:high or " + range.name +
                            "=low:high:log, not `" + given + "`");
  if (*low < parameter->minimum || *high > parameter->maximum)
    return invalid_argument(range.name + " must be from " + shown(parameter->minimum) + " to " +
                            shown(parameter->maximum));
  if (log && *low <= 0)
    return invalid_argument(range.name + ": a logarithmic range must begin above 0");
  range.low = *low;
  range.high = *high;
  range.log = log;
  return range;
}

std::vector<TuneRange> default_ranges(const ModelType& type, const ParameterValues& start) {
  std::vector<TuneRange> out;
  for (const ModelParameter& parameter : type.parameters) {
    if ((parameter.kind != Kind::kInteger && parameter.kind != Kind::kNumber) || is_about_search(parameter.name))
      continue;
    const std::string* given = find(start, parameter.name);
    const double centre = parse_number(given != nullptr ? *given : parameter.default_value).value_or(0);
    TuneRange range{std::string(parameter.name), parameter.kind};
    const double factor = parameter.kind == Kind::kInteger ? 4 : 10;
    range.log = centre > 0;
    range.low = std::max(parameter.minimum, range.log ? centre / factor : 0);
    range.high = std::min(parameter.maximum, range.log ? centre * factor : 1);
    if (parameter.kind == Kind::kInteger) {
      range.low = std::ceil(range.low);
      range.high = std::floor(range.high);
    }
    if (range.low < range.high)
      out.push_back(std::move(range));
  }
  return out;
}

Tuner::Point Tuner::to_point(const ParameterValues& values) const {
  Point point;
  for (const TuneRange& range : ranges_) {
    const std::string* given = find(values, range.name);
    const std::string text = given == nullptr ? "" : *given;
    double place = 0.5;
    if (!range.choices.empty()) {
      const auto at = std::ranges::find(range.choices, text) - range.choices.begin();
      place = (static_cast<double>(at) + 0.5) / static_cast<double>(range.choices.size());
    } else if (const auto value = parse_number(text)) {
      place = range.log ? std::log(std::max(*value, 1e-300) / range.low) / std::log(range.high / range.low)
                        : (*value - range.low) / (range.high - range.low);
    }
    point.push_back(std::clamp(place, 0.0, 1.0));
  }
  return point;
}

ParameterValues Tuner::to_values(const Point& point) const {
  ParameterValues out;
  for (size_t i = 0; i < ranges_.size(); ++i) {
    const TuneRange& range = ranges_[i];
    if (!range.choices.empty()) {
      const auto at = static_cast<size_t>(point[i] * static_cast<double>(range.choices.size()));
      out.emplace_back(range.name, range.choices[std::min(at, range.choices.size() - 1)]);
      continue;
    }
    double value = range.log ? range.low * std::pow(range.high / range.low, point[i])
                             : range.low + point[i] * (range.high - range.low);
    value = std::clamp(value, range.low, range.high);
    out.emplace_back(range.name, range.kind == Kind::kInteger ? std::to_string(std::llround(value)) : shown(value));
  }
  return out;
}

Tuner::Point Tuner::most_promising(std::span<const Trial> trials, uint64_t seed) const {
  std::vector<Point> points;
  std::vector<double> values;
  size_t best = 0;
  for (size_t i = 0; i < trials.size(); ++i) {
    points.push_back(to_point(trials[i].parameters));
    values.push_back(trials[i].value);
    if (trials[i].value > trials[best].value)
      best = i;
  }
  const Point top = points[best];
  const GaussianProcess process(std::move(points), values);
  Random random(seed);
  Point chosen;
  double most = -1;
  for (int i = 0; i < kCandidates; ++i) {
    Point point;
    for (const double centre : top)  // a third of them near the best
      point.push_back(i % 3 == 0 ? std::clamp(centre + 0.1 * random.normal(), 0.0, 1.0) : random.uniform());
    const ParameterValues values_there = to_values(point);
    if (std::ranges::any_of(trials, [&](const Trial& trial) { return trial.parameters == values_there; }))
      continue;
    const double gain = expected_improvement(process.at(to_point(values_there)), values[best]);
    if (gain > most) {
      most = gain;
      chosen = std::move(point);
    }
  }
  return chosen.empty() ? top : chosen;
}

ParameterValues Tuner::suggest(std::span<const Trial> trials) const {
  if (trials.empty())
    return to_values(to_point(start_));
  const uint64_t seed = splitmix64(seed_ + 0x9e3779b9ULL * trials.size());
  if (search_ == Search::kBayesian && trials.size() > std::max(kSpread, 2 * ranges_.size()))
    return to_values(most_promising(trials, seed));
  Random random(seed);
  Point point;
  for (size_t i = 0; i < ranges_.size(); ++i)
    point.push_back(random.uniform());
  return to_values(point);
}

}  // namespace penstock
