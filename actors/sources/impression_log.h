// Notes what the node shows to users into its logs of impressions, beside the answers: a note is put into a queue and
// returns; while one batch is on its way to the store, what comes meanwhile makes the next one (as group commit does). So an
// answer never waits for the store, and never fails because of it. What finds the queue full, or the log refusing, is dropped
// and counted. Thread safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/sources/ingest.h"
#include "core/clock.h"
#include "core/ids.h"

namespace penstock {

/// One answer, or one choice.
struct Impression {
  struct Item {
    std::string item;
    double score = 0;
    std::string strategy;
  };
  std::string id;  // from new_id(), or the client's
  std::string user = {};
  std::vector<Item> items = {};  // as shown, the first one first
  std::string model = {}, recommender = {}, experiment = {}, variant = {}, context = {};  // empty: none
  std::optional<uint64_t> model_version = {};
  std::optional<double> propensity = {};
};

class ImpressionLogs {
 public:
  static constexpr size_t kMostQueued = 65'536;  // records of a log

  /// `runtime` outlives it. There is a log for each source of type `impressions`.
  explicit ImpressionLogs(Runtime& runtime);
  ~ImpressionLogs();
  /// Whom the records go to; called once for each log, before the first note.
  void connect(const std::string& log, Ingest* ingest);

  /// Unlike any other, also of other starts of the node.
  std::string new_id();
  /// False: dropped. Requires: `log` is a source of type `impressions`.
  bool note(const std::string& log, Impression impression);
  /// Waits until all that was noted is durable or dropped, but no longer than that. No notes may come any more.
  void drain(Duration patience);
  uint64_t dropped() const { return dropped_; }

 private:
  struct Log;
  void flush(const std::shared_ptr<Log>& log);

  Runtime& runtime_;
  std::map<std::string, std::shared_ptr<Log>, std::less<>> logs_;
  const uint64_t start_;  // tells this start of the node from others
  std::atomic<uint64_t> next_ = 0;
  std::atomic<uint64_t> dropped_ = 0;
};

}  // namespace penstock
