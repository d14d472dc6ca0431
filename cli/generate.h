// The verb `generate`: writes the synthetic marketplace (actors/sources/marketplace.h) to files: events, items, users,
// and the truth behind them, which a recommender tries to find; or the input of one of the systems of systems/.
#pragma once

#include <functional>
#include <string>

#include "actors/file_format.h"
#include "actors/sources/marketplace.h"
#include "cli/exit.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct GenerateOptions {
  MarketplaceOptions market;
  uint64_t events = 200'000;
  FileFormat format = FileFormat::kJsonLines;
  std::string folder;
  bool overwrite = false;
  std::string system;   // empty: the marketplace
  double dirty = 0.02;  // of a system: the share of dirty events
};

/// Writes events, items, users, truth_items and truth_users into the folder, which is made if it is not there. The
/// affinity of a user to an item is the dot product of their rows in the truth files. `progress(done, total)` counts
/// events. Errors: already_exists (a file is there and may not be overwritten), of writing.
Status generate_files(const GenerateOptions& options, const std::function<void(uint64_t, uint64_t)>& progress);

/// The same of a system. Errors: not_found (there is no such system), as above.
Status generate_system(const GenerateOptions& options, const std::function<void(uint64_t, uint64_t)>& progress);

void add_generate(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
