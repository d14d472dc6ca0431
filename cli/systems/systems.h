// The systems that `penstock generate --system NAME` makes input for: realistic, of any size, with dirty records among them,
// and with the truth that a run is to come to (truth.json). The same seed and options give the same bytes.
//
// A system is one file here that fills a System in, and one line in systems.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/status.h"

namespace penstock::cli {

struct SystemOptions {
  uint64_t events = 200'000;
  uint64_t seed = 42;
  double dirty = 0.02;  // share of the events that are dirty, 0 to 1
  std::string folder;   // is there already
};

struct SystemFile {
  std::string name;     // feedback.jsonl
  std::string meaning;  // one sentence
};

struct System {
  std::string name;  // as the topology's: feedback-offers
  std::string summary;
  std::vector<SystemFile> files;  // all that it writes
  /// Writes them all. `progress(done, total)` counts events. Errors: of writing.
  std::function<Status(const SystemOptions& options, const std::function<void(uint64_t, uint64_t)>& progress)> generate;
};

/// All there are, by name.
const std::vector<System>& systems();
/// Errors: not_found, with the nearest name.
Result<const System*> find_system(const std::string& name);

System feedback_offers();
System ecommerce_realtime();
System als_saas();
System personalization();
System food_delivery();

}  // namespace penstock::cli
