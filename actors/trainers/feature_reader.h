// Reads the features of users or items out of rows of the view that a model names (feature_columns.h): all of them for a
// training, one for an answer. Immutable; any thread.
#pragma once

#include <functional>
#include <optional>
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
  using Wanted = std::function<bool(const std::string& id)>;

  explicit FeatureReader(FeatureSource source) : source_(std::move(source)) {}
  const FeatureSource& source() const { return source_; }

  /// Takes up every row of a batch of the view; a later row of the same id replaces an earlier one. Rows without an id
  /// are passed over.
  void read(const RecordBatch& batch, FeaturesById& out, const Wanted& wanted = {}) const;

  /// The whole view as it is now, or those ids of it that are wanted. Errors: unavailable if it is not there yet.
  Result<FeaturesById> read_all(const ViewRegistry& views, const Wanted& wanted = {}) const;
  /// Of one user or item; none if the view has no such row, or is not there yet.
  std::vector<Feature> lookup(const ViewRegistry& views, const std::string& id) const;

 private:
  std::vector<Feature> features(const RecordBatch& batch, size_t row) const;

  FeatureSource source_;
};

/// Both views of a model, as far as its topology names them and its algorithm asks for features.
struct FeatureReaders {
  std::optional<FeatureReader> users, items;
};
FeatureReaders feature_readers(const topology::CheckedTopology& topology, const topology::Component& component,
                               const Model& model);

/// What was read of both.
struct KnownFeatures {
  FeaturesById users = {}, items = {};

  /// Items of which something is known but which nobody has touched, in order of their ids, behind the others.
  void append_untouched(std::vector<std::string>& items) const;
  /// Sets user_features and item_features for the users and items that are there.
  void fill(Interactions& interactions) const;
};
/// Errors: unavailable.
Result<KnownFeatures> read_features(const FeatureReaders& readers, const ViewRegistry& views);

}  // namespace penstock
