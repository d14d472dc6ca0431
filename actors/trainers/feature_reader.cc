#include "actors/trainers/feature_reader.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <unordered_set>

namespace penstock {
namespace {

// The matrix of the given ids, in their order; no rows at all if nothing is known of anybody.
FeatureMatrix feature_matrix(const std::vector<std::string>& ids, const FeaturesById& features) {
  if (features.empty())
    return {};
  std::vector<std::vector<Feature>> rows(ids.size());
  for (size_t i = 0; i < ids.size(); ++i)
    if (const auto found = features.find(ids[i]); found != features.end())
      rows[i] = found->second;
  return make_features(rows);
}

}  // namespace

void FeatureReader::read(const RecordBatch& batch, FeaturesById& out, const Wanted& wanted) const {
  const Column& ids = *batch.column(source_.key);
  for (size_t i = 0; i < batch.rows(); ++i) {
    const size_t row = batch.row(i);
    if (ids.is_null(row))
      continue;
    std::string id = ids.to_string(row);
    if (!wanted || wanted(id))
      out.insert_or_assign(std::move(id), features(batch, row));
  }
}

Result<FeaturesById> FeatureReader::read_all(const ViewRegistry& views, const Wanted& wanted) const {
  FeaturesById out;
  const ViewRegistry::Workers workers = views.get(source_.view);
  for (const auto& worker : workers) {
    if (worker == nullptr)
      return unavailable("the view \"" + source_.view + "\" is still starting");
    PENSTOCK_ASSIGN(const BatchPtr rows, worker->read_all(SIZE_MAX));
    read(*rows, out, wanted);
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

FeatureReaders feature_readers(const topology::CheckedTopology& topology, const topology::Component& component,
                               const Model& model) {
  FeatureReaders out;
  if (!model.needs().features)
    return out;
  if (auto source = feature_source(topology, component, kUserFeatures))
    out.users.emplace(std::move(*source));
  if (auto source = feature_source(topology, component, kItemFeatures))
    out.items.emplace(std::move(*source));
  return out;
}

void KnownFeatures::append_untouched(std::vector<std::string>& items_there) const {
  const std::unordered_set<std::string_view> there(items_there.begin(), items_there.end());
  std::vector<std::string> untouched;
  for (const auto& [id, features] : items)
    if (!features.empty() && !there.contains(id))
      untouched.push_back(id);
  std::sort(untouched.begin(), untouched.end());
  std::ranges::move(untouched, std::back_inserter(items_there));
}

void KnownFeatures::fill(Interactions& interactions) const {
  interactions.user_features = feature_matrix(interactions.users, users);
  interactions.item_features = feature_matrix(interactions.items, items);
}

Result<KnownFeatures> read_features(const FeatureReaders& readers, const ViewRegistry& views) {
  KnownFeatures out;
  if (readers.users) {
    PENSTOCK_ASSIGN(out.users, readers.users->read_all(views));
  }
  if (readers.items) {
    PENSTOCK_ASSIGN(out.items, readers.items->read_all(views));
  }
  return out;
}

}  // namespace penstock
