// Nodes that read orders from a topic, each with a store of its own, as members of one consumer group; and what their stores hold
// when they have ended.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/kafka_broker.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {

/// The topology of such a node: the source `orders`, the view `per_user`, the view `total` of one row, and whatever is added.
struct OrderTopology {
  std::string broker = {};
  std::string topic = "orders";
  std::string source = {};    // further properties of the source, such as `start: latest`
  std::string settings = {};  // of the node, beside its epochs
  std::string schema = {};    // further columns: `, place: int64`
  std::string sections = {};  // further lines, such as `sinks:` and what is below it

  std::string text() const;
};

class OrderNodes {
 public:
  OrderNodes(std::string binary, const OrderTopology& topology);

  /// The node of that name, on its store.
  std::unique_ptr<RunningNode> start(const std::string& name,
                                     const std::map<std::string, std::string>& environment = {}) const;
  std::string data_dir(const std::string& name) const { return folder_ / name; }
  std::string path(const std::string& name) const { return folder_ / name; }

  /// The ids in the log `orders` of a node that has ended; what is wrong is told in `problem`.
  std::vector<int64_t> stored(const std::string& name, std::string& problem) const;
  /// A log of it as lines.
  Finished exported(const std::string& name, const std::string& log) const;
  /// Empty if the node's store is sound.
  std::string check_store(const std::string& name) const;

 private:
  const std::string binary_;
  TemporaryFolder folder_;
  std::string topology_;
};

/// How many orders the view `total` of a node counts; -1 if it does not say.
int64_t counted(RunningNode& node);
/// Until they count so many together, or it took too long. Gives what they count.
int64_t wait_until_counted(const std::vector<RunningNode*>& nodes, int64_t count,
                           std::chrono::milliseconds patience = std::chrono::seconds(60));

}  // namespace penstock::test
