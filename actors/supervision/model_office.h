// The node's ModelDesk: queues what is asked for and does it one after the other, on the thread of the actor that keeps it
// (office_actor.h), which also looks after versions on trial. Any thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/servers/model_desk.h"
#include "actors/servers/model_server.h"

namespace penstock {

class ModelOffice final : public ModelDesk {
 public:
  /// The servers, and the clock, outlive this.
  ModelOffice(const std::vector<std::unique_ptr<ModelServer>>& servers, const Clock& clock)
      : servers_(servers), clock_(clock) {}
  ~ModelOffice() override { close(); }

  Result<std::vector<ModelVersion>> versions(const std::string& model) const override;
  Result<ModelVersion> version(const std::string& model, uint64_t version) const override;
  Result<std::optional<TrialStatus>> trial(const std::string& model) const override;
  void promote(Promotion promotion, VersionDone done) override;
  void roll_back(const std::string& model, const std::string& reason, VersionDone done) override;
  void pin(const std::string& model, uint64_t version, bool pinned, VersionDone done) override;
  void prune(const std::string& model, size_t keep, std::function<void(Result<std::vector<uint64_t>>)> done) override;
  void export_version(const std::string& model, uint64_t version,
                      std::function<void(Result<std::string>)> done) override;
  void import_version(const std::string& model, std::string file, VersionDone done) override;
  Status cancel(const std::string& model) override;

  /// Does what was asked for since, and what trials need. Called several times a second by one thread.
  void work();
  /// Refuses what is still asked for, and all that will be.
  void close();

 private:
  Result<ModelServer*> server(const std::string& model) const;
  template <class T>
  void queue(const std::string& model, std::function<void(Result<T>)> done, std::function<Result<T>(ModelLife&)> work);

  const std::vector<std::unique_ptr<ModelServer>>& servers_;
  const Clock& clock_;
  std::mutex mutex_;
  std::deque<std::function<void(bool closed)>> waiting_;
  bool closed_ = false;
};

}  // namespace penstock
