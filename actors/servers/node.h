// What a running node offers to the outside, as the HTTP API calls it. The synchronous calls are thread safe and quick:
// they read immutable snapshots or take a short lock, so that no answer waits in a mailbox. What must wait (for a commit,
// for a training) takes a callback, which is called once from any thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/servers/backup_status.h"
#include "actors/servers/dead_letter_desk.h"
#include "actors/servers/ingest_request.h"
#include "actors/servers/live_quality.h"
#include "actors/servers/log_status.h"
#include "core/ids.h"
#include "core/status.h"
#include "messages/record_batch.h"
#include "storage/model_repository.h"
#include "storage/store.h"

namespace penstock {

struct RecommendedItem {
  std::string item;
  double score = 0;
  std::string strategy;                   // which model or fallback found it: the model's id, or `popularity`
  std::vector<std::string> because = {};  // items of the history that speak for it most
};

struct Recommendation {
  std::vector<RecommendedItem> items;
  std::string model;                      // id of the model that was asked
  std::optional<uint64_t> model_version;  // of the strategy that answered
  std::optional<Timestamp> newest_event;  // event time of the newest event of this user that the answer has seen
  size_t history = 0;                     // items of the user's history that the answer rests on
  bool fallback = false;                  // the user was not known: most popular instead
  std::string recommender = {};           // that answered; empty: the model itself
  std::string step = {};                  // of the recommender's fallback chain, that filled the last place
  std::vector<std::pair<std::string, uint64_t>> models = {};  // versions that took part in a recommender's answer
  bool cached = false;                                        // from the recommender's cache
  std::string experiment = {}, variant = {};                  // that this user is part of
  std::string impression = {};                                // id under which the answer was logged; empty: it was not
};

/// An item of an anonymous session, oldest first.
struct SessionItem {
  std::string item;
  double weight = 1;
};

struct RecommendationQuery {
  std::string user = {};  // empty: an anonymous session
  std::string model =
      {};  // a model, recommender or experiment; empty: the topology's first experiment, recommender or model
  size_t n = 10;
  std::vector<std::string> exclude = {};
  std::string filter = {};                // SQL over the recommender's item columns and user.columns; empty: none
  std::vector<SessionItem> session = {};  // instead of, or behind, the user's history
};

struct ComponentStatus {
  std::string id, role, type;
  std::string state;    // starting, running, live, paused, finished, restarting, failing, stalled, stopped, training
  std::string message;  // last error, or progress
  uint64_t records = 0;
  uint64_t restarts = 0;
  double progress = -1;  // 0 to 1, or -1
};

/// A part of the supervision tree: a supervisor with its children, or a worker.
struct SupervisionStatus {
  std::string id = {};
  std::string kind = {};      // node, region, source, sink, trainer, server, service, worker
  std::string strategy = {};  // one_for_one, one_for_all; empty: it restarts nothing
  std::string state = {};     // starting, running, restarting, failing, stalled, finished, stopped
  uint64_t restarts = 0;
  std::string reason = {};                  // of the last restart
  std::optional<Timestamp> since = {};      // it is in this state
  std::optional<Timestamp> next_try = {};   // end of the pause before the next restart
  std::optional<double> busy_seconds = {};  // of a worker: with the message that it handles
  std::vector<SupervisionStatus> children = {};
};

/// How a live version finds its best items: the method, which share of them a search looks at, which share of the best
/// it finds.
struct RetrievalFigures {
  std::string method = {};
  double scanned_share = 1;
  double recall = 1;
};

struct ModelStatus {
  std::string id, type;
  std::string state;  // untrained, training, live, failed; online: it learns inside its region
  std::string message;
  double progress = -1;
  double eta_seconds = -1;  // that the training under way will still take; -1: no estimate
  std::optional<ModelVersion> live;
  std::optional<ModelVersion> trial = {};  // in shadow or canary
  std::vector<ModelVersion> versions;
  std::vector<LiveFigures> live_quality = {};  // of each version that foretold live events
  std::vector<DriftFigures> drift = {};
  RetrievalFigures retrieval = {};  // of the live version; no method: there is none
};

struct MemoryStatus {
  uint64_t used_bytes = 0;       // that the parts account for
  uint64_t budget_bytes = 0;     // 0: none
  bool exceeded = false;         // nothing is taken in for now
  uint64_t resident_bytes = 0;   // of the process, as the system counts
  uint64_t anonymous_bytes = 0;  // the same without pages of files: without what the store has mapped
  std::map<std::string, uint64_t> parts = {};
};

struct NodeStatus {
  std::string topology;
  std::string version;
  Timestamp started;
  bool alive = true;     // nothing hangs that only a new process would mend
  bool ready = false;    // has come up: every region has run, every model that can be trained serves
  bool healthy = false;  // nothing is failing
  std::vector<ComponentStatus> components;
  std::vector<ModelStatus> models;
  StoreStats store;
  MemoryStatus memory;
};

class ModelDesk;       // model_desk.h
class PredictionDesk;  // prediction_desk.h
class ExperimentDesk;  // experiment_desk.h
class JobDesk;         // job_desk.h
class BatchDesk;       // batch_desk.h
class FeatureDesk;     // feature_desk.h
class TapDesk;         // tap_desk.h

class Node {
 public:
  virtual ~Node() = default;
  /// Errors: not_found (no such model), failed_precondition (no model version yet).
  virtual Result<Recommendation> recommend(const RecommendationQuery& query) const = 0;
  /// The most similar items; of a recommender those that its conditions and the filter (SQL, may be empty) allow.
  /// Errors: not_found (item or model), failed_precondition, invalid_argument (the filter).
  virtual Result<Recommendation> similar(const std::string& item, const std::string& model, size_t n,
                                         const std::string& filter = {}) const = 0;
  /// A view's row by key, null if it has none. Errors: not_found (no such view; names the known ones), invalid_argument.
  virtual Result<BatchPtr> view_row(const std::string& view, const std::vector<std::string>& key) const = 0;
  virtual Result<BatchPtr> view_rows(const std::string& view, size_t limit) const = 0;
  virtual NodeStatus status() const = 0;
  virtual SupervisionStatus supervision() const = 0;
  /// All logs. Errors: of the store.
  virtual Result<std::vector<LogStatus>> logs() const { return std::vector<LogStatus>{}; }
  /// What was set aside; null while the node is not up.
  virtual DeadLetterDesk* dead_letters() { return nullptr; }
  /// Versions of models: list, promote, roll back. Null where there is no store.
  virtual ModelDesk* model_desk() { return nullptr; }
  /// Probabilities and choices by online models; null if the topology has none.
  virtual PredictionDesk* predictions() { return nullptr; }
  /// Recomputes and reconciles views; null without such.
  virtual BatchDesk* batches() { return nullptr; }
  /// Values of feature stores, as of now or of a time; null if the topology has none.
  virtual FeatureDesk* features() { return nullptr; }
  /// Rows as they go by; null where nothing runs.
  virtual TapDesk* taps() { return nullptr; }
  /// Experiments and their outcomes; null if the topology has none.
  virtual ExperimentDesk* experiments() { return nullptr; }
  /// Jobs and their runs; null if the topology has none.
  virtual JobDesk* jobs() { return nullptr; }
  virtual std::string metrics() const = 0;  // Prometheus text format 0.0.4

  /// How the records of a source are read. `source` empty: the server's default. Errors: not_found, invalid_argument (there
  /// is no default), resource_exhausted (the memory budget is used up).
  virtual Result<IngestFormat> ingest_format(const std::string& source) const = 0;
  /// Paths of the API at which sources take records in.
  virtual std::vector<IngestPath> ingest_paths() const = 0;
  /// Takes records in; `done` is called when they are durable and answers reflect them (or, if the regions that read them
  /// lag, a moment after they are durable). Errors: not_found, resource_exhausted, unavailable, those of the store.
  virtual void ingest(IngestRequest request, IngestDone done) = 0;
  /// Starts a training; `done` is called when it has begun (or could not). Errors: not_found, already_exists (is training).
  using TrainDone = std::function<void(Status)>;
  virtual void train(const std::string& model, TrainDone done) = 0;

  /// Begins a backup with this name below the node's folder for backups (empty: one is made up) and gives its path.
  /// Errors: invalid_argument (the name), already_exists (it, or one is under way), failed_precondition (no folder).
  virtual Result<std::string> begin_backup(const std::string& name) = 0;
  /// Of the newest backup since the node started.
  virtual std::optional<BackupStatus> backup_status() const = 0;
};

}  // namespace penstock
