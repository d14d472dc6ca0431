#include "actors/trainers/trainer_actor.h"

#include <chrono>
#include <exception>
#include <new>

#include "actors/supervision/failure.h"
#include "actors/trainers/training.h"
#include "messages/actor_protocol.h"

namespace penstock {
namespace {

using Self = caf::stateful_actor<TrainerState>;

constexpr std::chrono::milliseconds kLookForHistory(100);
constexpr std::chrono::milliseconds kFoldInItems(1000);

class ReportedProgress final : public TrainingProgress {
 public:
  explicit ReportedProgress(ModelServer& server) : server_(server) {}
  void step(size_t done, size_t total, const std::string& note) override {
    server_.note_progress(total == 0 ? -1 : static_cast<double>(done) / static_cast<double>(total), note);
  }
  bool cancelled() const override { return server_.cancelled(); }

 private:
  ModelServer& server_;
};

// A training that runs out of memory, or hits a bug, is a failed training and nothing more.
Result<TrainedModel> try_to_train(Runtime& runtime, const ModelServer& server, TrainingProgress& progress) {
  try {
    return train_model(runtime, server, progress);
  } catch (const std::bad_alloc&) {
    return resource_exhausted("the training ran out of memory");
  } catch (const std::exception& error) {
    return internal_error(error.what());
  }
}

void train(Runtime* runtime, ModelServer* server) {
  const monitoring::Origin origin{server->id(), "trainer", server->component().type};
  ReportedProgress progress(*server);
  auto trained = try_to_train(*runtime, *server, progress);
  if (trained.ok()) {
    const ModelVersion& version = trained->version;
    runtime->monitor.emit(monitoring::ModelTrained{origin, version.version, version.seconds});
    server->publish(trained->snapshot, version);
    for (const auto& [metric, value] : version.metrics)
      runtime->monitor.emit(monitoring::ModelMetric{origin, version.version, metric, value});
  } else if (trained.status().code() != Code::kCancelled) {
    runtime->monitor.emit(monitoring::ModelTrainingFailed{origin, trained.status().message()});
  }
  server->end_training(trained.status());
}

}  // namespace

caf::behavior trainer_actor(Self* self, Runtime* runtime, ModelServer* server) {
  fail_on_exceptions(self);
  self->delayed_send(self, kLookForHistory, TickMessage{0});
  return {
      [=](TrainMessage) { train(runtime, server); },
      [=](TickMessage tick) {
        if (server->serves())
          server->fold_in_new_items();
        else if (awaits_first_training(*runtime, *server) && history_is_read(*runtime) && server->begin_training())
          train(runtime, server);
        self->delayed_send(self, server->serves() ? kFoldInItems : kLookForHistory, tick);
      },
      [=](StopMessage) { self->quit(); },
  };
}

}  // namespace penstock
