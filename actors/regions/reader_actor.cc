#include "actors/regions/reader_actor.h"

#include <chrono>

#include "actors/regions/dead_letters.h"
#include "actors/regions/epoch_ledger.h"
#include "actors/regions/log_reader.h"
#include "actors/supervision/failure.h"
#include "actors/supervision/work_clock.h"
#include "messages/batch_codec.h"

namespace penstock {

using Self = caf::stateful_actor<ReaderState>;

class Reader {
 public:
  Reader(Self* self, ReaderConfig config)
      : self_(self),
        config_(std::move(config)),
        runtime_(*config_.runtime),
        work_(runtime_.clock, runtime_.monitor, {config_.region, "region", "region"}),
        ledger_(config_.workers) {}

  Status start() {
    const auto me = caf::actor_cast<caf::actor>(self_);
    for (const ReaderConfig::Input& input : config_.inputs) {
      logs_.emplace_back(runtime_.store, &runtime_.cache, input.log, input.schema);
      PENSTOCK_TRY(logs_.back().open(config_.region));
      subscriptions_.push_back(runtime_.store.subscribe(input.log, [me] { caf::anon_send(me, WakeMessage{}); }));
    }
    return ok();
  }

  // Reads what there is, as far as the limits allow, and ends epochs.
      logs_.back().tell_losses(runtime_.monitor, work_.origin());
  Status pump() {
    const WorkClock::Work work(work_);
    awake_ = false;
    const RuntimeOptions& options = runtime_.options;
    while (!stopping_) {
      if (ledger_.open_bytes() + uncommitted_bytes_ + current_.bytes >= options.in_flight_bytes.count ||
          ledger_.open_epochs() >= options.in_flight_epochs) {
        work_.set_blocked(true);
        return ok();
      }
      PENSTOCK_ASSIGN(const bool more, read_one());
      if (current_.bytes >= options.epoch_bytes.count) {
        end_epoch();
        wake();  // let commits and parts be handled in between
        return ok();
      }
      if (!more)
        break;
    }
    work_.set_blocked(false);
    // Nothing more to read: end the epoch now if the region is idle, else gather until the timer or a commit.
    if (current_.records > 0 && ledger_.open_epochs() == 0 && !committing_)
      end_epoch();
    else if (current_.records > 0 && !ticking_)
      tick();
    return ok();
  }

  void on_part(std::shared_ptr<EpochPart> part) {
    const WorkClock::Work work(work_);
    ledger_.add(std::move(part));
    commit();
  }

  Status on_committed(const CommittedMessage& message) {
    {
      const WorkClock::Work work(work_);
      committing_ = false;
      PENSTOCK_TRY(message.status);
      publish(message.appended);
      commit();
    }
    return finish_or_pump();
  }

  Status on_tick() {
    ticking_ = false;
    if (current_.records > 0)
      end_epoch();
    return pump();
  }

  Status stop() {
    stopping_ = true;
    if (current_.records > 0)
      end_epoch();
    return finish_or_pump();
  }

  void wake() {
    if (awake_)
      return;
    awake_ = true;
    self_->send(self_, WakeMessage{});
  }

 private:
  // One batch of one log, in turn. False: all logs are read to their ends.
  Result<bool> read_one() {
    for (size_t tries = 0; tries < logs_.size(); ++tries) {
      LogReader& log = logs_[turn_];
      turn_ = (turn_ + 1) % logs_.size();
      PENSTOCK_ASSIGN(const BatchPtr batch, log.next());
      if (!batch)
        continue;
      if (current_.records == 0)
        current_.begun_nanos = runtime_.clock.monotonic_nanos();
      current_.bytes += batch->memory();
      current_.records += batch->rows();
      runtime_.monitor.emit(monitoring::BatchReceived{work_.origin(), batch->rows(), batch->memory()});
      for (const OutEdge& edge : config_.edges)
        if (edge.from_log == log.log())
          for (auto& [worker, part] : edge.router.split(batch))
            self_->send(edge.targets[worker], BatchMessage{edge.input, part});
      return true;
    }
    return false;
  }

  void end_epoch() {
    current_.epoch = epoch_ = epoch_.next();
    for (const LogReader& log : logs_)
      for (uint32_t p = 0; p < log.positions().size(); ++p)
        current_.positions.push_back({log.log(), Partition(p), log.positions()[p]});
    for (const OutEdge& edge : config_.edges)
      for (const caf::actor& target : edge.targets)
        self_->send(target, MarkerMessage{edge.input, epoch_});
    ledger_.open(std::move(current_));
    current_ = {};
    commit();  // a region without workers completes at once
  }

