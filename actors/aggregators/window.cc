#include "actors/aggregators/window.h"

#include <algorithm>
#include <mutex>

#include "actors/aggregators/view_key.h"
#include "actors/stages/reject.h"
#include "messages/key.h"
#include "storage/limits.h"

namespace penstock {
namespace {

// Rows [from, to) of those that it has values for.
sql::AggregateInput part_of(const sql::AggregateInput& input, size_t from, size_t to) {
  sql::AggregateInput part = input;
  std::vector<uint32_t> kept;
  if (input.kept) {
    for (const uint32_t i : *input.kept)
      if (i >= from && i < to)
        kept.push_back(i);
  } else {
    for (size_t i = from; i < to; ++i)
      kept.push_back(static_cast<uint32_t>(i));
  }
  part.kept = std::move(kept);
  return part;
}

}  // namespace

Window::Window(WindowPlan plan, const Clock& clock)
    : plan_(std::move(plan)),
      clock_(clock),
      watermark_(clock, plan_.lateness, plan_.idle_timeout),
      groups_(plan_),
      early_nanos_(clock.monotonic_nanos()) {}

std::string_view Window::routed_part(std::string_view key) {
  if (key.starts_with(kClosedRow))
    return key.substr(std::min(key.size(), 1 + WindowGroups::kBeginBytes));
  return key.substr(0, key.size() - std::min(key.size(), WindowGroups::kBeginBytes));
}

Status Window::open(StoredKeys stored, MemoryShare share) {
  PENSTOCK_TRY(watermark_.restore(stored));
  groups_.set_closed(watermark_.value().micros);
  stored.route_by(routed_part);
  // A group is in memory with all its windows or not at all, so the last one taken up is taken up to its end.
  std::string last;
  return keys_.open(
      std::move(stored), std::move(share),
      [&](std::string_view key, std::string_view value) {
        last = routed_part(key);
        return restore(key, value);
      },
      [&](std::string_view key, std::string_view value) {
        if (key.starts_with(kClosedRow) || Watermark::is_key(key))
          return ok();
        if (routed_part(key) == last)
          return restore(key, value);
        WindowGroups one(plan_);
        one.resize(1);
        one.set_closed(groups_.closed());
        PENSTOCK_TRY(one.restore(0, WindowGroups::begin_of(key), value));
        stored_due_ = std::min(stored_due_, one.due(0));
        return ok();
      });
}

Status Window::restore(std::string_view key, std::string_view value) {
  if (key.starts_with(kClosedRow) || Watermark::is_key(key))
    return ok();
  if (key.size() <= WindowGroups::kBeginBytes)
    return data_loss("a window's key is cut off");
  const std::string_view group_key = routed_part(key);
  const std::unique_lock lock(mutex_);
  const uint32_t group = keys_.insert(group_key, hash_key(group_key));
  groups_.resize(keys_.slots());
  PENSTOCK_TRY(groups_.restore(group, WindowGroups::begin_of(key), value));
  keys_.set_bytes(group, groups_.memory(group));
  note_due(group);
  forget_if_empty(group);
  return ok();
}

std::vector<sql::AggregateInput> Window::evaluate(const RecordBatch& batch, std::vector<sql::RowError>& errors) const {
  std::vector<sql::AggregateInput> inputs;
  for (const WindowPlan::Aggregate& aggregate : plan_.aggregates) {
    inputs.push_back(aggregate.call.evaluate(batch));
    for (const sql::RowError& error : inputs.back().errors)
      errors.push_back({error.row, aggregate.name + ": " + error.message});
  }
  return inputs;
}

std::vector<sql::RowError> Window::wrong_times(const RecordBatch& batch) const {
  std::vector<sql::RowError> errors;
  const Column& times = *batch.column(plan_.time);
  const std::span<const int64_t> values = times.int64s();
  for (size_t i = 0; i < batch.rows(); ++i) {
    const size_t row = batch.row(i);
    if (times.is_null(row))
      errors.push_back({i, "the row has none"});
    else if (values[row] < -WindowPlan::kFurthest || values[row] > WindowPlan::kFurthest)
      errors.push_back({i, times.to_string(row) + " is more than 100,000 years from 1970"});
  }
  return errors;
}

std::vector<sql::RowError> Window::encode_keys(const RecordBatch& batch) {
  constexpr size_t kMostBytes = kMaxKeyBytes - WindowGroups::kBeginBytes - 1;
  std::vector<sql::RowError> too_long;
  key_bytes_.clear();
  key_ends_.assign(1, 0);
  hashes_.clear();
  for (size_t i = 0; i < batch.rows(); ++i) {
    if (plan_.group_by.empty())
      key_bytes_ += kOnlyKey;
    else
      append_key(batch, plan_.group_by, batch.row(i), key_bytes_);
    key_ends_.push_back(key_bytes_.size());
    const std::string_view key = key_of_row(i);
    hashes_.push_back(hash_key(key));
    if (key.size() > kMostBytes)
      too_long.push_back({i, "the key has " + std::to_string(key.size()) + " bytes, and at most " +
                                 std::to_string(kMostBytes) + " can be stored"});
  }
  return too_long;
}

BatchPtr Window::set_aside(const BatchPtr& given, std::vector<sql::AggregateInput>& inputs,
                           std::vector<Rejected>& rejected) {
  BatchPtr batch = reject_errors(given, wrong_times(*given), "time", rejected);
  std::vector<sql::RowError> errors;
  inputs = evaluate(*batch, errors);
  if (!errors.empty()) {
    batch = reject_errors(batch, errors, "aggregates", rejected);
    inputs = evaluate(*batch, errors);
  }
  const std::vector<sql::RowError> too_long = encode_keys(*batch);
  if (!too_long.empty()) {
    batch = reject_errors(batch, too_long, "group_by", rejected);
    inputs = evaluate(*batch, errors);
    (void)encode_keys(*batch);
  }
  return batch;
}

Status Window::process(const BatchPtr& given, StageOutput& out) {
  std::vector<sql::AggregateInput> inputs;
  const BatchPtr batch = set_aside(given, inputs, out.rejected);
  if (batch->rows() == 0)
    return ok();
  if (keys_.slots() + batch->rows() > KeyIndex::kMostKeys)
    return resource_exhausted("a window holds at most " + std::to_string(KeyIndex::kMostKeys) + " groups a worker");
  PENSTOCK_TRY(fetch_missing());
  const std::vector<sql::RowError> overflows = place(*batch, inputs);
  ++changes_;
  hand_out_late(batch, out);
  reject_errors(batch, overflows, "aggregates", out.rejected);
  return ok();
}

Status Window::fetch_missing() {
  if (keys_.complete())
    return ok();
  std::vector<std::string> missing;
  for (size_t i = 0; i < hashes_.size(); ++i)
    if (!keys_.index().find(key_of_row(i), hashes_[i]))
      missing.emplace_back(key_of_row(i));
  std::sort(missing.begin(), missing.end());  // neighbours are on the same page
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  for (const std::string& group_key : missing) {
    Status status;
    PENSTOCK_TRY(keys_.stored().scan(
        [&](std::string_view key, std::string_view value) {
          status = restore(key, value);
          return status.ok();
        },
        group_key));
    PENSTOCK_TRY(status);
  }
  return ok();
}

std::vector<sql::RowError> Window::place(const RecordBatch& batch, std::vector<sql::AggregateInput>& inputs) {
  constexpr size_t kAhead = 8;  // slots are fetched from memory while earlier keys are compared
  const std::span<const int64_t> times = batch.column(plan_.time)->int64s();
  const size_t rows = batch.rows();
  std::vector<sql::RowError> overflows;
  slots_.assign(rows, WindowGroups::kLate);
  size_t placed = 0, taken = 0;
  const auto take = [&](size_t to) {
    for (size_t a = 0; a < inputs.size() && taken < to; ++a) {
      const bool all = taken == 0 && to == rows;
      for (const sql::RowError& error : groups_.update(a, all ? inputs[a] : part_of(inputs[a], taken, to), slots_))
        overflows.push_back({error.row, plan_.aggregates[a].name + ": " + error.message});
    }
    taken = to;
  };
  const std::function<void()> flush = [&] { take(placed); };
  const std::unique_lock lock(mutex_);
  for (size_t& i = placed; i < rows; ++i) {
    if (i + kAhead < rows)
      keys_.index().prefetch(hashes_[i + kAhead]);
    const uint32_t group = keys_.insert(key_of_row(i), hashes_[i]);
    if (group >= groups_.size())
      groups_.resize(keys_.slots());
    slots_[i] = groups_.place(group, times[batch.row(i)], flush);
    keys_.touch(group);
    if (groups_.take_overflow())
      overflows.push_back({i, "two sessions became one, whose sum does not fit"});
  }
  take(rows);
  return overflows;
}

void Window::hand_out_late(const BatchPtr& batch, StageOutput& out) const {
  Selection late;
  for (size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i] == WindowGroups::kLate)
      late.push_back(static_cast<uint32_t>(batch->row(i)));
  if (!late.empty())
    out.sides.emplace_back(kLateOutput, batch->select(std::move(late)));
}

void Window::note_due(uint32_t group) {
  if (!plan_.sessions() || groups_.empty(group))
    return;
  noted_.resize(std::max<size_t>(noted_.size(), keys_.slots()), WindowGroups::kNever);
  const int64_t at = groups_.due(group);
  if (at >= noted_[group])
    return;
  noted_[group] = at;
  due_.push({at, group});
}

void Window::committed(uint64_t epochs) {
  keys_.committed(epochs);
  if (recent_.empty())
    return;
  const std::unique_lock lock(mutex_);
  std::erase_if(recent_, [&](const auto& row) { return row.second.epoch <= epochs; });
}

}  // namespace penstock
