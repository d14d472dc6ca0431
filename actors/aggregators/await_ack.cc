#include "actors/aggregators/await_ack.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "actors/stages/reject.h"
#include "messages/byte_io.h"
#include "messages/timestamp.h"

namespace penstock {
namespace {

constexpr uint8_t kVersion = 1;

// A row as bytes: its columns one behind the other, as in a key.
std::string row_bytes(const RecordBatch& batch, size_t physical_row) {
  std::vector<size_t> columns(batch.schema()->size());
  std::iota(columns.begin(), columns.end(), 0);
  std::string out;
  append_key(batch, columns, physical_row, out);
  return out;
}

/// Into the first `columns` columns of the builder.
Status append_bytes(std::string_view row, size_t columns, BatchBuilder& out) {
  std::vector<ColumnBuilder*> builders;
  for (size_t c = 0; c < columns; ++c)
    builders.push_back(&out.column(c));
  return decode_key(row, builders)
      .with_context("a record that awaits its acknowledgement, of other columns than declared");
}

}  // namespace

void Awaited::encode(std::string& out) const {
  append_number(kVersion, out);
  append_number(static_cast<uint8_t>(kind), out);
  append_number(begun, out);
  append_number(sent, out);
  append_number(look_at, out);
  append_number(attempt, out);
  out += row;
}

Result<Awaited> Awaited::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const bool known = in.number<uint8_t>() == kVersion;
  Awaited out;
  const auto kind = in.number<uint8_t>();
  out.kind = static_cast<Kind>(kind);
  out.begun = in.number<int64_t>();
  out.sent = in.number<int64_t>();
  out.look_at = in.number<int64_t>();
  out.attempt = in.number<uint32_t>();
  out.row = in.bytes(in.left());
  if (!known || in.failed() || kind == 0 || kind > 3)
    return data_loss("what an await_ack has stored of an id is cut off, or of an unknown version");
  return out;
}

AwaitAck::AwaitAck(AwaitAckPlan plan, const Clock& clock)
    : KeyedProcess(plan.sent, {plan.records->field(plan.id[AwaitAckPlan::kRecords])}),
      plan_(std::move(plan)),
      clock_(clock) {}

AwaitAck::Rows::Rows(const AwaitAckPlan& plan)
    : sent(plan.sent),
      acknowledged(plan.acknowledged),
      expired(plan.expired),
      duplicates(plan.records),
      unknown(plan.acknowledgements) {}

void AwaitAck::Rows::emit(StageOutput& out) {
  if (sent.rows() > 0)
    out.batches.push_back(sent.finish());
  const auto side = [&](const char* name, BatchBuilder& rows) {
    if (rows.rows() > 0)
      out.sides.emplace_back(name, rows.finish());
  };
  side("acknowledged", acknowledged);
  side("expired", expired);
  side("duplicates", duplicates);
  side("unknown", unknown);
}

Status AwaitAck::append_row(std::string_view, const Awaited& awaited, BatchBuilder& rows) const {
  if (awaited.kind != Awaited::Kind::kWaiting)
    return ok();
  const size_t columns = plan_.records->size();
  PENSTOCK_TRY(append_bytes(awaited.row, columns, rows));
  rows.column(columns).append_int64(awaited.attempt);
  rows.column(columns + 1).append_int64(awaited.sent);
  return ok();
}

Status AwaitAck::process_input(size_t input, const BatchPtr& given, StageOutput& out) {
  PENSTOCK_TRY(on_due(out));
  const size_t key[] = {plan_.id[input]};
  const BatchPtr batch = reject_bad_keys(given, key, key, "await_ack", out.rejected);
  batch_keys_.encode(*batch, key);
  PENSTOCK_TRY(states_.fetch(batch_keys_));
  const int64_t now = clock_.now().micros;
  Rows rows(plan_);
  const auto held = states_.lock();
  for (size_t i = 0; i < batch->rows(); ++i) {
    const uint32_t slot = states_.take(batch_keys_.key(i), batch_keys_.hash(i));
    std::string row = row_bytes(*batch, batch->row(i));
    PENSTOCK_TRY(input == AwaitAckPlan::kRecords ? on_record(states_[slot], std::move(row), now, rows)
                                                 : on_acknowledgement(states_[slot], std::move(row), now, rows));
    states_.changed(slot);
  }
  rows.emit(out);
  ++changes_;
  return ok();
}

