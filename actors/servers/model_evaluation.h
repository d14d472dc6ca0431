// The live events of one model: those that its history shows before they count wait in a short queue, and a thread of low
// priority asks the versions that serve where they would have ranked the event's item (models/prequential.h).
//
// wants() and offer() are called by the thread that takes events in; refresh() and evaluate_one() by the evaluating one; the rest
// by any.
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "actors/aggregators/live_probe.h"
#include "actors/servers/live_quality.h"
#include "actors/servers/model_server.h"
#include "models/drift.h"
#include "models/prequential.h"

namespace penstock {

class ModelEvaluation final : public LiveProbe {
 public:
  static constexpr int64_t kRefreshesASecond = 10;
  explicit ModelEvaluation(const ModelServer* server);

  bool wants(Timestamp ingested) override;
  void offer(LiveEvent event) override;

  /// Takes up what the model serves now, and allows the events until the next call.
  void refresh(Timestamp now);
  /// Foretells the oldest event of the queue. No: there is none.
  bool evaluate_one(Timestamp now);
  std::vector<LiveFigures> figures() const;
  /// Of the live version's scores; none until it has given enough.
  std::optional<DriftFigures> score_drift(Timestamp now) const;
  const monitoring::Origin& origin() const { return server_->origin(); }

 private:
  void rank_by_popularity(const History& history, Timestamp now);
  void foretell(const LiveEvent& event, const Serving& serving, const History& history, Timestamp now);

  const ModelServer* server_;
  const int64_t sample_;  // events a second
  std::atomic<int64_t> allowed_{0};
  std::atomic<int64_t> live_since_{INT64_MAX};  // µs

  mutable std::mutex mutex_;
  std::deque<LiveEvent> queue_;
  PrequentialWindow window_;
  ScoreDrift scores_;

  // Of the evaluating thread.
  std::vector<int32_t> popularity_;  // by item number: its place, from 0
  Timestamp popularity_at_{INT64_MIN};
  size_t heads_ = 0;
};

}  // namespace penstock
