// Recommenders over real models, histories and views of a topology, filled by hand, without actors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/recommenders/recommenders.h"
#include "core/clock.h"
#include "storage/memory_store.h"
#include "tests/support/recording_monitor.h"

namespace penstock::test {

/// Models `taste` (als) and `shelf` (popularity by weight) over events, `click` (popularity) over clicks, `likes` (logistic) over outcomes; views `catalogue` of items and
/// `people` of users.
class RecommenderFixture {
 public:
  /// `recommenders`: the entries of that section.
  explicit RecommenderFixture(const std::string& recommenders);

  /// Rows as JSON lines: `item`, `category`, `vendor`, `stock`.
  void put_items(const std::string& lines);
  /// `user`, `region`.
  void put_people(const std::string& lines);
  /// `category`, `region`, `strategy`, `clicked`: what the logistic model `likes` learns from.
  void put_outcomes(const std::string& lines);
  /// `user>item user>item*3`: interactions, with a weight, into the histories of the models that read this source.
  void happens(const std::string& source, const std::string& interactions);
  /// Fits every model on all that happened and serves the result.
  void train();

  /// `a/taste b/click` or the error; behind it ` step` and ` cached`.
  std::string ask(RecommendationQuery query) const;
  std::string ask(const std::string& user, size_t n = 10) const { return ask({.user = user, .model = "", .n = n}); }

  topology::Plan plan;
  MemoryStore store{{.synchronous = true}};
  ManualClock clock{Timestamp{1'000'000'000}};
  RecordingMonitor monitor;
  Runtime runtime;
  std::vector<std::unique_ptr<ModelServer>> models;
  std::unique_ptr<Recommenders> recommenders;

 private:
  std::shared_ptr<Aggregator> view(const std::string& id);

  std::map<std::string, std::vector<std::tuple<std::string, std::string, float>>> happened_;  // by source
  uint64_t trained_ = 0;
};

}  // namespace penstock::test
