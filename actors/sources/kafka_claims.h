// Who has taken which records of one partition of a Kafka topic, as the consumer group's committed offset tells: its metadata lists the
// tenures of the partition. The broker takes a commit from the partition's present owner alone, so the committed offset is a
// claim: what lies below it is stored, or will be, by whom the list names. Why that neither loses nor doubles a record:
// docs/decisions/0013. Plain values; any thread.
//
//   metadata := "penstock/1" (" " owner ":" from "-" to)*      oldest first; records [from, to) are the owner's
//
// An owner is a node's store (16 hex digits). Where the list outgrows the 4,096 bytes that brokers take by default, the oldest
// tenures are dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"

namespace penstock {

/// Offsets [from, to) of a partition.
struct KafkaRange {
  int64_t from = 0;
  int64_t to = 0;
  bool operator==(const KafkaRange&) const = default;
};

class KafkaClaims {
 public:
  static constexpr size_t kMostBytes = 4096;

  KafkaClaims() = default;
  /// What the group has committed: nothing, or an offset and the metadata. Metadata of another program means no tenures.
  /// Errors: data_loss if it is of Penstock and cannot be read, as that of a later version.
  static Result<KafkaClaims> read(std::optional<int64_t> committed, std::string_view metadata);

  std::optional<int64_t> committed() const { return committed_; }
  /// What `owner` has claimed and, with everything below `stored` in its store, not stored; in order.
  std::vector<KafkaRange> debts(std::string_view owner, std::optional<int64_t> stored) const;
  /// Where a new tenure begins: behind all that was claimed, and all that is stored. Nothing: the partition was never read.
  std::optional<int64_t> start(std::optional<int64_t> stored) const;
  /// Whether the last tenure is somebody else's: then no claim of `owner` can come any more.
  bool passed_on(std::string_view owner) const;

  /// Begins a tenure of nothing. Tenures of the owner that end at or below `stored` are no longer needed and go.
  void begin(std::string_view owner, int64_t from, int64_t stored);
  /// The last tenure now reaches to `to`. Requires: begin().
  void claim(int64_t to);
  /// Of a commit at the end of the last tenure.
  std::string metadata() const;
  /// `a[0,10) b[10,12)`, for tests.
  std::string to_string() const;

 private:
  struct Tenure {
    std::string owner;
    KafkaRange range;
  };
  std::optional<int64_t> committed_;
  std::vector<Tenure> tenures_;
};

}  // namespace penstock
