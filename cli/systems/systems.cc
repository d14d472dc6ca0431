#include "cli/systems/systems.h"

#include "actors/supervision/unknown_name.h"

namespace penstock::cli {

const std::vector<System>& systems() {
  static const std::vector<System> all = {feedback_offers(), ecommerce_realtime(), als_saas(), personalization(),
                                          food_delivery()};
  return all;
}

Result<const System*> find_system(const std::string& name) {
  std::vector<std::string> names;
  for (const System& system : systems()) {
    if (system.name == name)
      return &system;
    names.push_back(system.name);
  }
  return not_found(unknown_name("system", name, names));
}

}  // namespace penstock::cli
