// A node that runs tests/prometheus/everything.yaml, and what its clients do: they post orders, good and bad, ask for
// recommendations, predictions and choices, and let it train, back up and make views anew.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/lmdb_snapshot.h"
#include "tests/support/kafka_broker.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {

class BusyNode {
 public:
  /// Starts a broker and the node, and waits until it is ready. Errors: std::runtime_error with what the node said.
  BusyNode();

  /// A second or less of what clients do.
  void serve_clients();
  uint16_t port() { return node_->port(); }
  RunningNode& node() { return *node_; }
  /// Stops it, and opens what it leaves behind.
  std::unique_ptr<LmdbSnapshot> stop();

 private:
  void command(const std::string& target);
  void post_orders();
  void ask();

  TemporaryFolder folder_;
  KafkaBroker& broker_;
  std::unique_ptr<RunningNode> node_;
  int round_ = 0;
  int orders_ = 0;
};

}  // namespace penstock::test
