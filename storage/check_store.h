// Reads everything in a store and verifies what storage/FORMAT.md promises, without changing anything. Works beside a
// running node of another process too (it sees one snapshot).
//
// A file whose page structure itself is broken can end the process inside LMDB (SIGBUS, SIGSEGV); who must survive that
// calls this in a child process.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/status.h"
#include "storage/store.h"

namespace penstock {

struct StoreReport {
  struct Log {
    std::string name;
    uint32_t partition = 0;
    Offset first, next;
    uint64_t entries = 0, bytes = 0;
  };
  struct Table {
    std::string name;
    uint64_t keys = 0, bytes = 0;
    uint64_t waiting = 0;  // changes in the changelog
  };
  std::vector<Log> logs;  // one a partition
  std::vector<Table> tables;
  uint64_t positions = 0;
  uint64_t changelog_entries = 0, changelog_bytes = 0;
  uint64_t models = 0;  // versions
  uint64_t used_bytes = 0;
  std::vector<std::string> problems;  // each says where and what; the first kMostProblems of them
  uint64_t problem_count = 0;

  static constexpr size_t kMostProblems = 100;
  void add_problem(std::string problem);
};

struct StoreCheck {
  std::string path;
  /// Called for each sound entry, to decode what is in it; an error is a problem of that entry.
  std::function<Status(const std::string& log, const LogEntry& entry)> check_entry;
};

/// Errors: not_found (no store there), failed_precondition (format, access), already_exists (open in this very process),
/// data_loss (not a store at all). What is wrong inside is in the report.
Result<StoreReport> check_store(const StoreCheck& check);

}  // namespace penstock
