#include "actors/aggregators/view_registry.h"

namespace penstock {

void ViewRegistry::add(const std::string& id, uint32_t workers) {
  const std::lock_guard lock(mutex_);
  views_[id].resize(workers);
}

void ViewRegistry::set(const std::string& id, uint32_t worker, std::shared_ptr<Aggregator> aggregator) {
  const std::lock_guard lock(mutex_);
  views_.at(id).at(worker) = std::move(aggregator);
}

ViewRegistry::Workers ViewRegistry::get(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = views_.find(id);
  return found == views_.end() ? Workers{} : found->second;
}

std::vector<std::string> ViewRegistry::ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [id, workers] : views_)
    out.push_back(id);
  return out;
}

}  // namespace penstock
