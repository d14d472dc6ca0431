// Reads the features of users or items out of rows of the view that a model names (feature_columns.h): all of them for a
// training, one for an answer. Immutable; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/aggregators/view_registry.h"
#include "actors/trainers/feature_columns.h"
#include "messages/record_batch.h"

namespace penstock {

/// Features by the id of the user or item, as interactions have it (int64 in decimal).
using FeaturesById = std::unordered_map<std::string, std::vector<Feature>>;

class FeatureReader {
 public:
  explicit FeatureReader(FeatureSource source) : source_(std::move(source)) {}
  const FeatureSource& source() const { return source_; }

  /// Takes up every row of a batch of the view; a later row of the same id replaces an earlier one. Rows without an id
  /// are passed over.
  void read(const RecordBatch& batch, FeaturesById& out) const;

  /// The whole view as it is now. Errors: unavailable if it is not there yet.
  Result<FeaturesById> read_all(const ViewRegistry& views) const;
  /// Of one user or item; none if the view has no such row, or is not there yet.
  std::vector<Feature> lookup(const ViewRegistry& views, const std::string& id) const;

 private:
  std::vector<Feature> features(const RecordBatch& batch, size_t row) const;

  FeatureSource source_;
};

/// The matrix of the given ids, in their order; no rows at all if `features` is empty.
FeatureMatrix feature_matrix(const std::vector<std::string>& ids, const FeaturesById& features);

}  // namespace penstock
