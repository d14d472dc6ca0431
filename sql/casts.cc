#include "sql/casts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "messages/timestamp.h"
#include "sql/json_access.h"

namespace penstock::sql {
namespace {

using Text = std::string_view;

Text trimmed(Text text) {
  constexpr Text kSpaces = " \t\n\v\f\r";
  const size_t begin = text.find_first_not_of(kSpaces);
  return begin == Text::npos ? Text() : text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

bool equal_ignoring_case(Text a, Text lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(),
                    [](char x, char y) { return (x | 0x20) == y || x == y; });
}

bool read(Text text, uint8_t& out) {
  text = trimmed(text);
  const auto prefix_of = [&](Text word, size_t at_least) {
    return text.size() >= at_least && text.size() <= word.size() &&
           equal_ignoring_case(text, word.substr(0, text.size()));
  };
  out = prefix_of("true", 1) || prefix_of("yes", 1) || prefix_of("on", 2) || text == "1";
  return out || prefix_of("false", 1) || prefix_of("no", 1) || prefix_of("off", 2) || text == "0";
}

bool read(Text text, int64_t& out) {
  text = trimmed(text);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-')
    text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool read(Text text, double& out) {
  text = trimmed(text);
  Text magnitude = text;
  const bool negative = magnitude.starts_with('-');
  if (negative || magnitude.starts_with('+'))
    magnitude.remove_prefix(1);
  if (magnitude.empty())
    return false;
  if (equal_ignoring_case(magnitude, "infinity") || equal_ignoring_case(magnitude, "inf"))
    return out = negative ? -INFINITY : INFINITY, true;
  if (equal_ignoring_case(text, "nan"))
    return out = NAN, true;
  if (magnitude[0] != '.' && (magnitude[0] < '0' || magnitude[0] > '9'))
    return false;
  const auto [end, error] = std::from_chars(magnitude.data(), magnitude.data() + magnitude.size(), out);
  out = negative ? -out : out;
  return error == std::errc() && end == magnitude.data() + magnitude.size();
}

bool read_timestamp(Text text, int64_t& out) {
  const auto parsed = parse_timestamp(trimmed(text));
  out = parsed ? parsed->micros : 0;
  return parsed.has_value();
}

std::string shortened(Text text) { return std::string(text.substr(0, 60)) + (text.size() > 60 ? "..." : ""); }

template <class Out, bool (*kRead)(Text, Out&)>
Vector from_text(const Call& call, Type type, Text what) {
  const Reader<Text> text(call.args[0]);
  Out* out = call.context.column<Out>();
  each(call.rows, [&](size_t row) {
    out[row] = Out{};
    if (!kRead(text[row], out[row])) [[unlikely]] {
      out[row] = Out{};
      if (call.valid(row))
        call.context.error(row, "\"" + shortened(text[row]) + "\" is not " + std::string(what));
    }
  });
  return vector_of(out, type);
}
Vector text_to_bool(const Call& call) { return from_text<uint8_t, read>(call, Type::kBool, "a bool (true or false)"); }
Vector text_to_int(const Call& call) { return from_text<int64_t, read>(call, Type::kInt64, "an int64"); }
Vector text_to_float(const Call& call) { return from_text<double, read>(call, Type::kFloat64, "a float64"); }
Vector text_to_timestamp(const Call& call) {
  return from_text<int64_t, read_timestamp>(call, Type::kTimestamp, "a timestamp (2024-05-01 12:00:00)");
}
bool read_json(Text text, Text& out) {
  out = text;
  return is_json(text);
}
Vector text_to_json(const Call& call) { return from_text<Text, read_json>(call, Type::kJson, "valid JSON"); }

template <class In, class F>
Vector to_text(const Call& call, F format) {
  return map_all<Text, In>(call, [&](In value) { return call.context.copy(format(value)); });
}
Vector bool_to_text(const Call& call) {
  return map_all<Text, uint8_t>(call, [](uint8_t value) -> Text { return value ? "true" : "false"; });
}
Vector int_to_text(const Call& call) {
  std::array<char, 24> digits;
  return to_text<int64_t>(call, [&](int64_t value) {
    return Text(digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr - digits.data());
  });
}
Vector float_to_text(const Call& call) {
  return to_text<double>(call, [](double value) { return float_text(value); });
}
Vector timestamp_to_text(const Call& call) {
  return to_text<int64_t>(call, [](int64_t micros) { return format_timestamp({micros}); });
}
Vector same(const Call& call) { return call.args[0]; }

Vector bool_to_int(const Call& call) {
  return map<int64_t, uint8_t>(call, [](uint8_t value) -> int64_t { return value; });
}
Vector int_to_bool(const Call& call) {
  return map<uint8_t, int64_t>(call, [](int64_t value) -> uint8_t { return value != 0; });
}
Vector int_to_float(const Call& call) {
  return map<double, int64_t>(call, [](int64_t value) { return static_cast<double>(value); });
}
Vector float_to_int(const Call& call) {
  return try_map<int64_t, double>(call, [](double value, int64_t& out) -> const char* {
    const double rounded = std::nearbyint(value);  // ties to even, as PostgreSQL
    if (!(rounded >= -0x1p63 && rounded < 0x1p63))
      return "the value does not fit int64";
    out = static_cast<int64_t>(rounded);
    return nullptr;
  });
}

struct NamedType {
  Text name;
  Type type;
};
constexpr auto kTypeNames = std::to_array<NamedType>({
    {"bool", Type::kBool},
    {"boolean", Type::kBool},
    {"int64", Type::kInt64},
    {"int", Type::kInt64},
    {"integer", Type::kInt64},
    {"bigint", Type::kInt64},
    {"int4", Type::kInt64},
    {"int8", Type::kInt64},
    {"float64", Type::kFloat64},
    {"float8", Type::kFloat64},
    {"double", Type::kFloat64},
    {"numeric", Type::kFloat64},
    {"string", Type::kString},
    {"text", Type::kString},
    {"varchar", Type::kString},
    {"timestamp", Type::kTimestamp},
    {"timestamptz", Type::kTimestamp},
    {"json", Type::kJson},
    {"jsonb", Type::kJson},
});

struct Rule {
  Type from, to;
  Cast cast;
};
constexpr auto kRules = std::to_array<Rule>({
    {Type::kBool, Type::kInt64, {bool_to_int, false}},
    {Type::kBool, Type::kString, {bool_to_text, false}},
    {Type::kInt64, Type::kBool, {int_to_bool, false}},
    {Type::kInt64, Type::kFloat64, {int_to_float, false}},
    {Type::kInt64, Type::kString, {int_to_text, false}},
    {Type::kFloat64, Type::kInt64, {float_to_int, true}},
    {Type::kFloat64, Type::kString, {float_to_text, false}},
    {Type::kString, Type::kBool, {text_to_bool, true}},
    {Type::kString, Type::kInt64, {text_to_int, true}},
    {Type::kString, Type::kFloat64, {text_to_float, true}},
    {Type::kString, Type::kTimestamp, {text_to_timestamp, true}},
    {Type::kString, Type::kJson, {text_to_json, true}},
    {Type::kTimestamp, Type::kString, {timestamp_to_text, false}},
    {Type::kJson, Type::kString, {same, false}},
});

}  // namespace

std::optional<Type> type_of_name(Text name) {
  const auto* found =
      std::find_if(kTypeNames.begin(), kTypeNames.end(), [&](const NamedType& t) { return t.name == name; });
  return found == kTypeNames.end() ? std::nullopt : std::optional(found->type);
}

std::string supported_type_names() { return "bool, int64, float64, string, timestamp, json"; }

std::optional<Cast> cast_between(Type from, Type to) {
  const auto* found =
      std::find_if(kRules.begin(), kRules.end(), [&](const Rule& r) { return r.from == from && r.to == to; });
  return found == kRules.end() ? std::nullopt : std::optional(found->cast);
}

// Shortest digits that read back as the same double; an exponent from 1e+15 up and below 1e-04. Source: float8out() with
// extra_float_digits = 1, the default.
std::string float_text(double value) {
  if (std::isnan(value))
    return "NaN";
  if (std::isinf(value))
    return value > 0 ? "Infinity" : "-Infinity";
  std::array<char, 40> text;
  const double magnitude = std::fabs(value);
  const bool exponent = magnitude != 0 && (magnitude >= 1e15 || magnitude < 1e-4);
  const auto end = std::to_chars(text.begin(), text.end(), value,
                                 exponent ? std::chars_format::scientific : std::chars_format::fixed);
  return std::string(text.data(), end.ptr);
}

}  // namespace penstock::sql
