#include "core/nearest.h"
#include "sql/bind.h"
#include "sql/time_fields.h"

namespace penstock::sql {
namespace {

bool is_interval(const Ast& ast) { return ast.kind == Ast::Kind::kCast && ast.name == "interval"; }

NodePtr number(int64_t value) {
  return std::make_shared<ConstantNode>(Type::kInt64, ConstantNode::Value{.integer = value, .text = {}});
}

}  // namespace

// What only timestamps have; nothing if the call is not about time.
std::optional<Binder::Bound> Binder::time_call(const Ast& ast) {
  const bool sum = ast.name == "+" && ast.args.size() == 2;
  const bool difference = ast.name == "-" && ast.args.size() == 2;
  if (difference && is_interval(ast.args[1]))
    return shifted(ast, ast.args[1], ast.args[0]);
  if (sum && (is_interval(ast.args[0]) || is_interval(ast.args[1])))
    return is_interval(ast.args[1]) ? shifted(ast, ast.args[1], ast.args[0]) : shifted(ast, ast.args[0], ast.args[1]);
  if (ast.name == "extract" || ast.name == "date_part" || ast.name == "date_trunc")
    return time_field(ast);
  if (difference) {
    auto args = all(ast.args);
    if (!args)
      return Bound{};
    const bool left = (*args)[0].type() == Type::kTimestamp;
    const bool right = (*args)[1].type() == Type::kTimestamp;
    if ((left && (right || (*args)[1].unknown)) || (right && (*args)[0].unknown))
      return fail(ast.offset, "the difference of two timestamps is an interval, which is not supported",
                  "extract(epoch FROM a - b) gives it in seconds");
    return resolve(ast.offset, "-", std::move(*args));
  }
  return std::nullopt;
}

Binder::Bound Binder::shifted(const Ast& ast, const Ast& interval, const Ast& moment) {
  if (interval.args[0].kind != Ast::Kind::kString)
    return fail(interval.offset, "an interval must be a constant in quotes", "write interval '5 minutes'");
  auto by = parse_interval(interval.args[0].name);
  if (!by)
    return fail(interval.args[0].offset, "\"" + interval.args[0].name + "\" is not an interval",
                "write it as '1 day 2 hours' or '00:30:00'");
  Bound at = any(moment);
  if (problem_)
    return {};
  if (at.unknown)
    at = convert(at, Type::kTimestamp);
  if (problem_)
    return {};
  if (at.type() != Type::kTimestamp)
    return fail(
        ast.offset,
        "an interval can only be added to or subtracted from a timestamp, not a " + std::string(type_name(at.type())),
        "cast it with ::timestamp");
  const int64_t sign = ast.name == "-" ? -1 : 1;
  return resolve(ast.offset, "shift by",
                 {at,
                  {number(sign * by->months), ast.offset, false},
                  {number(sign * by->days), ast.offset, false},
                  {number(sign * by->micros), ast.offset, false}});
}

// extract(field FROM moment), date_part('field', moment), date_trunc('field', moment)
Binder::Bound Binder::time_field(const Ast& ast) {
  if (ast.args.size() != 2)
    return fail(ast.offset, ast.name + " takes a field and a timestamp", "write " + ast.name + "('hour', at)");
  const Ast& name = ast.args[0];
  if (name.kind != Ast::Kind::kString)
    return fail(name.offset, "the field of " + ast.name + " must be a constant", "write " + ast.name + "('hour', at)");
  const bool truncates = ast.name == "date_trunc";
  const auto field = parse_time_field(name.name);
  if (!field || (truncates && !can_truncate(*field))) {
    static const std::vector<std::string> kNames = {"microseconds", "milliseconds", "second",    "minute",  "hour",
                                                    "day",          "week",         "month",     "quarter", "year",
                                                    "decade",       "century",      "millennium"};
    const auto near = field ? std::nullopt : nearest(name.name, kNames);
    return fail(name.offset, ast.name + " has no field \"" + name.name + "\"",
                near ? "did you mean " + *near + "?"
                     : "such as second, minute, hour, day, week, month, year" +
                           std::string(truncates ? "" : ", dow, doy, epoch"));
  }
  const Ast& moment = ast.args[1];
  // The one use of the difference of two timestamps that needs no interval.
  const bool difference =
      moment.kind == Ast::Kind::kCall && moment.name == "-" && moment.args.size() == 2 && !is_interval(moment.args[1]);
  if (*field == TimeField::kEpoch && difference) {
    auto args = all(moment.args);
    if (!args)
      return {};
    return resolve(ast.offset, "seconds between", std::move(*args));
  }
  Bound at = any(moment);
  if (problem_)
    return {};
  return resolve(ast.offset, truncates ? "date_trunc field" : "extract field",
                 {{number(static_cast<int64_t>(*field)), name.offset, false}, at});
}

}  // namespace penstock::sql
