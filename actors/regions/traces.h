// Which records are followed from ingest to answer, and what is known of them. A record is followed because its offset in
// the log of its source is a multiple of the rule's number: then every worker can tell by arithmetic, and it is the same
// after a crash. Or because its client asked, or because it was made of a followed record: such places are kept in memory,
// the newest kMostPlaces, and forgotten when the process ends. Thread safe; costs one relaxed load a batch while nothing
// is followed.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/ids.h"
#include "core/trace_context.h"
#include "messages/record_batch.h"

namespace penstock {

struct TracedRecord {
  TraceId trace;
  SpanId span;      // of its place in the log: what happens to the record there follows from it
  std::string log;  // that it was read from
  Partition partition;
  Offset offset;
  Timestamp begun;  // when the first record of the trace was taken in
  std::string record() const;
};

class Traces {
 public:
  static constexpr size_t kMostPlaces = 4096;
  static constexpr size_t kMostWaiting = 1024;  // records that wait for an answer
  static constexpr uint32_t kAnswers = 3;       // told of each

  explicit Traces(TraceRule rule) : rule_(rule) {}

  /// Records of these logs may be followed by their offsets. `store_id`: two nodes' traces have different names. Called
  /// once, before any record is read.
  void open(std::string store_id, std::set<std::string> source_logs);

  bool requests() const { return rule_.requests; }
  /// Whether any record may be followed at the moment.
  bool any() const { return rule_.every > 0 || places_.load(std::memory_order_relaxed) > 0; }

  struct Row {
    size_t row;  // of the batch
    TracedRecord record;
  };
  /// The rows of a batch of the log that are followed; none if it has no origin.
  std::vector<Row> in(const std::string& log, const RecordBatch& batch) const;
  /// The same for records that the log of a source has just taken in.
  std::vector<TracedRecord> among(const std::string& log, Partition partition, Offset first, uint64_t records,
                                  Timestamp taken) const;

  /// From now on the record at that place is followed, as part of that trace; if there is one it is replaced.
  TracedRecord follow(const TraceId& trace, const std::string& log, Partition partition, Offset offset,
                      Timestamp begun);
  void forget(const TracedRecord& record);

  /// The model has taken the record in; answers for that user reflect it.
  struct Learnt {
    TracedRecord record;
    std::string model;
    SpanId span;
    uint32_t answers = 0;  // told so far, with the one at hand
  };
  void learnt(const std::string& user, Learnt what);
  /// Records that the model has taken in and that its newest version, which has read each partition (`log/0`) up to an
  /// offset, is the first to be made of.
  std::vector<TracedRecord> trained(const std::string& model,
                                    const std::vector<std::pair<std::string, uint64_t>>& read_to);
  bool awaits_answers() const { return waits_.load(std::memory_order_relaxed) > 0; }
  /// What an answer for the user reflects for the first times; mostly none.
  std::vector<Learnt> answered(const std::string& user) const;

 private:
  struct Place {
    TraceId trace;
    Timestamp begun;
  };
  using Log = std::pair<std::string, Partition>;
  std::vector<std::pair<Offset, Place>> between(const std::string& log, Partition partition, Offset first, Offset last,
                                                Timestamp taken) const;
  TracedRecord traced(const std::string& log, Partition partition, Offset offset, const Place& place) const;

  const TraceRule rule_;
  std::string store_id_;
  std::set<std::string> sources_;
  std::atomic<size_t> places_ = 0;
  mutable std::atomic<size_t> waits_ = 0;
  mutable std::mutex mutex_;
  std::map<Log, std::map<Offset, Place>> followed_;
  std::deque<std::pair<Log, Offset>> order_;                    // of followed_, oldest first
  mutable std::map<std::string, std::vector<Learnt>> waiting_;  // by user
  std::deque<Learnt> untrained_;                                // newest kMostWaiting
  mutable std::deque<std::string> waiting_order_;               // a user for each record that waits, or did
};

}  // namespace penstock
