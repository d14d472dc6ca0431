// A running topology: opens its logs, starts every part under a supervisor, answers what servers ask, and stops in flow
// order. One to a process and store. `start` and `stop` are called by one thread; the Node interface by any.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/batch/batch_runs.h"
#include "actors/jobs/job_office.h"
#include "actors/recommenders/recommenders.h"
#include "actors/regions/dead_letter_office.h"
#include "actors/servers/experiments.h"
#include "actors/servers/feature_stores.h"
#include "actors/servers/live_evaluation.h"
#include "actors/servers/model_server.h"
#include "actors/servers/node.h"
#include "actors/servers/predictions.h"
#include "actors/sources/impression_log.h"
#include "actors/sources/ingest.h"
#include "actors/supervision/backup_runner.h"
#include "actors/supervision/memory_report.h"
#include "actors/supervision/model_office.h"
#include "actors/supervision/node_taps.h"
#include "actors/supervision/runtime.h"
#include "actors/supervision/work_report.h"

namespace penstock {

class NodeRuntime final : public Node {
 public:
  /// `plan`, `store`, `clock` and `monitor` outlive the node.
  NodeRuntime(const topology::Plan& plan, Store& store, const Clock& clock, monitoring::Monitor& monitor,
              RuntimeOptions options);
  ~NodeRuntime() override;

  /// Errors: what is wrong with the store or with a stored model.
  Status start();
  /// Lets everything under way be committed, within `grace`; then ends what is left. Nothing is lost either way.
  void stop(Duration grace);

  Result<Recommendation> recommend(const RecommendationQuery& query) const override;
  Result<Recommendation> similar(const std::string& item, const std::string& model, size_t n,
                                 const std::string& filter) const override;
  Result<BatchPtr> view_row(const std::string& view, const std::vector<std::string>& key) const override;
  Result<BatchPtr> view_rows(const std::string& view, size_t limit) const override;
  NodeStatus status() const override;
  SupervisionStatus supervision() const override;
  Result<std::vector<LogStatus>> logs() const override;
  DeadLetterDesk* dead_letters() override { return letters_.get(); }
  ModelDesk* model_desk() override { return &office_; }
  JobDesk* jobs() override { return jobs_.get(); }
  BatchDesk* batches() override { return &batches_; }
  PredictionDesk* predictions() override { return &predictions_; }
  TapDesk* taps() override { return &taps_; }
  FeatureDesk* features() override { return &feature_stores_; }
  ExperimentDesk* experiments() override { return &experiments_; }
  std::string metrics() const override;
  Result<IngestFormat> ingest_format(const std::string& source) const override;
  std::vector<IngestPath> ingest_paths() const override;
  void ingest(IngestRequest request, IngestDone done) override;
  void train(const std::string& model, TrainDone done) override;
  Result<std::string> begin_backup(const std::string& name) override { return backups_.begin(name); }
  std::optional<BackupStatus> backup_status() const override { return backups_.status(); }

  const Runtime& runtime() const { return runtime_; }

 private:
  struct Actors;  // the actor system and the supervisors, so that this header stays free of CAF

  Result<const ModelServer*> model_server(const std::string& model) const;
  Result<ViewRegistry::Workers> view_workers(const std::string& view) const;
  Result<std::string> ingest_source(const std::string& source) const;
  bool ready() const;
  Status open_jobs();

  Runtime runtime_;
  mutable WorkReport work_{runtime_.pulses, runtime_.clock, runtime_.monitor};
  mutable MemoryReport memory_{runtime_.memory, runtime_.store, runtime_.monitor};
  Timestamp started_;
  std::vector<std::unique_ptr<ModelServer>> models_;
  std::unique_ptr<Recommenders> recommenders_;  // from start() on
  ImpressionLogs impressions_{runtime_};
  Predictions predictions_{&runtime_, &impressions_};
  FeatureStores feature_stores_{runtime_};
  Experiments experiments_{runtime_, impressions_};
  ModelOffice office_{models_, runtime_.clock};
  LiveEvaluation live_{&runtime_};
  std::map<std::string, std::unique_ptr<Ingest>> ingests_;  // by source id
  std::atomic<bool> ingesting_ = false;                     // from then on ingests_ does not change
  std::unique_ptr<DeadLetterOffice> letters_;
  std::vector<std::string> views_;  // ids that can be read at /v1/views
  BatchRuns batches_{runtime_, default_batch_limits(runtime_.options)};
  std::unique_ptr<JobOffice> jobs_;  // from start() on, if there are jobs
  std::unique_ptr<Actors> actors_;
  BackupRunner backups_;
  NodeTaps taps_{runtime_};
};

}  // namespace penstock
