// Verbs `reconcile` and `recompute`: a batch run of a view of a running node, awaited. See actors/servers/batch_desk.h.
#pragma once

#include <ostream>
#include <string>

#include "cli/exit.h"
#include "cli/node_client.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct BatchOptions {
  std::string view;
  std::string url = kDefaultUrl;
  bool reconcile = true;  // or land
  bool json = false;
  bool wait = true;
};

/// Exit::kOk: they agree (it has landed); Exit::kFailed: they do not, or the run failed.
int run_batch(const BatchOptions& options, std::ostream& out, std::ostream& err);

void add_reconcile(CLI::App& app, Exit& exit);
void add_recompute(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
