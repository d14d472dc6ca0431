// The events of NEXMark, the benchmark of streaming queries: an auction house in which people register, put items up for
// auction and bid. Of 50 events in a row 1 is a person, 3 are auctions and 46 are bids. Half of the bids go to the latest
// hot auction, three quarters of the bids and of the auctions come from the latest hot bidder or seller; the rest is spread
// evenly over the last 100 auctions and 1,000 people.
//
// Event n is a function of (options, n) alone. Pure functions, any thread.
//
// Source: Tucker, Tufte, Papadimos, Maier: "NEXMark: a benchmark for queries over data streams", 2002; numbers as in the
// generators of Apache Beam and of nexmark/nexmark (Flink), with another random generator. Prices are in cents.
#pragma once

#include <cstdint>
#include <string>

#include "core/ids.h"
#include "core/units.h"
#include "messages/record_batch.h"

namespace penstock {

struct NexmarkOptions {
  uint64_t seed = 1;
  Timestamp start{1'767'225'600'000'000};  // of event 0: 2026-01-01T00:00:00Z
  Duration interval{100};                  // between two events: 10,000 events a second
};

enum class NexmarkKind : uint8_t { kPerson, kAuction, kBid };
NexmarkKind nexmark_kind(uint64_t event);

/// persons:  id name email credit_card city state at extra
/// auctions: id item_name description initial_bid reserve at expires seller category extra
/// bids:     auction bidder price channel url at extra
/// All are required; ids, prices and category int64; at and expires timestamp; the rest string.
SchemaPtr nexmark_schema(NexmarkKind kind);
/// Appends event n. Requires: `out` has the schema of its kind.
void append_nexmark(const NexmarkOptions& options, uint64_t event, BatchBuilder& out);

/// kind (person, auction, bid), at, and then the columns of all three, null where an event of its kind has none; `id` is that
/// of a person or an auction. kind and at are required.
SchemaPtr nexmark_schema();
/// Events [from, from + count) of all kinds.
BatchPtr nexmark_batch(const NexmarkOptions& options, uint64_t from, size_t count);

}  // namespace penstock
