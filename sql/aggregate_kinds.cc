#include "sql/aggregate_kinds.h"

#include <algorithm>
#include <cmath>

#include "core/units.h"
#include "sql/time_fields.h"

namespace penstock::sql {
namespace {

using Form = AggregateForm;
using States = std::unique_ptr<AggregateStates>;

constexpr size_t kMostTop = 1000;

bool any_type(const Form& form) { return !form.distinct || form.value != Type::kJson; }
bool number(const Form& form) { return form.value == Type::kInt64 || form.value == Type::kFloat64; }
bool ordered(const Form& form) { return form.value != Type::kJson && form.value != Type::kBool; }
bool nameable(const Form& form) {
  return form.value == Type::kString || form.value == Type::kInt64 || form.value == Type::kBool;
}
bool comparable(const Form& form) { return form.value != Type::kJson; }
bool number_and_time(const Form& form) { return number(form) && form.order == Type::kTimestamp; }
bool time(const Form& form) { return form.value == Type::kTimestamp; }

Type same(const Form& form) { return form.value; }
Type int64(const Form&) { return Type::kInt64; }
Type float64(const Form&) { return Type::kFloat64; }
Type json(const Form&) { return Type::kJson; }

States count(const Form& form) { return form.distinct ? make_distinct_states(form.value) : make_count_states(); }
template <bool kLast>
States pick(const Form& form) {
  return make_pick_states(form.value, form.order, kLast != form.descending, kLast);
}
template <bool kGreatest>
States extreme(const Form& form) {
  return make_extreme_states(form.value, kGreatest);
}
template <bool kSample, bool kRoot>
States spread(const Form& form) {
  return make_variance_states(form.value, {kSample, kRoot});
}
template <bool kCount>
States decayed(const Form& form) {
  return make_decayed_states(kCount, static_cast<int64_t>(form.constant));
}

constexpr std::string_view kNumbers = "it takes int64 and float64";

const AggregateKind kKinds[] = {
    {"approx_count_distinct", "x", 1, Constant::kNone, true, comparable, "", int64,
     [](const Form&) { return make_approx_distinct_states(); }},
    {"approx_percentile", "x, fraction", 1, Constant::kFraction, false, number, kNumbers, float64,
     [](const Form& form) { return make_quantile_states(form.constant); }},
    {"avg", "x", 1, Constant::kNone, false, number, kNumbers, float64,
     [](const Form& form) { return make_average_states(form.value); }},
    {"count", "x", 1, Constant::kNone, true, any_type, "", int64, count},
    {"count_by", "x", 1, Constant::kNone, true, nameable, "it takes string, int64 and bool", json,
     [](const Form&) { return make_count_by_states(); }},
    {"decayed_count", "at, half-life", 1, Constant::kHalfLife, true, time, "it takes a timestamp and a half-life",
     float64, decayed<true>},
    {"decayed_sum", "x, at, half-life", 2, Constant::kHalfLife, false, number_and_time,
     "it takes int64 or float64, a timestamp and a half-life", float64, decayed<false>},
    {"first", "x", 1, Constant::kNone, false, any_type, "", same, pick<false>},
    {"last", "x", 1, Constant::kNone, false, any_type, "", same, pick<true>},
    {"max", "x", 1, Constant::kNone, false, ordered, "", same, extreme<true>},
    {"median", "x", 1, Constant::kNone, false, number, kNumbers, float64,
     [](const Form&) { return make_quantile_states(0.5); }},
    {"min", "x", 1, Constant::kNone, false, ordered, "", same, extreme<false>},
    {"stddev", "x", 1, Constant::kNone, false, number, kNumbers, float64, spread<true, true>},
    {"stddev_pop", "x", 1, Constant::kNone, false, number, kNumbers, float64, spread<false, true>},
    {"stddev_samp", "x", 1, Constant::kNone, false, number, kNumbers, float64, spread<true, true>},
    {"sum", "x", 1, Constant::kNone, false, number, kNumbers, same,
     [](const Form& form) { return make_sum_states(form.value); }},
    {"top_k", "x, count", 1, Constant::kCount, false, comparable, "", json,
     [](const Form& form) { return make_top_k_states(form.value, static_cast<size_t>(form.constant)); }},
    {"var_pop", "x", 1, Constant::kNone, false, number, kNumbers, float64, spread<false, false>},
    {"var_samp", "x", 1, Constant::kNone, false, number, kNumbers, float64, spread<true, false>},
    {"variance", "x", 1, Constant::kNone, false, number, kNumbers, float64, spread<true, false>},
};

std::optional<double> number_of(const Ast& ast) {
  if (ast.kind == Ast::Kind::kInt)
    return static_cast<double>(ast.integer);
  if (ast.kind == Ast::Kind::kFloat)
    return ast.number;
  if (ast.kind == Ast::Kind::kCall && ast.name == "neg" && ast.args.size() == 1)
    if (const auto inner = number_of(ast.args[0]))
      return -*inner;
  return std::nullopt;
}

// `1h` as durations are written in topologies, or `interval '1 hour'` (of months nobody knows the length).
std::optional<double> half_life_of(const Ast& ast) {
  if (ast.kind == Ast::Kind::kString) {
    const auto duration = parse_duration(ast.name);
    return duration.ok() ? std::optional(static_cast<double>(duration->micros)) : std::nullopt;
  }
  const bool interval =
      ast.kind == Ast::Kind::kCast && ast.name == "interval" && ast.args[0].kind == Ast::Kind::kString;
  const auto parsed = interval ? parse_interval(ast.args[0].name) : std::nullopt;
  if (!parsed || parsed->months != 0)
    return std::nullopt;
  return static_cast<double>(parsed->days) * 86400e6 + static_cast<double>(parsed->micros);
}

}  // namespace

std::span<const AggregateKind> aggregate_kinds() { return kKinds; }

const AggregateKind* aggregate_kind(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& kind) { return kind.name == name; });
  return found == std::end(kKinds) ? nullptr : found;
}

Checked<double> read_constant(const AggregateKind& kind, const Ast& ast) {
  const std::string name(kind.name);
  const auto number = number_of(ast);
  switch (kind.constant) {
    case Constant::kFraction:
      if (number && *number >= 0 && *number <= 1)
        return *number;
      return Problem{ast.offset, "the second argument of " + name + " must be a constant from 0 to 1",
                     "such as 0.95 for the 95th percentile"};
    case Constant::kCount:
      if (number && *number >= 1 && *number <= kMostTop && *number == std::floor(*number))
        return *number;
      return Problem{
          ast.offset,
          "the second argument of " + name + " must be a constant whole number from 1 to " + std::to_string(kMostTop),
          "it is how many values are kept"};
    default: {
      const auto half_life = half_life_of(ast);
      if (half_life && *half_life >= 1 && *half_life <= 0x1p53)
        return *half_life;
      return Problem{ast.offset, "the last argument of " + name + " must be a constant duration above 0",
                     "write it as '1h' or interval '1 hour'; a weight halves in that time"};
    }
  }
}

}  // namespace penstock::sql
