// The events that simulated topologies take in, as values, as lines of a file, as a batch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/record_batch.h"

namespace penstock::simulation {

struct Event {
  int64_t id = 0;
  std::string user;
  int64_t item = 0;
  std::string kind;  // view, cart, buy
  std::optional<int64_t> quantity;
  double price = 0;
  int64_t at = 0;  // µs
};

/// The schema of `Event` in a topology, under `schemas:`.
extern const char* const kEventSchema;

std::string to_line(const Event& event);
/// Requires: `schema` is that of kEventSchema.
BatchPtr to_batch(const std::vector<Event>& events, const SchemaPtr& schema);

/// What a client sends to a source at once: again and again until it is told that it was taken.
struct Request {
  std::string source;
  std::string key;  // its Idempotency-Key; empty: its events are known by their ids
  std::vector<Event> events;
  bool has_wrong = false;  // one more record, which cannot be taken
};

}  // namespace penstock::simulation
