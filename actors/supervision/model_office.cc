#include "actors/supervision/model_office.h"

#include <algorithm>

#include "actors/supervision/unknown_name.h"

namespace penstock {

Result<ModelServer*> ModelOffice::server(const std::string& model) const {
  std::vector<std::string> known;
  for (const auto& server : servers_) {
    if (server->id() == model)
      return server.get();
    known.push_back(server->id());
  }
  return not_found(unknown_name("model", model, known));
}

template <class T>
void ModelOffice::queue(const std::string& model, std::function<void(Result<T>)> done,
                        std::function<Result<T>(ModelLife&)> work) {
  const auto found = server(model);
  if (!found.ok())
    return done(found.status());
  std::function<void(bool)> task = [life = &(*found)->life(), done, work = std::move(work)](bool closed) {
    done(closed ? Result<T>(unavailable("the node is stopping")) : work(*life));
  };
  {
    const std::lock_guard lock(mutex_);
    if (!closed_)
      return waiting_.push_back(std::move(task));
  }
  task(true);
}

Result<std::vector<ModelVersion>> ModelOffice::versions(const std::string& model) const {
  PENSTOCK_ASSIGN(ModelServer * found, server(model));
  return found->life().versions();
}

Result<ModelVersion> ModelOffice::version(const std::string& model, uint64_t version) const {
  PENSTOCK_ASSIGN(ModelServer * found, server(model));
  return found->life().version(version);
}

Result<std::optional<TrialStatus>> ModelOffice::trial(const std::string& model) const {
  PENSTOCK_ASSIGN(ModelServer * found, server(model));
  return found->life().trial(clock_.now());
}

void ModelOffice::promote(Promotion promotion, VersionDone done) {
  queue<ModelVersion>(promotion.model, std::move(done), [promotion](ModelLife& life) {
    return life.promote(promotion.version, promotion.to, promotion.force);
  });
}

void ModelOffice::roll_back(const std::string& model, const std::string& reason, VersionDone done) {
  queue<ModelVersion>(model, std::move(done), [reason](ModelLife& life) { return life.roll_back(reason); });
}

void ModelOffice::pin(const std::string& model, uint64_t version, bool pinned, VersionDone done) {
  queue<ModelVersion>(model, std::move(done), [=](ModelLife& life) { return life.pin(version, pinned); });
}

void ModelOffice::prune(const std::string& model, size_t keep,
                        std::function<void(Result<std::vector<uint64_t>>)> done) {
  queue<std::vector<uint64_t>>(model, std::move(done),
                               [keep](ModelLife& life) { return life.prune(keep == 0 ? life.options().keep : keep); });
}

void ModelOffice::export_version(const std::string& model, uint64_t version,
                                 std::function<void(Result<std::string>)> done) {
  queue<std::string>(model, std::move(done), [version](ModelLife& life) { return life.export_version(version); });
}

void ModelOffice::import_version(const std::string& model, std::string file, VersionDone done) {
  const auto shared = std::make_shared<const std::string>(std::move(file));
  queue<ModelVersion>(model, std::move(done), [shared](ModelLife& life) { return life.import_version(*shared); });
}

Status ModelOffice::cancel(const std::string& model) {
  PENSTOCK_ASSIGN(ModelServer * found, server(model));
  if (!found->cancel_training())
    return failed_precondition("model \"" + model + "\" is not being trained");
  return ok();
}

void ModelOffice::work() {
  for (;;) {
    std::function<void(bool)> next;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty())
        break;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    next(false);
  }
  for (const auto& server : servers_)
    server->life().tick();
}

void ModelOffice::close() {
  std::deque<std::function<void(bool)>> waiting;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    waiting.swap(waiting_);
  }
  for (const auto& task : waiting)
    task(true);
}

}  // namespace penstock
