#include "actors/aggregators/enrich.h"

#include <algorithm>
#include <numeric>

#include "actors/aggregators/join_rows.h"
#include "messages/byte_io.h"

namespace penstock {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kRows = 0;

std::vector<size_t> first_columns(size_t count) {
  std::vector<size_t> out(count);
  std::iota(out.begin(), out.end(), 0);
  return out;
}

}  // namespace

std::optional<int64_t> EnrichState::due() const {
  if (waiting.empty())
    return history.due();
  return std::min(waiting.front().at, history.due_at);
}

size_t EnrichState::memory() const {
  size_t bytes = history.memory() + waiting.capacity() * sizeof(Waiting);
  for (const Waiting& row : waiting)
    bytes += row.row.capacity();
  return bytes;
}

void EnrichState::encode(std::string& out) const {
  append_number(kVersion, out);
  append_number(static_cast<uint32_t>(waiting.size()), out);
  for (const Waiting& row : waiting) {
    append_number(row.at, out);
    append_number(static_cast<uint32_t>(row.row.size()), out);
    out += row.row;
  }
  history.encode(out);
}

Result<EnrichState> EnrichState::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const bool known = in.number<uint8_t>() == kVersion;
  EnrichState out;
  for (auto count = in.number<uint32_t>(); count > 0 && !in.failed(); --count) {
    const auto at = in.number<int64_t>();
    out.waiting.push_back({at, std::string(in.bytes(in.number<uint32_t>()))});
  }
  if (!known || in.failed())
    return data_loss("what an enrich has stored of a key is cut off, or of an unknown version");
  PENSTOCK_ASSIGN(out.history, FeatureHistory::decode(in.bytes(in.left())));
  return out;
}

Enrich::Enrich(EnrichPlan plan, const Clock& clock)
    : plan_(std::move(plan)),
      row_columns_(first_columns(plan_.schema->size() - plan_.features.features.size())),
      watermark_(clock, plan_.features.time.lateness, plan_.features.time.idle_timeout),
      fold_(plan_.features),
      events_(plan_.features, fold_) {}

Status Enrich::open(StoredKeys stored, MemoryShare share) {
  PENSTOCK_TRY(watermark_.restore(stored));
  mark_ = watermark_.value().micros;
  PENSTOCK_TRY(states_.open(std::move(stored), std::move(share)));
  return states_.visit(
      [this](std::string_view, const EnrichState& state) {
        waiting_ += state.waiting.size();
        return ok();
      },
      [] { return false; });
}

Status Enrich::process_input(size_t input, const BatchPtr& batch, StageOutput& out) {
  return input == kRows ? take_rows(batch, out) : take_events(batch, out);
}

Status Enrich::append_features(const FeatureHistory& history, int64_t at, BatchBuilder& rows) {
  const int64_t newest = history.newest();
  const int64_t before = plan_.at_arrival && newest >= at && newest < INT64_MAX ? newest + 1 : at;
  return fold_.read(history, before, rows, row_columns_.size());
}

Status Enrich::take_rows(const BatchPtr& given, StageOutput& out) {
  const BatchPtr batch = reject_bad_keys(given, plan_.key, {&plan_.time, 1}, "enrich", out.rejected);
  keys_.encode(*batch, plan_.key);
  PENSTOCK_TRY(states_.fetch(keys_));
  const auto times = batch->column(plan_.time)->int64s();
  BatchBuilder rows(plan_.schema);
  Selection late;
  for (size_t i = 0; i < batch->rows(); ++i) {
    const size_t row = batch->row(i);
    const int64_t at = times[row];
    if (!plan_.at_arrival && at > mark_) {
      const auto held = states_.lock();
      const uint32_t slot = states_.take(keys_.key(i), keys_.hash(i));
      auto& waiting = states_[slot].waiting;
      const auto place = std::upper_bound(waiting.begin(), waiting.end(), at,
                                          [](int64_t time, const auto& other) { return time < other.at; });
      waiting.insert(place, {at, pack_row(*batch, row_columns_, row)});
      states_.changed(slot);
      ++waiting_;
      continue;
    }
    const auto answer = [&](const FeatureHistory& history) {
      if (!plan_.at_arrival && fold_.known(history, at) == FeatureFold::Known::kForgotten) {
        late.push_back(static_cast<uint32_t>(row));
        return ok();
      }
      for (const size_t column : row_columns_)
        rows.column(column).append_from(*batch->column(column), row);
      return append_features(history, at, rows);
    };
    bool known = false;
    PENSTOCK_TRY(states_.look(keys_.key(i), [&](const EnrichState& state) {
      known = true;
      return answer(state.history);
    }));
    if (!known)
      PENSTOCK_TRY(answer({}));
  }
  if (!late.empty())
    out.sides.emplace_back(kLate, batch->select(std::move(late)));
  if (rows.rows() > 0)
    out.batches.push_back(rows.finish());
  return ok();
}

// What is wrong with an event was said where it came from.
Status Enrich::take_events(const BatchPtr& given, StageOutput&) {
  std::vector<Rejected> rejected;
  BatchPtr late;
  const BatchPtr batch = events_.sort_out(given, mark_, "enrich", rejected, late);
  if (batch->rows() == 0)
    return ok();
  const auto history = [](EnrichState& state) -> FeatureHistory& { return state.history; };
  return events_.take(batch, states_, history, "enrich", rejected, fresh_);
}

Status Enrich::answer_waiting(EnrichState& state, BatchBuilder& rows) {
  size_t answered = 0;
  for (; answered < state.waiting.size() && state.waiting[answered].at <= mark_; ++answered) {
    PENSTOCK_TRY(unpack_row(state.waiting[answered].row, 0, row_columns_.size(), rows));
    PENSTOCK_TRY(append_features(state.history, state.waiting[answered].at, rows));
  }
  waiting_ -= answered;
  state.waiting.erase(state.waiting.begin(), state.waiting.begin() + static_cast<ptrdiff_t>(answered));
  return ok();
}

Status Enrich::end_epoch(StageOutput& out) {
  mark_ = watermark_.value().micros;
  PENSTOCK_ASSIGN(std::vector<uint32_t> slots, states_.take_due(mark_));
  std::sort(fresh_.begin(), fresh_.end());
  slots.insert(slots.end(), fresh_.begin(), std::unique(fresh_.begin(), fresh_.end()));
  fresh_.clear();
  BatchBuilder rows(plan_.schema);
  {
    const auto held = states_.lock();
    for (const uint32_t slot : slots) {
      PENSTOCK_TRY(answer_waiting(states_[slot], rows));
      PENSTOCK_TRY(fold_.fold(states_[slot].history, mark_));
      PENSTOCK_TRY(fold_.keep_prefix(states_[slot].history, mark_));
      states_.changed(slot);
    }
  }
  if (rows.rows() > 0)
    out.batches.push_back(rows.finish());
  states_.end_epoch(out.changes);
  watermark_.end_epoch(out.changes);
  return ok();
}

}  // namespace penstock
