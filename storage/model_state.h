// Where a model version stands in its life: the words, the same in the store, the API, metrics and the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock {

/// The numbers are those of contract::ModelVersion::State and stay.
enum class ModelState : uint8_t {
  kCandidate = 1,  // stored, answers nobody
  kShadow = 2,     // answers a share of the requests too; its answers are compared and not served
  kCanary = 3,     // answers a share of the users
  kLive = 4,       // answers everybody else; one of a model at most
  kArchived = 5,   // answered once, or was given up for a newer one
  kRejected = 6,   // failed the gate or its rollout, or was rolled back
};

std::string_view model_state_name(ModelState state);  // candidate, shadow, canary, live, archived, rejected
std::optional<ModelState> model_state_of(std::string_view name);
/// In shadow or canary: on its way to live. One of a model at most.
inline bool on_trial(ModelState state) { return state == ModelState::kShadow || state == ModelState::kCanary; }

}  // namespace penstock
