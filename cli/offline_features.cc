#include "cli/offline_features.h"

#include "cli/offline_flow.h"

namespace penstock::cli {
namespace {

Result<FeaturesById> read_view(const topology::CheckedTopology& topology, const std::optional<FeatureReader>& reader,
                               uint64_t max_records) {
  FeaturesById out;
  if (!reader)
    return out;
  const ManualClock clock;  // stands still, so that a source with a pace gives its history and nothing more
  PENSTOCK_ASSIGN(OfflineFlow flow, OfflineFlow::make(topology, reader->source().view, clock));
  const auto take = [&](const BatchPtr& batch) {
    reader->read(*batch, out);
    return ok();
  };
  PENSTOCK_ASSIGN(const OfflineRead done,
                  flow.run(max_records, take, [](const OfflineRead&, const SourceProgress&) {}));
  (void)done;
  return out;
}

}  // namespace

Result<KnownFeatures> read_features_offline(const topology::CheckedTopology& topology,
                                            const topology::Component& component, const Model& model,
                                            uint64_t max_records) {
  const FeatureReaders readers = feature_readers(topology, component, model);
  KnownFeatures out;
  PENSTOCK_ASSIGN(out.users, read_view(topology, readers.users, max_records));
  PENSTOCK_ASSIGN(out.items, read_view(topology, readers.items, max_records));
  return out;
}

}  // namespace penstock::cli
