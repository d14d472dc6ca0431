#include "actors/sinks/sink_actor.h"

#include "actors/components.h"
#include "actors/make_context.h"
#include "actors/regions/log_reader.h"
#include "actors/supervision/failure.h"
#include "actors/supervision/work_clock.h"
#include "messages/actor_protocol.h"

namespace penstock {

using Self = caf::stateful_actor<SinkActorState>;

namespace {

constexpr size_t kMaxBatches = 64;  // written between two commits

}  // namespace

class SinkWorker {
 public:
  SinkWorker(Self* self, Runtime* runtime, std::string id)
      : self_(self),
        runtime_(*runtime),
        id_(std::move(id)),
        component_(runtime->plan.topology.find(id_)->component),
        work_(runtime_.clock, runtime_.monitor, {id_, "sink", component_.type}),
        log_(runtime_.store, &runtime_.cache, component_.inputs.front(),
             runtime_.plan.topology.find(component_.inputs.front())->binding.output) {}

  Status start() {
    const auto& make = std::get<MakeSink>(component_entry(component_.role, component_.type).make);
    PENSTOCK_ASSIGN(sink_, make(make_context(runtime_.plan.topology, id_, runtime_.clock)));
    PENSTOCK_ASSIGN(const auto position, runtime_.store.get(kSinkPositions, id_));
    PENSTOCK_TRY(sink_->open(position.value_or("")));
    PENSTOCK_TRY(log_.open(id_));
    const auto me = caf::actor_cast<caf::actor>(self_);
    subscription_ = runtime_.store.subscribe(log_.log(), [me] { caf::anon_send(me, WakeMessage{}); });
    self_->send(self_, WakeMessage{});
    return ok();
  }

  Status write() {
    const WorkClock::Work work(work_);
    if (committing_)
      return ok();
    uint64_t records = 0;
    for (size_t i = 0; i < kMaxBatches; ++i) {
      PENSTOCK_ASSIGN(const BatchPtr batch, log_.next());
      if (!batch)
        break;
      PENSTOCK_TRY(sink_->write(batch));
      records += batch->rows();
      runtime_.monitor.emit(monitoring::BatchReceived{work_.origin(), batch->rows(), batch->memory()});
    }
    if (records == 0) {
      if (stopping_)
        self_->quit();
      return ok();
    }
    PENSTOCK_ASSIGN(std::string position, sink_->sync());
    records_ = records;
    WriteBatch write;
    write.put(kSinkPositions, id_, std::move(position));
    for (uint32_t p = 0; p < log_.positions().size(); ++p)
      write.set_position(id_, log_.log(), Partition(p), log_.positions()[p]);
    committing_ = true;
    const auto me = caf::actor_cast<caf::actor>(self_);
    runtime_.store.commit(std::move(write), [me](const Committed& committed) {
      caf::anon_send(me, CommittedMessage{committed.status, {}});
    });
    return ok();
  }

  Status on_committed(const Status& status) {
    PENSTOCK_TRY(status);
    committing_ = false;
    runtime_.board.add_records(id_, records_);
    runtime_.monitor.emit(monitoring::BatchSent{work_.origin(), records_, 0});
    return write();
  }

  Status stop() {
    stopping_ = true;
    return write();
  }

 private:
  Self* self_;
  Runtime& runtime_;
  std::string id_;
  const topology::Component& component_;
  WorkClock work_;
  LogReader log_;
  SinkPtr sink_;
  Store::Subscription subscription_;
  uint64_t records_ = 0;
  bool committing_ = false, stopping_ = false;
};

SinkActorState::SinkActorState() = default;
SinkActorState::~SinkActorState() = default;

namespace {

caf::behavior sink_actor(Self* self, Runtime* runtime, std::string id, const caf::actor& supervisor) {
  fail_on_exceptions(self);
  self->state.worker = std::make_unique<SinkWorker>(self, runtime, std::move(id));
  SinkWorker* worker = self->state.worker.get();
  const auto check = [self](const Status& status) {
    if (!status.ok())
      fail(self, status);
  };
  check(worker->start());
  self->send(supervisor, StartedMessage{});
  return {
      [=](WakeMessage) { check(worker->write()); },
      [=](const CommittedMessage& message) { check(worker->on_committed(message.status)); },
      [=](StopMessage) { check(worker->stop()); },
  };
}

}  // namespace

Supervised supervised_sink(Runtime* runtime, const std::string& id) {
  Supervised supervised;
  supervised.origin = {id, "sink", runtime->plan.topology.find(id)->component.type};
  supervised.components = {id};
  supervised.start = [=](caf::event_based_actor* supervisor, const std::string&) {
    const auto me = caf::actor_cast<caf::actor>(supervisor);
    if (runtime->options.detached)
      return std::vector<caf::actor>{supervisor->spawn<caf::detached>(sink_actor, runtime, id, me)};
    return std::vector<caf::actor>{supervisor->spawn(sink_actor, runtime, id, me)};
  };
  return supervised;
}

}  // namespace penstock
