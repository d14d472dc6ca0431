#include "core/trace_context.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "core/random.h"

namespace penstock {
namespace {

constexpr size_t kTraceAt = 3, kSpanAt = 36, kFlagsAt = 53, kSize = 55;

std::string digits(uint64_t value) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

// Lower-case digits only, as the standard has it.
std::optional<uint64_t> number(std::string_view hex) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  uint64_t value = 0;
  if (!std::all_of(hex.begin(), hex.end(), is_digit))
    return std::nullopt;
  std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
  return value;
}

uint64_t mix(uint64_t seed, std::string_view name) {
  for (const char c : name)
    seed = splitmix64(seed ^ static_cast<unsigned char>(c));
  return splitmix64(seed ^ name.size());
}

}  // namespace

std::string TraceId::hex() const { return digits(high) + digits(low); }
std::string SpanId::hex() const { return value == 0 ? "" : digits(value); }

TraceId trace_named(std::string_view name) { return {mix(1, name), mix(2, name) | 1}; }

SpanId span_named(const TraceId& trace, std::string_view name) {
  return {mix(trace.high ^ splitmix64(trace.low), name) | 1};
}

std::optional<TraceParent> parse_traceparent(std::string_view header) {
  if (header.size() < kSize || header[2] != '-' || header[kSpanAt - 1] != '-' || header[kFlagsAt - 1] != '-')
    return std::nullopt;
  const auto version = number(header.substr(0, 2)), flags = number(header.substr(kFlagsAt, 2));
  const auto high = number(header.substr(kTraceAt, 16)), low = number(header.substr(kTraceAt + 16, 16));
  const auto span = number(header.substr(kSpanAt, 16));
  if (!version || !flags || !high || !low || !span || *version == 0xff || (*high | *low) == 0 || *span == 0)
    return std::nullopt;
  if (header.size() > kSize && (*version == 0 || header[kSize] != '-'))
    return std::nullopt;
  return TraceParent{{*high, *low}, {*span}, (*flags & 1) != 0};
}

std::string traceparent(const TraceParent& parent) {
  return "00-" + parent.trace.hex() + "-" + parent.span.hex() + (parent.sampled ? "-01" : "-00");
}

Result<TraceRule> parse_trace_rule(std::string_view text) {
  if (text == "off")
    return TraceRule{};
  if (text == "requests")
    return TraceRule{true, 0};
  uint64_t every = 0;
  if (text.starts_with("1/")) {
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), every);
    if (error == std::errc() && end == text.data() + text.size() && every > 0)
      return TraceRule{true, every};
  }
  return invalid_argument("\"" + std::string(text) +
                          "\" does not say which records to follow: off, requests, or a share such as 1/10000");
}

}  // namespace penstock