  // Commits all complete epochs together. One commit at a time: if it is refused, no later one may have happened.
  void commit() {
    if (committing_)
      return;
    std::vector<OpenEpoch> epochs = ledger_.take_complete();
    if (epochs.empty())
      return;
    WriteBatch write;
    const Timestamp now = runtime_.clock.now();
    std::vector<std::pair<std::string, Rejected>> rejected;
    appended_.clear();
    for (OpenEpoch& epoch : epochs) {
      for (const auto& part : epoch.parts) {
        for (auto& append : part->appends) {
          appended_.emplace_back(append.log, append.batch);
          write.append(append.log, Partition(0), std::move(append.bytes), append.records, now);
        }
        for (auto& [table, delta] : part->deltas)
          write.append_delta(table, std::move(delta));
        for (auto& letter : part->rejected)
          rejected.push_back(std::move(letter));
      }
      uncommitted_bytes_ += epoch.bytes;
      uncommitted_records_ += epoch.records;
    }
    for (const ReadPosition& position : epochs.back().positions) {
      write.set_position(config_.region, position.log, position.partition, position.next);
      runtime_.freshness.processed(position.log, config_.region, position.partition, position.next);
    }
    if (!rejected.empty()) {
      const std::string log = config_.inputs.size() == 1 ? config_.inputs.front().log : "";
      const BatchPtr letters = dead_letter_batch(runtime_.plan.topology.name, log, rejected, now);
      write.append(kDeadLettersLog, Partition(0), encode_batch(*letters), static_cast<uint32_t>(rejected.size()), now);
    }
    begun_nanos_ = epochs.front().begun_nanos;
    committing_ = true;
    committing_epoch_ = epochs.back().epoch;
    const auto me = caf::actor_cast<caf::actor>(self_);
    runtime_.store.commit(std::move(write), [me](const Committed& committed) {
      caf::anon_send(me, CommittedMessage{committed.status, committed.appended});
    });
  }

  void publish(const std::vector<Offset>& appended) {
    for (size_t i = 0; i < appended_.size() && i < appended.size(); ++i)
      runtime_.cache.put(appended_[i].first, Partition(0), appended[i], appended_[i].second);
    appended_.clear();
    const double seconds = static_cast<double>(runtime_.clock.monotonic_nanos() - begun_nanos_) * 1e-9;
    runtime_.monitor.emit(
        monitoring::EpochCommitted{work_.origin(), committing_epoch_.value(), seconds, uncommitted_records_});
    runtime_.monitor.emit(monitoring::QueueSize{work_.origin(), ledger_.open_bytes(), ledger_.open_epochs()});
    runtime_.board.add_records(region_status_id(config_.region), uncommitted_records_);
    uncommitted_bytes_ = 0;
    uncommitted_records_ = 0;
  }

  Status finish_or_pump() {
    if (!stopping_)
      return pump();
    if (!committing_ && ledger_.open_epochs() == 0)
      self_->quit();
    return ok();
  }

  void tick() {
    ticking_ = true;
    self_->delayed_send(self_, std::chrono::microseconds(runtime_.options.epoch_interval.micros), TickMessage{0});
  }

  Self* self_;
  ReaderConfig config_;
  Runtime& runtime_;
  WorkClock work_;
  std::vector<LogReader> logs_;
  std::vector<Store::Subscription> subscriptions_;
  size_t turn_ = 0;
  EpochLedger ledger_;
  OpenEpoch current_;
  Epoch epoch_;
  bool awake_ = false, ticking_ = false, stopping_ = false;

  // The commit under way.
  bool committing_ = false;
  Epoch committing_epoch_;
  int64_t begun_nanos_ = 0;
  uint64_t uncommitted_bytes_ = 0, uncommitted_records_ = 0;
  std::vector<std::pair<std::string, BatchPtr>> appended_;
};

ReaderState::ReaderState() = default;
ReaderState::~ReaderState() = default;

caf::behavior reader_actor(Self* self, ReaderConfig config) {
  fail_on_exceptions(self);
  const caf::actor supervisor = config.supervisor;
  self->state.reader = std::make_unique<Reader>(self, std::move(config));
  Reader* reader = self->state.reader.get();
  const auto check = [self](const Status& status) {
    if (!status.ok())
      fail(self, status);
  };
  check(reader->start());
  reader->wake();
  self->send(supervisor, StartedMessage{});
  return {
      [=](WakeMessage) { check(reader->pump()); },
      [=](const EpochPartMessage& message) { reader->on_part(message.part); },
      [=](const CommittedMessage& message) { check(reader->on_committed(message)); },
      [=](TickMessage) { check(reader->on_tick()); },
      [=](StopMessage) { check(reader->stop()); },
  };
}

}  // namespace penstock
