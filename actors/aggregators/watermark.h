// The watermark of an aggregator that goes by event time: rows up to it have come, as far as can be known. It is the
// smallest of the latest times in the partitions that its rows come from, less the allowed lateness, and never falls. A
// partition that has been silent for the idle timeout does not hold it back; when all are silent it goes on with the clock.
// A plain value; stored with the aggregator's changes, so that a restart finds it as it was.
//
//   table key   := 0xff "watermark" worker:u32 (big-endian)      no key of a row begins with 0xff
//   table value := version:u8 (1) value:i64 count:u32 { sender:u32 input:u32 partition:u32 latest:i64 }*
// Source: Akidau et al., "The Dataflow Model", VLDB 2015.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "actors/aggregators/stored_keys.h"
#include "core/clock.h"
#include "core/units.h"
#include "messages/event_progress.h"
#include "storage/store.h"

namespace penstock {

class Watermark {
 public:
  /// Before any row.
  static constexpr Timestamp kNone{std::numeric_limits<int64_t>::min()};
  /// A part of this input in a sender's progress, at kNone: some partition has rows of which none has been read, so that the
  /// watermark stands still until the sender's progress comes without it.
  static constexpr uint32_t kUnread = ~0U;

  /// `clock` outlives it. Without `idle_timeout` a silent partition holds it back for ever.
  Watermark(const Clock& clock, Duration lateness, std::optional<Duration> idle_timeout)
      : clock_(&clock), lateness_(lateness), idle_timeout_(idle_timeout) {}

  /// Of an aggregator with several inputs: which of them each sender belongs to. Then it stands still until each of these
  /// inputs has shown a row, or has been silent for the idle timeout. Called before restore().
  void set_inputs(std::vector<uint32_t> input_of, uint32_t inputs);
  /// As of what all workers of the table have stored. Errors: of the store; data_loss.
  Status restore(const StoredKeys& stored);
  static bool is_key(std::string_view table_key) { return table_key.starts_with('\xff'); }

  /// See Aggregator::on_progress.
  void observe(uint32_t sender, const EventProgressPtr& progress);
  /// As of now.
  Timestamp value();
  /// As of the last call of value().
  Timestamp reached() const { return value_; }
  /// Of that input alone, where set_inputs() was called; kNone before its first row.
  Timestamp value_of(uint32_t input) const;
  /// Whether it will go on with the clock though no row comes.
  bool waits_for_time() const { return idle_timeout_ && !parts_.empty(); }
  /// At an epoch's end, when all senders have told their progress: adds the entry to `changes` if it is new. Forgets senders
  /// that there are no more.
  void end_epoch(Delta& changes);

 private:
  using Source = std::tuple<uint32_t, uint32_t, uint32_t>;  // sender, input, partition
  struct Part {
    Timestamp latest;
    int64_t since_nanos;  // when it last rose
  };

  uint32_t input_of(uint32_t sender) const { return sender < input_of_.size() ? input_of_[sender] : 0; }
  bool waits_for_an_input(int64_t now) const;
  /// Of one input, or of all.
  std::optional<Timestamp> latest(std::optional<uint32_t> input, int64_t now) const;

  const Clock* clock_;
  Duration lateness_;
  std::optional<Duration> idle_timeout_;
  std::vector<uint32_t> input_of_;  // by sender
  uint32_t inputs_ = 1;
  int64_t since_nanos_ = 0;  // of the first look
  uint32_t worker_ = 0;
  std::map<Source, Part> parts_;
  std::map<uint32_t, EventProgressPtr> last_;  // by sender that has told its progress since the start
  Timestamp value_ = kNone;
  std::string stored_;  // the value of the entry
};

}  // namespace penstock
