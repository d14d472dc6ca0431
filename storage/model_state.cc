#include "storage/model_state.h"

#include <algorithm>
#include <array>

namespace penstock {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"candidate", "shadow", "canary", "live", "archived", "rejected"};

}  // namespace

std::string_view model_state_name(ModelState state) { return kNames[static_cast<size_t>(state) - 1]; }

std::optional<ModelState> model_state_of(std::string_view name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end())
    return std::nullopt;
  return static_cast<ModelState>(found - kNames.begin() + 1);
}

}  // namespace penstock
