#include "actors/servers/served_versions.h"

#include "core/random.h"
#include "messages/key.h"

namespace penstock {

bool in_canary(std::string_view user, uint64_t version, double share) {
  const uint64_t hash = splitmix64(hash_key(user) ^ splitmix64(version));
  return static_cast<double>(hash >> 11) * 0x1.0p-53 < share;
}

ServingPtr ServedVersions::live() const {
  const std::lock_guard lock(mutex_);
  return live_;
}

ServingPtr ServedVersions::trial() const {
  const std::lock_guard lock(mutex_);
  return trial_.serving;
}

ServingPtr ServedVersions::for_user(std::string_view user) const {
  const std::lock_guard lock(mutex_);
  const bool canary = trial_.serving && trial_.state == ModelState::kCanary && !user.empty() &&
                      in_canary(user, trial_.serving->version().version, trial_.share);
  return canary ? trial_.serving : live_;
}

void ServedVersions::set_live(ServingPtr serving) {
  const std::lock_guard lock(mutex_);
  live_.swap(serving);
}

void ServedVersions::set_trial(ServingPtr serving, ModelState state, double share) {
  Trial trial{std::move(serving), state, share};
  const std::lock_guard lock(mutex_);
  std::swap(trial_, trial);
}

void ServedVersions::end_trial() { set_trial(nullptr, ModelState::kCandidate, 0); }

void ServedVersions::replace(const ServingPtr& present, ServingPtr next) {
  const std::lock_guard lock(mutex_);
  if (live_ == present)
    live_.swap(next);
  else if (trial_.serving == present)
    trial_.serving.swap(next);
}

ServedVersions::Trial ServedVersions::trial_state() const {
  const std::lock_guard lock(mutex_);
  return trial_;
}

uint64_t ServedVersions::memory() const {
  const ServingPtr live = this->live(), trial = this->trial();
  return (live ? live->memory() : 0) + (trial ? trial->memory() : 0);
}

}  // namespace penstock
