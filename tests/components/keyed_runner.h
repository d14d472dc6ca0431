// Runs an aggregator as a region runs it: rows go to the workers that hold their keys, event time is told before each batch,
// epochs are committed some time after their end, and a crash throws away what was not committed and does it again. What comes
// out can be compared with what a naive oracle says.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/memory_store.h"
#include "tests/components/support.h"

namespace penstock::test {

class KeyedRunner {
 public:
  /// `made` outlives it. `memory`: bytes for the state of each worker; 0: no limit.
  KeyedRunner(const Made& made, uint32_t workers, uint64_t memory = 0);

  void feed(const BatchPtr& batch, size_t input = 0);
  void end_epoch();
  void commit_oldest();
  void commit_all();
  /// All workers are gone; the next ones, so many, begin with what is committed, and get again what is not.
  void crash(uint32_t workers);

  /// Rows of an output so far, one a line in order; empty name: the main one.
  std::string lines(const std::string& output = "") const;
  /// The same, sorted.
  std::string sorted(const std::string& output = "") const;
  /// The reasons of the rejected, one a line.
  std::string rejected() const { return lines("!"); }
  /// All rows of the view, sorted.
  std::string view() const;
  BatchPtr lookup(const std::string& key) const;
  size_t keys() const;
  size_t stored() const;  // entries of the table
  bool waits_for_time() const;

 private:
  struct Epoch {
    std::vector<std::pair<size_t, BatchPtr>> batches;
    std::vector<std::pair<std::string, std::string>> lines;  // output, row
    Delta changes;
  };
  void start(uint32_t workers);
  void run(const BatchPtr& batch, size_t input);
  void finish();
  void take(StageOutput& out);

  const Made& made_;
  const uint64_t memory_;
  MemoryStore store_{{.synchronous = true}};
  std::vector<std::unique_ptr<Aggregator>> workers_;
  std::map<size_t, EventProgressPtr> progress_;  // by input
  std::deque<Epoch> ended_;
  Epoch open_;
  uint64_t committed_ = 0;
  std::vector<std::pair<std::string, std::string>> lines_;  // committed
};

}  // namespace penstock::test
