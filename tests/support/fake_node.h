// A node without actors: answers what a test has put into it. Set it up before it is used; then any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "actors/servers/node.h"

namespace penstock::test {

class FakeNode final : public Node {
 public:
  FakeNode();

  Result<Recommendation> recommend(const RecommendationQuery& query) const override;
  Result<Recommendation> similar(const std::string& item, const std::string& model, size_t n,
                                 const std::string& filter) const override;
  Result<BatchPtr> view_row(const std::string& view, const std::vector<std::string>& key) const override;
  Result<BatchPtr> view_rows(const std::string& view, size_t limit) const override;
  NodeStatus status() const override { return status_; }
  SupervisionStatus supervision() const override { return supervision_; }
  std::string metrics() const override { return "penstock_build_info 1\n"; }
  Result<IngestFormat> ingest_format(const std::string& source) const override;
  std::vector<IngestPath> ingest_paths() const override { return {{"/ingest/deliveries", "deliveries"}}; }
  void ingest(IngestRequest request, IngestDone done) override;
  void train(const std::string& model, TrainDone done) override;
  Result<std::string> begin_backup(const std::string& name) override;
  std::optional<BackupStatus> backup_status() const override { return backup_; }
  Result<std::vector<LogStatus>> logs() const override { return logs_; }
  DeadLetterDesk* dead_letters() override { return letters_; }
  ModelDesk* model_desk() override { return models_; }
  PredictionDesk* predictions() override { return predictions_; }
  JobDesk* jobs() override { return jobs_; }
  BatchDesk* batches() override { return batches_; }

  /// Keeps callbacks of post_events and train until release(), instead of calling them at once.
  void cork();
  void release();
  size_t corked() const;

  NodeStatus status_;
  std::vector<LogStatus> logs_;
  DeadLetterDesk* letters_ = nullptr;
  ModelDesk* models_ = nullptr;
  PredictionDesk* predictions_ = nullptr;
  JobDesk* jobs_ = nullptr;
  BatchDesk* batches_ = nullptr;
  SupervisionStatus supervision_;
  std::optional<BackupStatus> backup_;
  Status failure_;                   // if not ok, every request gets it
  std::vector<std::string> posted_;  // rows as text
  IngestRequest request_;            // the last one
  mutable RecommendationQuery asked_;

 private:
  void finish(std::function<void()> callback);

  SchemaPtr schema_;
  BatchPtr view_;
  mutable std::mutex mutex_;
  bool corked_ = false;
  std::vector<std::function<void()>> waiting_;
};

}  // namespace penstock::test
