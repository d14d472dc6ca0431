#include "actors/aggregators/dedupe.h"

#include <algorithm>
#include <cstdlib>

#include "messages/byte_io.h"

namespace penstock {
namespace {

constexpr uint8_t kVersion = 1;

}  // namespace

std::optional<int64_t> Passed::due() const {
  int64_t first = INT64_MAX;
  for (const Record& record : records)
    first = std::min(first, record.forget);
  return first == INT64_MAX ? std::nullopt : std::optional(first);
}

void Passed::encode(std::string& out) const {
  append_number(kVersion, out);
  for (const Record& record : records) {
    append_number(record.at, out);
    append_number(record.forget, out);
  }
}

Result<Passed> Passed::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const bool known = in.number<uint8_t>() == kVersion;
  Passed out;
  while (in.left() > 0 && known)
    out.records.push_back({in.number<int64_t>(), in.number<int64_t>()});
  if (!known || in.failed() || out.records.empty())
    return data_loss("what a dedupe has stored of a key is cut off, or of an unknown version");
  return out;
}

Dedupe::Dedupe(DedupePlan plan, const Clock& clock)
    : KeyedProcess(std::make_shared<const Schema>(), {}),
      plan_(std::move(plan)),
      clock_(clock),
      watermark_(clock, plan_.time.lateness, plan_.time.idle_timeout) {}

Status Dedupe::open(StoredKeys stored, MemoryShare share) {
  if (plan_.within)
    PENSTOCK_TRY(watermark_.restore(stored));
  time_ = watermark_.value().micros;
  return KeyedProcess::open(std::move(stored), std::move(share));
}

Status Dedupe::forget(int64_t time) {
  PENSTOCK_ASSIGN(const std::vector<uint32_t> slots, states_.take_due(time));
  const auto held = states_.lock();
  for (const uint32_t slot : slots) {
    std::erase_if(states_[slot].records, [&](const Passed::Record& record) { return record.forget <= time; });
    states_.changed(slot);
  }
  return ok();
}

bool Dedupe::seen(Passed& passed, int64_t at) const {
  const int64_t within = plan_.within ? plan_.within->micros : INT64_MAX;
  for (const Passed::Record& record : passed.records)
    if (!plan_.within || (saturating_add(record.at, within) > at && saturating_add(at, within) > record.at))
      return true;
  const int64_t kept = plan_.within ? saturating_add(within, within) : plan_.retain ? plan_.retain->micros : INT64_MAX;
  passed.records.push_back({at, kept == INT64_MAX ? INT64_MAX : saturating_add(at, kept)});
  return false;
}

Status Dedupe::process(const BatchPtr& given, StageOutput& out) {
  const std::optional<size_t> times = plan_.time.time;
  const std::vector<size_t> needed(times ? 1 : 0, times.value_or(0));
  const BatchPtr batch = reject_bad_keys(given, plan_.key, needed, "dedupe", out.rejected);
  if (plan_.retain)
    PENSTOCK_TRY(forget(clock_.now().micros));
  batch_keys_.encode(*batch, plan_.key);
  PENSTOCK_TRY(states_.fetch(batch_keys_));
  const int64_t now = clock_.now().micros;
  Selection first, duplicates, late;
  {
    const auto held = states_.lock();
    for (size_t i = 0; i < batch->rows(); ++i) {
      const auto row = static_cast<uint32_t>(batch->row(i));
      const int64_t at = times ? batch->column(*times)->int64s()[row] : plan_.retain ? now : 0;
      if (times && saturating_add(at, plan_.within->micros) <= time_) {
        late.push_back(row);
        continue;
      }
      const uint32_t slot = states_.take(batch_keys_.key(i), batch_keys_.hash(i));
      (seen(states_[slot], at) ? duplicates : first).push_back(row);
      states_.changed(slot);
    }
  }
  const auto emit = [&](Selection rows, const char* side) {
    if (!rows.empty())
      out.sides.emplace_back(side, batch->select(std::move(rows)));
  };
  if (!first.empty())
    out.batches.push_back(first.size() == batch->rows() ? batch : batch->select(std::move(first)));
  emit(std::move(duplicates), "duplicates");
  emit(std::move(late), "late");
  return ok();
}

Status Dedupe::end_epoch(StageOutput& out) {
  time_ = watermark_.value().micros;
  if (plan_.within)
    PENSTOCK_TRY(forget(time_));
  states_.end_epoch(out.changes);
  if (plan_.within)
    watermark_.end_epoch(out.changes);
  return ok();
}

}  // namespace penstock
