// Tells one step of a followed record, as a span whose name anybody can compute: so each says what it follows from, and no
// record carries anything.
#pragma once

#include <string>
#include <utility>

#include "actors/regions/traces.h"
#include "actors/supervision/runtime.h"
#include "monitoring/event.h"

namespace penstock {

struct TraceNote {
  std::string step;  // processed, committed, delivered, learnt
  std::string detail;
  double seconds = 0;  // that it took
};

/// A step that follows from the record's place in its log; gives its span.
inline SpanId tell_trace(Runtime& runtime, const monitoring::Origin& origin, const TracedRecord& traced,
                         TraceNote note) {
  const std::string record = traced.record();
  const SpanId span = span_named(traced.trace, record + "/" + origin.id + "/" + note.step);
  const double age = static_cast<double>(runtime.clock.now().micros - traced.begun.micros) * 1e-6;
  runtime.monitor.emit(monitoring::TraceStep{origin, traced.trace.hex(), std::move(note.step), std::move(note.detail),
                                             span.hex(), traced.span.hex(), record, note.seconds, age});
  return span;
}

/// The first step: the record has its place. `parent`: of the client, if it asked.
inline void tell_ingested(Runtime& runtime, const monitoring::Origin& origin, const TracedRecord& traced,
                          SpanId parent) {
  const double age = static_cast<double>(runtime.clock.now().micros - traced.begun.micros) * 1e-6;
  runtime.monitor.emit(monitoring::TraceStep{origin, traced.trace.hex(), "ingested", "durable as " + traced.record(),
                                             traced.span.hex(), parent.hex(), traced.record(), age, age});
}

}  // namespace penstock
