#include "actors/sources/claims.h"

namespace penstock {

const std::string* Claims::first_taken(const std::vector<std::string>& keys) const {
  for (const std::string& key : keys)
    if (taken_.contains(key))
      return &key;
  return nullptr;
}

void Claims::mark(const std::vector<std::string>& keys) {
  for (const std::string& key : keys)
    taken_.emplace(key, std::vector<Retry>());
}

bool Claims::take(const std::vector<std::string>& keys, Retry retry) {
  const std::lock_guard lock(mutex_);
  if (const std::string* key = first_taken(keys)) {
    taken_.find(*key)->second.push_back(std::move(retry));
    return false;
  }
  mark(keys);
  return true;
}

bool Claims::try_take(const std::vector<std::string>& keys) {
  const std::lock_guard lock(mutex_);
  if (first_taken(keys) != nullptr)
    return false;
  mark(keys);
  return true;
}

void Claims::give_back(const std::vector<std::string>& keys) {
  std::vector<Retry> waiting;
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& key : keys) {
      const auto found = taken_.find(key);
      std::move(found->second.begin(), found->second.end(), std::back_inserter(waiting));
      taken_.erase(found);
    }
  }
  for (const Retry& retry : waiting)
    retry();
}

size_t Claims::size() const {
  const std::lock_guard lock(mutex_);
  return taken_.size();
}

}  // namespace penstock
