#include "actors/aggregators/logistic.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "core/nearest.h"
#include "messages/byte_io.h"

namespace penstock {
namespace {

constexpr char kModelKey = 'm';
constexpr char kWeightKey = 'w';
constexpr size_t kMostContributions = 20;

SchemaPtr learnt_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{
      {"rows", Type::kInt64, true},
      {"share_true", Type::kFloat64, true},
      {"auc", Type::kFloat64, true},
      {"log_loss", Type::kFloat64, true},
      {"calibration_error", Type::kFloat64, true},
  });
  return schema;
}

std::string weight_key(uint32_t bucket) {
  return {kWeightKey, static_cast<char>(bucket >> 24), static_cast<char>(bucket >> 16), static_cast<char>(bucket >> 8),
          static_cast<char>(bucket)};
}

Status unknown_feature(const std::string& name, const std::vector<PredictionColumn>& columns) {
  std::vector<std::string> known;
  std::string list;
  for (const PredictionColumn& column : columns) {
    known.push_back(column.column.name);
    list += (list.empty() ? "" : ", ") + column.column.name;
  }
  const auto meant = nearest(name, known);
  return invalid_argument("there is no feature `" + name + "`; " +
                          (meant ? "did you mean `" + *meant + "`?" : "the model has " + list));
}

}  // namespace

Logistic::Logistic(PredictionReader reader, const FtrlParameters& parameters, double window)
    : reader_(std::move(reader)),
      encoder_(reader_.columns()),
      ftrl_(parameters),
      calibration_(window),
      is_touched_(ftrl_.parameters().buckets) {}

uint64_t Logistic::shape() const {
  std::string text = std::to_string(ftrl_.parameters().buckets);
  for (const PredictionColumn& column : encoder_.columns()) {
    text += '\n' + column.column.name + '\t' + std::to_string(static_cast<int>(column.column.kind)) +
            (column.numeric ? "n" : "") + '\t' + column.column.separator + '\t' + std::to_string(column.column.buckets);
    for (const double boundary : column.column.boundaries)
      text += ' ' + std::to_string(boundary);
  }
  return XXH3_64bits(text.data(), text.size());
}

void Logistic::inputs_of(std::span<const PredictionValue> values, std::vector<FtrlInput>& out) {
  features_.clear();
  encoder_.encode(values, features_);
  out.clear();
  for (const Feature& feature : features_)
    out.push_back({ftrl_.bucket(feature.name), feature.value});
}

void Logistic::touch(uint32_t bucket) {
  if (is_touched_[bucket])
    return;
  is_touched_[bucket] = true;
  touched_.push_back(bucket);
}

Status Logistic::process(const BatchPtr& batch, StageOutput& out) {
  constexpr size_t kRowsALock = 256;  // a request waits for no more
  const size_t rows = batch->rows();
  for (size_t from = 0; from < rows; from += kRowsALock) {
    const BatchPtr part = batch->slice(from, std::min(kRowsALock, rows - from));
    const std::unique_lock lock(mutex_);
    reader_.read(part, out.rejected, [&](const LabelledRow& row) {
      inputs_of(row.values, inputs_);
      calibration_.learn(ftrl_.learn(inputs_, row.label, row.weight), row.label);
      encoder_.learn(row.values);
      ++rows_;
      touch(Ftrl::kBias);
      for (const FtrlInput& input : inputs_)
        touch(input.bucket);
    });
  }
  return ok();
}

Status Logistic::open(StoredKeys stored, MemoryShare share) {
  PENSTOCK_TRY(Aggregator::open(std::move(stored), share));
  if (share.report)
    share.report(memory());
  return ok();
}

