#include "actors/servers/drift_watch.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "actors/regions/log_reader.h"
#include "actors/trainers/live_settings.h"

namespace penstock {
namespace {

constexpr uint64_t kReferenceRows = 10'000;
constexpr uint64_t kPlaces = 40;           // of the log that they are taken from
constexpr uint64_t kRowsARefresh = 2'000;  // of a partition; the newest
constexpr int64_t kSlots = 20;             // of a window

double number_at(const Column& column, size_t i) {
  if (column.is_null(i))
    return std::numeric_limits<double>::quiet_NaN();
  return column.type() == Type::kInt64 ? static_cast<double>(column.int64s()[i]) : column.float64s()[i];
}

bool is_number(const Field& field) { return field.type == Type::kInt64 || field.type == Type::kFloat64; }

std::variant<NumberBins, TextBins> bins_of(const Field& field, size_t index, const std::vector<BatchPtr>& rows) {
  if (is_number(field)) {
    std::vector<double> values;
    for (const BatchPtr& batch : rows)
      for (size_t i = 0; i < batch->rows(); ++i)
        values.push_back(number_at(*batch->column(index), batch->row(i)));
    return NumberBins(std::move(values));
  }
  std::unordered_map<std::string, uint64_t> texts;
  for (const BatchPtr& batch : rows)
    for (size_t i = 0; i < batch->rows(); ++i)
      if (!batch->column(index)->is_null(batch->row(i)))
        ++texts[batch->column(index)->to_string(batch->row(i))];
  return TextBins(texts);
}

size_t size_of(const std::variant<NumberBins, TextBins>& bins) {
  return std::visit([](const auto& each) { return each.size(); }, bins);
}

// Rows spread evenly over those of a partition up to an offset.
Status sample(const Store& store, const std::string& log, const SchemaPtr& schema, Partition partition, Offset to,
              std::vector<BatchPtr>& out) {
  PENSTOCK_ASSIGN(const LogRange range, store.range(log, partition));
  const uint64_t first = range.first.value(), end = std::min(to.value(), range.next.value());
  if (end <= first)
    return ok();
  const uint64_t places = std::min(kPlaces, end - first), each = kReferenceRows / kPlaces;
  for (uint64_t place = 0; place < places; ++place) {
    std::vector<Offset> start(partition.value() + 1);
    start[partition.value()] = Offset(first + (end - first) * place / places);
    LogReader reader(store, nullptr, log, schema, std::move(start));
    PENSTOCK_TRY(reader.open(""));
    // All rows of a place, not only the first batch: where batches of one kind are larger they would count too much.
    for (uint64_t left = std::min(each, std::max<uint64_t>(1, (end - first) / places)); left > 0;) {
      PENSTOCK_ASSIGN(const BatchPtr batch, reader.next_of(partition, left));
      if (!batch || batch->rows() == 0)
        break;
      out.push_back(batch);
      left -= std::min<uint64_t>(left, batch->rows());
    }
  }
  return ok();
}

}  // namespace

DriftWatch::DriftWatch(Runtime* runtime, const ModelServer* server)
    : runtime_(runtime),
      server_(server),
      log_(server->component().inputs.front()),
      schema_(runtime->plan.topology.find(log_)->binding.output),
      names_(live_settings(server->component()).drift_columns),
      window_(live_settings(server->component()).drift_window) {}

Status DriftWatch::refresh(Timestamp now) {
  const ServingPtr serving = server_->serving();
  if (names_.empty() || !serving)
    return ok();
  if (serving->version().version != version_)
    PENSTOCK_TRY(begin(serving->version()));
  return read_new(now);
}

Status DriftWatch::begin(const ModelVersion& version) {
  std::vector<BatchPtr> rows;
  PENSTOCK_ASSIGN(const uint32_t partitions, runtime_->store.partitions(log_));
  std::vector<Offset> next;
  for (uint32_t p = 0; p < partitions; ++p) {
    Offset to(0);
    for (const auto& [place, offset] : version.read_to)
      if (place == log_ + "/" + std::to_string(p))
        to = Offset(offset);
    PENSTOCK_TRY(sample(runtime_->store, log_, schema_, Partition(p), to, rows));
    next.push_back(to);
  }
  std::vector<Column> columns;
  for (const std::string& name : names_) {
    const size_t index = *schema_->index_of(name);
    Column column{name, index, bins_of(schema_->field(index), index, rows), {}};
    column.then.resize(size_of(column.bins));
    for (const BatchPtr& batch : rows) {
      const std::vector<uint64_t> counts = count(column, *batch);
      for (size_t bin = 0; bin < counts.size(); ++bin)
        column.then[bin] += counts[bin];
    }
    columns.push_back(std::move(column));
  }
  version_ = version.version;
  next_ = std::move(next);
  const std::lock_guard lock(mutex_);
  columns_ = std::move(columns);
  slots_.clear();
  return ok();
}

Status DriftWatch::read_new(Timestamp now) {
  for (uint32_t p = 0; p < next_.size(); ++p) {
    PENSTOCK_ASSIGN(const LogRange range, runtime_->store.range(log_, Partition(p)));
    const uint64_t end = range.next.value();
    uint64_t from = std::max(next_[p].value(), range.first.value());
    next_[p] = Offset(end);
    if (end - std::min(from, end) > kRowsARefresh)
      from = end - kRowsARefresh;
    if (from >= end)
      continue;
    std::vector<Offset> start(p + 1);
    start[p] = Offset(from);
    LogReader reader(runtime_->store, nullptr, log_, schema_, std::move(start));
    PENSTOCK_TRY(reader.open(""));
    for (uint64_t left = end - from; left > 0;) {
      PENSTOCK_ASSIGN(const BatchPtr batch, reader.next_of(Partition(p), left));
      if (!batch || batch->rows() == 0)
        break;
      add(*batch, now);
      left -= std::min<uint64_t>(left, batch->rows());
    }
  }
  const std::lock_guard lock(mutex_);
  while (!slots_.empty() && slots_.front().begun.micros + window_.micros < now.micros)
    slots_.pop_front();
  return ok();
}

std::vector<uint64_t> DriftWatch::count(const Column& column, const RecordBatch& batch) const {
  std::vector<uint64_t> out(size_of(column.bins));
  const penstock::Column& values = *batch.column(column.index);
  for (size_t i = 0; i < batch.rows(); ++i) {
    const size_t row = batch.row(i);
    if (const auto* numbers = std::get_if<NumberBins>(&column.bins))
      ++out[numbers->bin(number_at(values, row))];
    else if (const auto& texts = std::get<TextBins>(column.bins); values.is_null(row))
      ++out[texts.missing()];
    else
      ++out[texts.bin(values.to_string(row))];
  }
  return out;
}

void DriftWatch::add(const RecordBatch& batch, Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (slots_.empty() || slots_.back().begun.micros + window_.micros / kSlots <= now.micros) {
    slots_.push_back({now, {}});
    for (const Column& column : columns_)
      slots_.back().counts.emplace_back(size_of(column.bins));
  }
  for (size_t c = 0; c < columns_.size(); ++c) {
    const std::vector<uint64_t> counts = count(columns_[c], batch);
    for (size_t bin = 0; bin < counts.size(); ++bin)
      slots_.back().counts[c][bin] += counts[bin];
  }
}

std::vector<DriftFigures> DriftWatch::figures() const {
  std::vector<DriftFigures> out;
  const std::lock_guard lock(mutex_);
  for (size_t c = 0; c < columns_.size(); ++c) {
    std::vector<uint64_t> now(size_of(columns_[c].bins));
    DriftFigures figures{columns_[c].name};
    for (const Slot& slot : slots_)
      for (size_t bin = 0; bin < now.size(); ++bin) {
        now[bin] += slot.counts[c][bin];
        figures.values += slot.counts[c][bin];
      }
    figures.psi = population_stability_index(now, columns_[c].then);
    figures.jensen_shannon = jensen_shannon_distance(now, columns_[c].then);
    out.push_back(std::move(figures));
  }
  return out;
}

}  // namespace penstock
