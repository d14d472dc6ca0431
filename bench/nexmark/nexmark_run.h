// One NEXMark query, run on a whole node as `penstock run bench/nexmark/qN.yaml` would: source, log, stages, store. For the
// benchmark and for the test of the answers. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "actors/supervision/node_runtime.h"
#include "storage/store.h"
#include "topology/plan.h"

namespace penstock::bench {

/// An order-independent summary of rows: FNV-1a, 64 bits, of each as JSON, summed. bench/nexmark/recount.py has the same.
struct NexmarkAnswer {
  uint64_t rows = 0;
  uint64_t digest = 0;
  bool operator==(const NexmarkAnswer&) const = default;
  std::string to_string() const;
};

class NexmarkRun {
 public:
  struct Options {
    std::string query;               // q0 ... q8
    std::string sources;             // the folder with the topologies
    std::string folder;              // for the store; empty or absent
    uint64_t events = 1'000'000;     // of all kinds
    std::string interval = "100us";  // of event time, between two events
    int workers = 1;
    /// What expected.txt has the answers of: 30 seconds of event time.
    static Options checked(std::string query, std::string sources, std::string folder, int workers) {
      return {std::move(query), std::move(sources), std::move(folder), kCheckedEvents, "600us", workers};
    }
  };
  static constexpr uint64_t kCheckedEvents = 50'000;
  /// Errors: the topology's mistakes; of the store.
  static Result<std::unique_ptr<NexmarkRun>> start(const Options& options);
  ~NexmarkRun();

  /// Events that the query's source gives: those of its kind.
  uint64_t events() const { return events_; }
  /// Returns when all is read, and what it changed committed.
  void wait_until_read() const;
  /// What the stage `result` holds now.
  Result<NexmarkAnswer> answer() const;
  /// Returns when the answer is `expected`, or after `seconds`: windows close some time after the last event.
  Result<NexmarkAnswer> wait_for(const NexmarkAnswer& expected, double seconds) const;

 private:
  NexmarkRun() = default;
  bool all_read() const;

  topology::Plan plan_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<monitoring::Monitor> monitor_;
  std::unique_ptr<NodeRuntime> node_;
  uint64_t events_ = 0;
};

/// The checked answers by query, as `q0 rows digest` a line. Errors: of the file.
Result<std::map<std::string, NexmarkAnswer>> read_expected(const std::string& path);

}  // namespace penstock::bench
