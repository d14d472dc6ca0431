#include "actors/trainers/feature_reader.h"

#include <cstdint>

namespace penstock {

void FeatureReader::read(const RecordBatch& batch, FeaturesById& out) const {
  const Column& ids = *batch.column(source_.key);
  for (size_t i = 0; i < batch.rows(); ++i) {
    const size_t row = batch.row(i);
    if (!ids.is_null(row))
      out.insert_or_assign(ids.to_string(row), features(batch, row));
  }
}

Result<FeaturesById> FeatureReader::read_all(const ViewRegistry& views) const {
  FeaturesById out;
  const ViewRegistry::Workers workers = views.get(source_.view);
  for (const auto& worker : workers) {
    if (worker == nullptr)
      return unavailable("the view \"" + source_.view + "\" is still starting");
    PENSTOCK_ASSIGN(const BatchPtr rows, worker->read_all(SIZE_MAX));
    read(*rows, out);
  }
  return out;
}

std::vector<Feature> FeatureReader::lookup(const ViewRegistry& views, const std::string& id) const {
  for (const auto& worker : views.get(source_.view)) {
    if (worker == nullptr)
      continue;
    const auto row = worker->lookup({id});
    if (row.ok() && *row != nullptr && (*row)->rows() > 0)
      return features(**row, (*row)->row(0));
  }
  return {};
}

std::vector<Feature> FeatureReader::features(const RecordBatch& batch, size_t row) const {
  std::vector<Feature> out;
  for (const FeatureSource::Column& column : source_.columns) {
    const Column& values = *batch.column(column.index);
    if (values.is_null(row))
      continue;
    if (values.type() == Type::kFloat64)
      encode_number(column.feature, values.float64s()[row], out);
    else if (values.type() == Type::kInt64 && column.feature.kind == FeatureColumn::Kind::kBuckets)
      encode_number(column.feature, static_cast<double>(values.int64s()[row]), out);
    else
      encode_text(column.feature, values.to_string(row), out);
  }
  return out;
}

FeatureMatrix feature_matrix(const std::vector<std::string>& ids, const FeaturesById& features) {
  if (features.empty())
    return {};
  std::vector<std::vector<Feature>> rows(ids.size());
  for (size_t i = 0; i < ids.size(); ++i)
    if (const auto found = features.find(ids[i]); found != features.end())
      rows[i] = found->second;
  return make_features(rows);
}

}  // namespace penstock
