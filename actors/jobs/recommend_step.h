// Step of a job that asks a recommender about each user of a view, and puts the answers into the log of a source of type
// `recommendations`, on a thread that the system prefers all others to. A record of a user is whole or not there. Users are
// asked one after the other, some hundred a commit: a run that is cancelled or killed leaves new answers of some users beside
// the former ones of the others, and a run that is resumed begins with the first user again.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "actors/jobs/step_work.h"
#include "actors/servers/ingest_request.h"
#include "actors/servers/node.h"
#include "actors/supervision/runtime.h"

namespace penstock {

class RecommendStep final : public StepWork {
 public:
  using Recommend = std::function<Result<Recommendation>(const RecommendationQuery&)>;
  using Take = std::function<void(IngestRequest, IngestDone)>;

  /// `source`: of type recommendations, of the runtime's plan. The runtime, and what the functions stand for, outlive this.
  RecommendStep(Runtime& runtime, const std::string& source, Recommend recommend, Take take);
  ~RecommendStep() override;
  StepLook look() override;
  void cancel() override { cancelled_ = true; }

 private:
  bool view_is_there() const;
  void run();
  Result<std::string> recommend_all();
  Status recommend_to(const std::string& user, BatchBuilder& rows) const;
  /// Returns when the rows are durable.
  Status hand_over(BatchBuilder& rows);
  void note(size_t done, size_t all);

  Runtime& runtime_;
  const topology::Component& component_;
  const std::string users_;
  const Recommend recommend_;
  const Take take_;
  std::atomic<bool> cancelled_{false};
  std::thread thread_;
  std::mutex mutex_;
  StepLook look_;  // guarded by mutex_
  bool started_ = false;
};

}  // namespace penstock
