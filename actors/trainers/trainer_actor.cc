#include "actors/trainers/trainer_actor.h"

#include <chrono>

#include "actors/supervision/failure.h"
#include "actors/trainers/training.h"
#include "messages/actor_protocol.h"

namespace penstock {
namespace {

using Self = caf::stateful_actor<TrainerState>;

constexpr auto kLookForHistory = std::chrono::milliseconds(100);
constexpr auto kFoldInItems = std::chrono::seconds(1);

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

void train(Runtime* runtime, ModelServer* server) {
  const monitoring::Origin origin{server->id(), "trainer", server->component().type};
  ReportedProgress progress(*server);
  auto trained = train_model(*runtime, *server, progress);
  if (trained.ok()) {
    const ModelVersion& version = trained->version;
    server->publish(trained->snapshot, version);
    runtime->monitor.emit(monitoring::ModelTrained{origin, version.version, version.seconds,
                                                   static_cast<double>(version.trained.micros) * 1e-6, version.users,
                                                   version.items, version.interactions});
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
  const bool at_start = server->component().flag("train_at_start");
  self->delayed_send(self, kLookForHistory, TickMessage{0});
  return {
      [=](TrainMessage) { train(runtime, server); },
      [=](TickMessage tick) {
        const bool first = !server->serves() && at_start && tick.number == 0;
        if (first && enough_history(*runtime, *server) && server->begin_training()) {
          train(runtime, server);
          tick.number = 1;  // the first training is tried once; later ones are asked for
        } else if (server->serves()) {
          server->fold_in_new_items();
        }
        const bool looking = !server->serves() && at_start && tick.number == 0;
        self->delayed_send(self, looking ? std::chrono::milliseconds(kLookForHistory) : kFoldInItems, tick);
      },
      [=](StopMessage) { self->quit(); },
  };
}

}  // namespace penstock
