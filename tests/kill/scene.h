// Files and commands of the kill loop: its topology, how the node is started on it, what the program's own verbs say of a
// store.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::kill {

/// One row a key, as a view shows it and as a recount of orders gives it.
struct Totals {
  int64_t count = 0, amount = 0, ids = 0;
  bool operator==(const Totals&) const = default;
};
using View = std::map<std::string, Totals>;

/// The orders of a store's log.
struct Stored {
  std::set<int64_t> ids;
  std::map<std::string, int64_t> records;  // record id → order id, in sinks' words
  std::string problem;                     // an order twice, or changed; or the export failed
  View by(bool user) const;
};

class Scene {
 public:
  Scene(std::string binary, const std::string& receiver_url);

  test::RunningNode::Start start(const std::string& faults = {}, uint64_t fault_seed = 1) const;
  /// On another store, delivering to nobody.
  test::RunningNode::Start start_without_sinks(const std::string& data_dir) const;

  std::string data_dir() const { return folder_ / "data"; }
  std::string backup_dir() const { return folder_ / "backups"; }
  std::string file_sink() const { return folder_ / "out.jsonl"; }
  std::string result_file() const { return folder_ / "totals.jsonl"; }  // the view per_user, as a job writes it
  std::string path(const std::string& name) const { return folder_ / name; }

  Stored stored(const std::string& data_dir) const;
  /// Empty if the store is sound.
  std::string check_store(const std::string& data_dir) const;
  /// Empty if it could be restored.
  std::string restore(const std::string& backup, const std::string& data_dir) const;

 private:
  std::string binary_;
  test::TemporaryFolder folder_;
  std::string topology_, without_sinks_;
};

/// The rows of a view of the node, `count` < 0 with what went wrong in the key if it cannot be read.
View read_view(test::RunningNode& node, const std::string& name, const std::string& key);
/// The rows of a result file, JSON Lines, in the same way.
View read_result(const std::string& text, const std::string& key);
/// The ids of the orders in a file of JSON Lines; a complaint in `problem` if one is there twice or was changed.
std::multiset<int64_t> read_orders(const std::string& text, std::string& problem);

}  // namespace penstock::kill
