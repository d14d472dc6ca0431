// `penstock models list|show|diff|train|cancel|promote|rollback|pin|unpin|prune|export|import`: the versions of a running
// node's models. A client: the node does the work, and its answers are shown.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "cli/exit.h"
#include "cli/node_client.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct ModelOptions {
  std::string url = kDefaultUrl;
  bool json = false;
  std::string model = {};
  uint64_t version = 0;  // 0: none was named
  uint64_t other = 0;    // of a diff
  std::string to = "live";
  bool force = false;
  std::string reason = {};
  uint64_t keep = 0;
  std::string file = {};
};

// Each gives the exit code.
int list_models(const ModelOptions& options, std::ostream& out, std::ostream& err);
int show_model(const ModelOptions& options, std::ostream& out, std::ostream& err);
int diff_models(const ModelOptions& options, std::ostream& out, std::ostream& err);
int train_model(const ModelOptions& options, std::ostream& out, std::ostream& err);
int cancel_training(const ModelOptions& options, std::ostream& out, std::ostream& err);
int promote_model(const ModelOptions& options, std::ostream& out, std::ostream& err);
int roll_back_model(const ModelOptions& options, std::ostream& out, std::ostream& err);
int pin_model(const ModelOptions& options, bool pinned, std::ostream& out, std::ostream& err);
int prune_models(const ModelOptions& options, std::ostream& out, std::ostream& err);
int export_model(const ModelOptions& options, std::ostream& out, std::ostream& err);
int import_model(const ModelOptions& options, std::ostream& out, std::ostream& err);

void add_models(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
