// The proof by death for topics: nodes of one consumer group read orders, each into its own store, and write what they stored into a
// second topic. They are killed (SIGKILL) at random and at chosen moments, stopped, and started again; the broker too is killed
// and stopped; all the while orders come in, in transactions of which some are taken back. In the end each order of the first topic must
// stand in exactly one store, once, and in the second topic once.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/kafka_broker.h"

namespace penstock::test {

struct DeathOptions {
  std::string binary;
  int kills = 24;       // of nodes; the broker goes once for each eight of them
  uint64_t seed = 1;    // of moments and orders
  int64_t rate = 1000;  // orders a second
  bool storm = false;   // members only join and leave, and nothing is lost: rebalance follows rebalance
  std::ostream* progress = nullptr;
};

struct DeathResult {
  std::map<std::string, int> deaths;  // by what happened
  int64_t issued = 0, taken_back = 0, in_topic = 0, delivered = 0;
  std::map<std::string, int64_t> stored;  // by node
  std::vector<std::string> mistakes;
};

DeathResult run_death_loop(KafkaBroker& broker, const DeathOptions& options);
/// One line.
std::string summary(const DeathResult& result);

}  // namespace penstock::test
