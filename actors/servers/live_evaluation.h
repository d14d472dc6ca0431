// Measures the models of a node on the live stream, each event foretold before it is learnt (models/prequential.h). A
// thread of low priority asks the versions that serve; the region that takes events in only leaves copies of some of them in a
// short queue, and drops what finds no room. So the stream never waits for a measurement: at most `sample` events a second
// are looked at, and at most a tenth of one core is spent.
//
// Live is an event that the log took in after the version's training had ended: the version cannot have learnt it. What is read
// again after a restart, or was waiting when the version was trained, does not count. What the version makes of the user is
// the history before the event; items that came after the training may have been folded in a moment later already.
//
// start() and stop() are called by one thread; the rest by any.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "actors/servers/drift_watch.h"
#include "actors/servers/model_evaluation.h"
#include "actors/servers/model_server.h"
#include "actors/supervision/runtime.h"

namespace penstock {

class LiveEvaluation {
 public:
  /// The runtime and the models outlive this.
  explicit LiveEvaluation(Runtime* runtime) : runtime_(runtime) {}
  ~LiveEvaluation() { stop(); }

  void start(const std::vector<std::unique_ptr<ModelServer>>& models);
  void stop();

  /// Of one model, by version and segment; empty where nothing was measured.
  std::vector<LiveFigures> figures(const std::string& model) const;
  /// How far the columns of its input have drifted; empty where none are watched.
  std::vector<DriftFigures> drift(const std::string& model) const;
  /// All figures as metrics.
  void tell() const;
  /// What the thread does again and again. Gives how long it may rest, in µs.
  int64_t step();

 private:
  void run();
  void refresh_drift(int64_t nanos, Timestamp now);

  Runtime* runtime_;
  std::vector<std::shared_ptr<ModelEvaluation>> models_;
  std::vector<const ModelServer*> servers_;  // one for each of models_
  std::vector<std::unique_ptr<DriftWatch>> drifts_;
  std::vector<const ModelServer*> drifting_;  // one for each of drifts_
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  int64_t refreshed_ = INT64_MIN;  // monotonic ns
  int64_t drift_refreshed_ = INT64_MIN;
  std::thread thread_;
};

}  // namespace penstock
