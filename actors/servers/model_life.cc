#include "actors/servers/model_life.h"

#include "actors/servers/model_server.h"
#include "actors/supervision/runtime.h"
#include "core/random.h"
#include "storage/model_file.h"

namespace penstock {
namespace {

std::string named(uint64_t version) { return "version " + std::to_string(version); }

}  // namespace

ModelLife::ModelLife(Runtime* runtime, ModelServer* server)
    : runtime_(*runtime),
      server_(*server),
      options_(life_cycle_of(runtime->plan.topology.find(server->id())->component)) {}

Result<std::vector<ModelVersion>> ModelLife::versions() const {
  return ModelRepository(runtime_.store).versions(server_.id());
}

Result<ModelVersion> ModelLife::version(uint64_t version) const {
  return ModelRepository(runtime_.store).version(server_.id(), version);
}

void ModelLife::tell(const ModelVersion& version) const {
  runtime_.monitor.emit(monitoring::ModelStateChanged{server_.origin(), version.version,
                                                      std::string(model_state_name(version.state)), version.reason});
}

Result<ModelVersion> ModelLife::add(ModelVersion version, const ModelSnapshotPtr& snapshot) {
  const std::lock_guard lock(mutex_);
  ModelRepository repository(runtime_.store);
  PENSTOCK_ASSIGN(const uint64_t number, repository.add(version, snapshot->save()));
  PENSTOCK_ASSIGN(version, repository.version(server_.id(), number));
  PENSTOCK_TRY(serve(version, snapshot));
  if (const auto dropped = repository.prune(server_.id(), options_.keep); !dropped.ok())
    runtime_.monitor.emit(monitoring::ComponentError{server_.origin(), "commit", dropped.status().message()});
  return version;
}

// What the store holds already comes to be what answers.
Status ModelLife::serve(const ModelVersion& version, const ModelSnapshotPtr& snapshot) {
  tell(version);
  if (version.state == ModelState::kLive) {
    const ServingPtr trial = server_.versions().trial();
    server_.publish(snapshot, version);
    if (trial && trial->version().version == version.version)
      end_trial();
    else if (trial)
      watch_.begin(version.version, trial->version().version);  // beside another one from now on
  } else if (on_trial(version.state)) {
    begin_trial(version, snapshot);
  }
  return ok();
}

void ModelLife::resume(const ModelVersion& live, const ModelVersion& trial, const ModelSnapshotPtr& snapshot) {
  const std::lock_guard lock(mutex_);
  if (live.version != trial.version)
    begin_trial(trial, snapshot);
}

void ModelLife::begin_trial(const ModelVersion& version, const ModelSnapshotPtr& snapshot) {
  const bool canary = version.state == ModelState::kCanary;
  const double share = canary ? options_.rollout.canary : options_.rollout.shadow_share;
  watch_.begin(server_.serving()->version().version, version.version);
  server_.publish_trial(snapshot, version, share);
  runtime_.monitor.emit(monitoring::CanaryShare{server_.origin(), version.version, canary ? share : 0});
}

void ModelLife::end_trial() {
  const ServingPtr trial = server_.versions().trial();
  if (!trial)
    return;
  watch_.end();
  server_.end_trial();
  runtime_.monitor.emit(monitoring::CanaryShare{server_.origin(), trial->version().version, 0});
}

Result<ModelVersion> ModelLife::promote(uint64_t number, ModelState to, bool force) {
  const std::lock_guard lock(mutex_);
  ModelRepository repository(runtime_.store);
  PENSTOCK_ASSIGN(ModelVersion version, repository.version(server_.id(), number));
  if (version.state == to)
    return already_exists(named(number) + " is " + std::string(model_state_name(to)) + " already");
  if (version.state == ModelState::kLive)
    return failed_precondition(named(number) + " is live; promote another one, or roll it back");
  if (version.state == ModelState::kRejected && !force)
    return failed_precondition(named(number) + " was rejected (" + version.reason +
                               "); promote it with force if it is to serve all the same");
  if (version.type != server_.component().type)
    return failed_precondition(named(number) + " is of type " + version.type + ", and the topology declares " +
                               server_.component().type);
  if (on_trial(to) && !server_.serves())
    return failed_precondition("no version is live beside which " + named(number) +
                               " could be tried; promote it to live");
  PENSTOCK_ASSIGN(const ModelSnapshotPtr snapshot, server_.load_snapshot(version));
  const bool was_rejected = version.state == ModelState::kRejected;
  const std::string reason = was_rejected ? "promoted by force" : "promoted by hand";
  PENSTOCK_TRY(repository.change(server_.id(), {{{number, to, reason}}}, runtime_.clock.now()));
  PENSTOCK_ASSIGN(version, repository.version(server_.id(), number));
  PENSTOCK_TRY(serve(version, snapshot));
  return version;
}

Result<ModelVersion> ModelLife::roll_back(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  const ModelRepository repository(runtime_.store);
  PENSTOCK_ASSIGN(const auto versions, repository.versions(server_.id()));
  const ModelVersion* live = nullptr;
  for (const ModelVersion& version : versions) {
    if (on_trial(version.state)) {
      PENSTOCK_TRY(finish_trial(ModelState::kRejected, reason));
      return repository.version(server_.id(), version.version);
    }
    if (version.state == ModelState::kLive)
      live = &version;
  }
  const ModelVersion* before = ModelRepository::before_live(versions);
  if (live == nullptr || before == nullptr)
    return failed_precondition("model \"" + server_.id() +
                               "\" has no version that was live before; promote another one");
  PENSTOCK_TRY(go_back(*live, *before, reason));
  return repository.version(server_.id(), live->version);
}

Status ModelLife::go_back(const ModelVersion& from, const ModelVersion& to, const std::string& reason) {
  PENSTOCK_ASSIGN(const ModelSnapshotPtr snapshot, server_.load_snapshot(to));
  ModelRepository repository(runtime_.store);
  PENSTOCK_TRY(repository.change(server_.id(),
                                 {{{to.version, ModelState::kLive, "again, instead of " + named(from.version)},
                                   {from.version, ModelState::kRejected, reason}}},
                                 runtime_.clock.now()));
  PENSTOCK_ASSIGN(const ModelVersion given_up, repository.version(server_.id(), from.version));
  tell(given_up);
  PENSTOCK_ASSIGN(const ModelVersion again, repository.version(server_.id(), to.version));
  return serve(again, snapshot);
}

// Requires: the lock.
Status ModelLife::finish_trial(ModelState to, const std::string& reason) {
  const ServingPtr trial = server_.versions().trial();
  if (!trial)
    return failed_precondition("no version of model \"" + server_.id() + "\" is on trial");
  const uint64_t number = trial->version().version;
  ModelRepository repository(runtime_.store);
  PENSTOCK_TRY(repository.change(server_.id(), {{{number, to, reason}}}, runtime_.clock.now()));
  PENSTOCK_ASSIGN(const ModelVersion version, repository.version(server_.id(), number));
  Status served = serve(version, trial->trained());
  end_trial();
  return served;
}

Result<ModelVersion> ModelLife::pin(uint64_t version, bool pinned) {
  const std::lock_guard lock(mutex_);
  ModelRepository repository(runtime_.store);
  PENSTOCK_TRY(repository.pin(server_.id(), version, pinned));
  return repository.version(server_.id(), version);
}

Result<std::vector<uint64_t>> ModelLife::prune(size_t keep) {
  const std::lock_guard lock(mutex_);
  return ModelRepository(runtime_.store).prune(server_.id(), keep);
}

Result<std::string> ModelLife::export_version(uint64_t number) const {
  const ModelRepository repository(runtime_.store);
  PENSTOCK_ASSIGN(const ModelVersion version, repository.version(server_.id(), number));
  PENSTOCK_ASSIGN(const std::string bytes, repository.bytes(server_.id(), number));
  return encode_model_file(version, bytes);
}

Result<ModelVersion> ModelLife::import_version(std::string_view file) {
  PENSTOCK_ASSIGN(ModelFile read, decode_model_file(file));
  ModelVersion& version = read.version;
  if (version.type != server_.component().type)
    return failed_precondition("the file holds a version of type " + version.type + ", and model \"" + server_.id() +
                               "\" is declared as " + server_.component().type);
  const auto loads = server_.model()->load(read.bytes);
  if (!loads.ok())
    return loads.status().with_context("the file's snapshot");
  const std::lock_guard lock(mutex_);
  version.reason = "imported: " + named(version.version) + " of \"" + version.model + "\"";
  version.model = server_.id();
  version.state = ModelState::kCandidate;
  version.since = runtime_.clock.now();
  version.served.reset();
  version.parent = 0;
  version.pinned = false;
  PENSTOCK_ASSIGN(version.version, ModelRepository(runtime_.store).add(version, read.bytes));
  tell(version);
  return version;
}

bool ModelLife::in_shadow_sample(double share) {
  return static_cast<double>(splitmix64(requests_++) >> 11) * 0x1.0p-53 < share;
}

}  // namespace penstock