Status Logistic::restore(std::string_view key, std::string_view value) {
  const std::unique_lock lock(mutex_);
  ByteReader reader(value);
  if (reader.number<char>() != kVersion)
    return data_loss("the state of a logistic model has an unknown format version");
  if (key.size() == 1 && key[0] == kModelKey) {
    if (reader.number<uint64_t>() != shape())
      return failed_precondition(
          "the model was learnt with other features or another number of buckets; give the new one another name, or "
          "restore the declaration");
    rows_ = reader.number<uint64_t>();
    for (RunningScale& scale : encoder_.scales()) {
      const auto count = reader.number<double>(), mean = reader.number<double>(), squares = reader.number<double>();
      scale.set_state({count, mean, squares});
    }
    if (reader.failed())
      return data_loss("the state of a logistic model has the wrong length");
    return calibration_.decode(reader.bytes(reader.left()));
  }
  uint32_t bucket = 0;
  if (key.size() != 5 || key[0] != kWeightKey)
    return data_loss("a logistic model has an unknown key");
  for (const char byte : key.substr(1))
    bucket = bucket << 8 | static_cast<unsigned char>(byte);
  Ftrl::Slot slot;
  slot.z = reader.number<float>();
  slot.n = reader.number<float>();
  if (reader.failed() || reader.left() > 0 || bucket >= ftrl_.parameters().buckets)
    return data_loss("a weight of a logistic model has the wrong length or number");
  ftrl_.set_slot(bucket, slot);
  return ok();
}

Status Logistic::end_epoch(StageOutput& out) {
  // Only this thread changes the state, so it needs no lock to read it.
  if (touched_.empty())
    return ok();
  std::string model(1, kVersion);
  append_number(shape(), model);
  append_number(rows_, model);
  for (const RunningScale& scale : encoder_.scales()) {
    append_number(scale.state().count, model);
    append_number(scale.state().mean, model);
    append_number(scale.state().squares, model);
  }
  model += calibration_.encode();
  out.changes.emplace_back(std::string(1, kModelKey), std::move(model));
  for (const uint32_t bucket : touched_) {
    std::string value(1, kVersion);
    append_number(ftrl_.slot(bucket).z, value);
    append_number(ftrl_.slot(bucket).n, value);
    out.changes.emplace_back(weight_key(bucket), std::move(value));
    is_touched_[bucket] = false;
  }
  touched_.clear();
  return ok();
}

Result<Prediction> Logistic::predict(const PredictionRow& row, bool contributions) const {
  const std::vector<PredictionColumn>& columns = encoder_.columns();
  std::vector<PredictionValue> values(columns.size());
  for (const auto& [name, value] : row) {
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const PredictionColumn& column) { return column.column.name == name; });
    if (found == columns.end())
      return unknown_feature(name, columns);
    const auto at = static_cast<size_t>(found - columns.begin());
    PENSTOCK_TRY(encoder_.check(at, value));
    values[at] = value;
  }
  std::vector<Feature> features;
  Prediction out;
  const std::shared_lock lock(mutex_);
  encoder_.encode(values, features);
  out.log_odds = ftrl_.weight(Ftrl::kBias);
  if (contributions)
    out.contributions.emplace_back("bias", out.log_odds);
  for (const Feature& feature : features) {
    const double part = feature.value * static_cast<double>(ftrl_.weight(ftrl_.bucket(feature.name)));
    out.log_odds += part;
    if (contributions && part != 0)
      out.contributions.emplace_back(feature.name, part);
  }
  out.probability = calibration_.probability(out.log_odds);
  std::stable_sort(out.contributions.begin(), out.contributions.end(),
                   [](const auto& a, const auto& b) { return std::abs(a.second) > std::abs(b.second); });
  if (out.contributions.size() > kMostContributions)
    out.contributions.resize(kMostContributions);
  return out;
}

Predictor::Learnt Logistic::learnt() const {
  const std::shared_lock lock(mutex_);
  return {rows_, calibration_.quality()};
}

Result<BatchPtr> Logistic::lookup(const std::vector<std::string>& key) const {
  if (!key.empty())
    return invalid_argument("a logistic model has no keys");
  return read_all(1);
}

Result<BatchPtr> Logistic::read_all(size_t limit) const {
  BatchBuilder rows(learnt_schema());
  if (const Learnt now = learnt(); limit > 0 && now.rows > 0) {
    rows.column(0).append_int64(static_cast<int64_t>(now.rows));
    rows.column(1).append_float64(now.quality.share_true);
    rows.column(2).append_float64(now.quality.auc);
    rows.column(3).append_float64(now.quality.log_loss);
    rows.column(4).append_float64(now.quality.calibration_error);
  }
  return rows.finish();
}

size_t Logistic::keys() const {
  const std::shared_lock lock(mutex_);
  return rows_ > 0 ? 1 : 0;
}

size_t Logistic::memory() const { return sizeof(*this) + ftrl_.memory() + is_touched_.size() / 8; }

}  // namespace penstock