Status AwaitAck::send(Awaited& awaited, int64_t now, Rows& rows) const {
  const double delay = static_cast<double>(plan_.retry_after.micros) * std::pow(plan_.backoff, awaited.attempt);
  const auto most = static_cast<double>(plan_.retry_at_most.micros);
  ++awaited.attempt;
  awaited.sent = now;
  awaited.look_at = std::min(saturating_add(now, static_cast<int64_t>(std::min(delay, most))),
                             saturating_add(awaited.begun, plan_.expire_after.micros));
  return append_row({}, awaited, rows.sent);
}

void AwaitAck::end(Awaited& awaited, int64_t now) const {
  awaited.kind = Awaited::Kind::kEnded;
  awaited.row = {};
  awaited.look_at = saturating_add(now, plan_.remember.micros);
}

Status AwaitAck::on_record(Awaited& awaited, std::string row, int64_t now, Rows& rows) const {
  if (awaited.kind == Awaited::Kind::kWaiting || awaited.kind == Awaited::Kind::kEnded)
    return append_bytes(row, plan_.records->size(), rows.duplicates);
  const bool early = awaited.kind == Awaited::Kind::kEarly;
  awaited = {.kind = Awaited::Kind::kWaiting, .begun = now, .row = std::move(row)};
  return early ? on_acknowledgement(awaited, {}, now, rows) : send(awaited, now, rows);
}

Status AwaitAck::on_acknowledgement(Awaited& awaited, std::string row, int64_t now, Rows& rows) const {
  if (awaited.kind == Awaited::Kind::kNothing)
    awaited = {.kind = Awaited::Kind::kEarly,
               .begun = now,
               .look_at = saturating_add(now, plan_.remember.micros),
               .row = std::move(row)};
  if (awaited.kind != Awaited::Kind::kWaiting)
    return ok();
  const size_t columns = plan_.records->size();
  PENSTOCK_TRY(append_bytes(awaited.row, columns, rows.acknowledged));
  rows.acknowledged.column(columns).append_int64(awaited.attempt);
  rows.acknowledged.column(columns + 1).append_int64(now);
  end(awaited, now);
  return ok();
}

Status AwaitAck::on_time(Awaited& awaited, int64_t now, Rows& rows, StageOutput& out) const {
  if (awaited.kind == Awaited::Kind::kEarly)
    PENSTOCK_TRY(append_bytes(awaited.row, plan_.acknowledgements->size(), rows.unknown));
  if (awaited.kind != Awaited::Kind::kWaiting) {
    awaited = {};
    return ok();
  }
  if (now < saturating_add(awaited.begun, plan_.expire_after.micros))
    return send(awaited, now, rows);
  const size_t columns = plan_.records->size();
  PENSTOCK_TRY(append_bytes(awaited.row, columns, rows.expired));
  rows.expired.column(columns).append_int64(awaited.attempt);
  rows.expired.column(columns + 1).append_int64(now);
  if (plan_.dead_letters) {
    BatchBuilder record(plan_.records);
    PENSTOCK_TRY(append_bytes(awaited.row, columns, record));
    out.rejected.push_back(reject_row(*record.finish(), 0,
                                      "no acknowledgement within " + to_string(plan_.expire_after) + ", after " +
                                          std::to_string(awaited.attempt) + " attempts"));
  }
  end(awaited, now);
  return ok();
}

Status AwaitAck::on_due(StageOutput& out) {
  const int64_t now = clock_.now().micros;
  PENSTOCK_ASSIGN(const std::vector<uint32_t> slots, states_.take_due(now));
  if (slots.empty())
    return ok();
  Rows rows(plan_);
  const auto held = states_.lock();
  for (const uint32_t slot : slots) {
    PENSTOCK_TRY(on_time(states_[slot], now, rows, out));
    states_.changed(slot);
  }
  rows.emit(out);
  ++changes_;
  return ok();
}

Status AwaitAck::end_epoch(StageOutput& out) {
  PENSTOCK_TRY(on_due(out));
  states_.end_epoch(out.changes);
  return ok();
}

}  // namespace penstock
