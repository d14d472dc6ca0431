// Timestamp functions. date_trunc, extract and intervals come with their constants bound to numbers (bind_call.cc).
#include <cmath>

#include "sql/functions.h"
#include "sql/time_fields.h"

namespace penstock::sql {
namespace {

Vector truncate_time(const Call& call) {
  const auto field = static_cast<TimeField>(call.args[0].ints[0]);
  return map_all<int64_t, int64_t, int64_t>(
      call, [field](int64_t, int64_t micros) { return truncate(field, micros); }, Type::kTimestamp);
}

Vector extract_field(const Call& call) {
  const auto field = static_cast<TimeField>(call.args[0].ints[0]);
  return map_all<double, int64_t, int64_t>(call, [field](int64_t, int64_t micros) { return extract(field, micros); });
}

Vector shift_time(const Call& call) {
  const Interval by{call.args[1].ints[0], call.args[2].ints[0], call.args[3].ints[0]};
  return try_map<int64_t, int64_t>(
      {call.context, call.rows, call.args.first(1), call.validity},
      [by](int64_t micros, int64_t& out) -> const char* {
        const auto shifted = shift(micros, by);
        if (!shifted)
          return "the timestamp is outside the years 1 to 9999";
        out = *shifted;
        return nullptr;
      },
      Type::kTimestamp);
}

Vector seconds_between(const Call& call) {
  return map<double, int64_t, int64_t>(call, [](int64_t a, int64_t b) { return static_cast<double>(a - b) / 1e6; });
}

Vector from_epoch(const Call& call) {
  return try_map<int64_t, double>(
      call,
      [](double seconds, int64_t& out) -> const char* {
        // 0001-01-01 and 10000-01-01; NaN fails, too.
        if (!(seconds >= -62'135'596'800.0 && seconds < 253'402'300'800.0))
          return "the timestamp is outside the years 1 to 9999";
        out = std::llrint(seconds * 1e6);
        return nullptr;
      },
      Type::kTimestamp);
}

}  // namespace

std::span<const Function> time_functions() {
  using enum Type;
  using enum Fails;
  static const std::vector<Function> list = {
      {"date_trunc field", {kInt64, kTimestamp}, kTimestamp, truncate_time},
      {"extract field", {kInt64, kTimestamp}, kFloat64, extract_field},
      {"shift by", {kTimestamp, kInt64, kInt64, kInt64}, kTimestamp, shift_time, kYes},
      {"seconds between", {kTimestamp, kTimestamp}, kFloat64, seconds_between},
      {"to_timestamp", {kFloat64}, kTimestamp, from_epoch, kYes},
  };
  return list;
}

}  // namespace penstock::sql
