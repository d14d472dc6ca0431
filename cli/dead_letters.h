// `penstock dead-letters list|show|replay|purge`: the records that a node has set aside. A client of a running node; list and
// show also read the store of one that is stopped.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "cli/exit.h"
#include "cli/node_client.h"

namespace CLI {
class App;
}

namespace penstock::cli {

struct DeadLetterOptions {
  std::string url = kDefaultUrl;
  std::string data_dir = {};  // of a stopped node; empty: a running one is asked
  bool json = false;
  // Which letters.
  std::string stage = {}, reason = {}, since = {}, until = {};
  std::vector<uint64_t> numbers = {};
  bool all = false, replayed = false, pending = false;
  // list
  std::optional<uint64_t> from = {};  // newest number to show
  int64_t n = 20;
  bool summary = false;
  // replay
  std::string repaired = {};  // file of JSON Lines, or `-`
  bool again = false;
};

// Each gives the exit code.
int list_dead_letters(const DeadLetterOptions& options, std::ostream& out, std::ostream& err);
/// Requires: one number.
int show_dead_letter(const DeadLetterOptions& options, std::ostream& out, std::ostream& err);
int replay_dead_letters(const DeadLetterOptions& options, std::istream& in, std::ostream& out, std::ostream& err);
int purge_dead_letters(const DeadLetterOptions& options, std::ostream& out, std::ostream& err);

void add_dead_letters(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
