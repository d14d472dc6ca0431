// Which version of a model answers whom: the live one everybody, but for the users of a canary. Thread safe; the lock is
// never held while computing.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

#include "actors/servers/serving.h"
#include "storage/model_state.h"

namespace penstock {

/// Whether the user is among the share of users whom this version answers as a canary. The same users as long as the
/// version is one, whatever the node; of another version, others.
bool in_canary(std::string_view user, uint64_t version, double share);

class ServedVersions {
 public:
  /// Null: nothing has been learnt.
  ServingPtr live() const;
  /// In shadow or canary; null: none.
  ServingPtr trial() const;
  /// Who answers this user; an empty user is in no canary.
  ServingPtr for_user(std::string_view user) const;

  void set_live(ServingPtr serving);
  /// `share`: of the users, for a canary; of the requests, for a shadow.
  void set_trial(ServingPtr serving, ModelState state, double share);
  void end_trial();
  /// Puts `next` where `present` is still: versions may have changed while it was made.
  void replace(const ServingPtr& present, ServingPtr next);

  struct Trial {
    ServingPtr serving;
    ModelState state = ModelState::kCandidate;
    double share = 0;
  };
  Trial trial_state() const;
  uint64_t memory() const;

 private:
  mutable std::mutex mutex_;
  ServingPtr live_;
  Trial trial_;
};

}  // namespace penstock
