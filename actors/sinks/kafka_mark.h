// How far a log has gone into a topic, kept by Kafka itself: the offset that the sink's group commits in the transaction which
// carries the rows, and what stands beside it in the offset's metadata.
//
//   metadata := `1 ` ingested      when the newest delivered record was taken in, µs since 1970
//
// By this time records are told apart that have the same offset: a store that was restored from a backup goes on with
// offsets that were delivered before, but takes its new records in later than anything that was.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/status.h"

namespace penstock {

struct KafkaMark {
  uint64_t next = 0;  // offset in the log
  int64_t ingested = std::numeric_limits<int64_t>::min();

  /// Whether the record is in the topic already.
  bool covers(Offset offset, Timestamp taken_in) const { return offset.value() < next && taken_in.micros <= ingested; }
  /// A record of this offset was delivered.
  void pass(Offset offset, Timestamp taken_in);
  bool operator==(const KafkaMark&) const = default;
};

std::string mark_metadata(const KafkaMark& mark);
/// Without metadata (somebody has set the offset by hand) everything below it counts as delivered. Errors:
/// failed_precondition for what a later version wrote.
Result<KafkaMark> read_mark(int64_t next, std::string_view metadata);

}  // namespace penstock
