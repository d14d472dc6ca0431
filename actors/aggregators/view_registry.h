// Where servers find the aggregators that hold a view (or a model's interaction history), worker by worker. When a region
// restarts, its new aggregators take the place of the old; until then the old ones go on answering. Thread safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/aggregators/aggregator.h"

namespace penstock {

class ViewRegistry {
 public:
  using Workers = std::vector<std::shared_ptr<Aggregator>>;

  /// Makes room for a view. Requires: before any set().
  void add(const std::string& id, uint32_t workers);
  void set(const std::string& id, uint32_t worker, std::shared_ptr<Aggregator> aggregator);
  /// One for each worker; null where a worker has not started yet. Empty: no such view.
  Workers get(const std::string& id) const;
  std::vector<std::string> ids() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Workers> views_;
};

}  // namespace penstock
