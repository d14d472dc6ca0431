// Names of traces and of the spans in them, as W3C Trace Context writes them, and which records are followed. Plain values.
//
//   traceparent := version:2 hex "-" trace:32 hex "-" span:16 hex "-" flags:2 hex     bit 0 of the flags: sampled
//
// Source: W3C Recommendation "Trace Context", 23 November 2021, section 3.2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/status.h"

namespace penstock {

/// 128 bits; never 0.
struct TraceId {
  uint64_t high = 0, low = 0;
  bool operator==(const TraceId&) const = default;
  std::string hex() const;  // 32 digits
};
/// 64 bits; 0: none.
struct SpanId {
  uint64_t value = 0;
  bool operator==(const SpanId&) const = default;
  std::string hex() const;  // 16 digits; empty for none
};

/// The same name gives the same id for ever: a record that is read again after a crash is in the same trace.
TraceId trace_named(std::string_view name);
SpanId span_named(const TraceId& trace, std::string_view name);

/// What a caller says of the trace that it is in.
struct TraceParent {
  TraceId trace;
  SpanId span;
  bool sampled = false;
};
/// None: it is not a valid header. Of a version that is not known yet the known beginning is read.
std::optional<TraceParent> parse_traceparent(std::string_view header);
std::string traceparent(const TraceParent& parent);

/// Which records are followed.
struct TraceRule {
  bool requests = false;  // those that a client sends with a sampled traceparent
  uint64_t every = 0;     // one in so many of each partition of a source's log; 0: none
};
/// From `off`, `requests` or `1/10000`, which includes requests. Errors: invalid_argument.
Result<TraceRule> parse_trace_rule(std::string_view text);

}  // namespace penstock
