// A run of a table's entries, sorted by key, in blocks that are read one at a time: what map tasks leave and reduce tasks merge.
//
//   block := { key size:u32 value size:u32 key value }*      at least one entry; a new block begins once one is full
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/status.h"

namespace penstock {

using Entries = std::vector<std::pair<std::string, std::string>>;

/// Cuts the entries into blocks of about so many bytes.
std::vector<std::string> to_blocks(const Entries& entries, size_t block_bytes);

/// Walks a run; holds one block. Not thread safe.
class RunReader {
 public:
  /// Gives block number `block`. Errors: of the store; not_found.
  using Fetch = std::function<Result<std::string>(uint32_t block)>;
  RunReader(uint32_t blocks, Fetch fetch) : blocks_(blocks), fetch_(std::move(fetch)) {}

  /// To the next entry, at first to the first one. Errors: of `fetch`; data_loss.
  Status next();
  bool at_end() const { return at_end_; }
  // Valid until the next call of next(). Requires of both: next() was called, not at the end.
  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }

 private:
  uint32_t blocks_;
  Fetch fetch_;
  uint32_t fetched_ = 0;
  std::string block_;
  size_t at_ = 0;
  std::string_view key_, value_;
  bool at_end_ = false;
};

/// Merges runs: each key comes once, in order, and `merge` puts the values of equal keys together in the order of the runs.
class EntryMerger {
 public:
  using Merge = std::function<Status(std::string& earlier, std::string_view later)>;
  EntryMerger(std::vector<RunReader> runs, Merge merge) : runs_(std::move(runs)), merge_(std::move(merge)) {}

  /// Errors: of the runs.
  Status open();
  bool at_end() const { return heap_.empty(); }
  /// The next entry. Requires: not at the end. Errors: of the runs, of `merge`.
  Result<std::pair<std::string, std::string>> next();

 private:
  void push(size_t run);
  size_t pop();

  std::vector<RunReader> runs_;
  Merge merge_;
  std::vector<size_t> heap_;  // runs that are not at their end; the smallest key first, of equals the earlier run
};

}  // namespace penstock
