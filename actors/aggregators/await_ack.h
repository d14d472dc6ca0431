// Stage `await_ack`: hands each record on, and again and again until its acknowledgement has come or its time is over.
//
// Two inputs: records, and acknowledgements, which belong together by a correlation id. A record goes to the main output at once, with
// its attempt (from 1) and when it was sent; then again after `retry_after`, `retry_after` × `backoff`, and so on, at most every
// `retry_at_most`. What leaves is committed with the state that says so: after a crash an attempt is neither lost nor
// counted twice, though a sink behind it may deliver it twice, as sinks may, under the same correlation id.
//
// Every record that was taken ends in one of the outputs `acknowledged` and `expired`, once. The id is then remembered for `remember`: a
// record that comes again under an id that waits, or has ended, goes to the output `duplicates`; an acknowledgement that
// comes again is passed over. An acknowledgement without a record waits for it as long, and goes to the output `unknown` if none comes.
//
// All of it by the node's clock. The view has the records that wait, as they were sent last.
//
//   table key   := append_key of the correlation id
//   table value := version:u8 (1) kind:u8 begun:i64 sent:i64 look_at:i64 attempt:u32 row      row: append_key of all columns
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/aggregators/keyed_process.h"
#include "core/clock.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct AwaitAckPlan {
  static constexpr size_t kRecords = 0, kAcknowledgements = 1;  // the inputs
  size_t id[2] = {0, 0};                                        // correlation column, by input
  Duration retry_after, retry_at_most, expire_after, remember;
  double backoff = 1;
  bool dead_letters = true;
  SchemaPtr records, acknowledgements;    // of the inputs
  SchemaPtr sent, acknowledged, expired;  // of the outputs: the record, and columns about what became of it
};

/// What is known of a correlation id.
struct Awaited {
  enum class Kind : uint8_t {
    kNothing = 0,
    kWaiting = 1,
    kEnded = 2,
    kEarly = 3
  };  // kEarly: the acknowledgement came first

  Kind kind = Kind::kNothing;
  int64_t begun = 0;    // when the record came, or the acknowledgement
  int64_t sent = 0;     // last
  int64_t look_at = 0;  // when it is sent again, or expires, or is forgotten
  uint32_t attempt = 0;
  std::string row = {};  // of the record, while it waits; of the acknowledgement, while that does

  bool empty() const { return kind == Kind::kNothing; }
  std::optional<int64_t> due() const { return empty() ? std::nullopt : std::optional(look_at); }
  size_t memory() const { return row.capacity(); }
  void encode(std::string& out) const;
  static Result<Awaited> decode(std::string_view bytes);
};

class AwaitAck final : public KeyedProcess<Awaited> {
 public:
  /// `clock` outlives it.
  AwaitAck(AwaitAckPlan plan, const Clock& clock);

  Status process(const BatchPtr& batch, StageOutput& out) override { return process_input(0, batch, out); }
  Status process_input(size_t input, const BatchPtr& batch, StageOutput& out) override;
  Status end_epoch(StageOutput& out) override;
  bool waits_for_time() const override { return states_.waits(); }

 private:
  struct Rows {  // to be handed on
    explicit Rows(const AwaitAckPlan& plan);
    BatchBuilder sent, acknowledged, expired, duplicates, unknown;
    void emit(StageOutput& out);
  };

  Status append_row(std::string_view key, const Awaited& awaited, BatchBuilder& rows) const override;
  Status on_record(Awaited& awaited, std::string row, int64_t now, Rows& rows) const;
  Status on_acknowledgement(Awaited& awaited, std::string row, int64_t now, Rows& rows) const;
  Status on_time(Awaited& awaited, int64_t now, Rows& rows, StageOutput& out) const;
  Status send(Awaited& awaited, int64_t now, Rows& rows) const;
  void end(Awaited& awaited, int64_t now) const;
  Status on_due(StageOutput& out);

  const AwaitAckPlan plan_;
  const Clock& clock_;
  BatchKeys batch_keys_;
};

topology::ComponentType await_ack_type();
Result<std::unique_ptr<Aggregator>> make_await_ack(const MakeContext& context);

}  // namespace penstock
