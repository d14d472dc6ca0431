#include "actors/regions/attempts.h"

#include <algorithm>

#include "actors/regions/dead_letters.h"
#include "actors/regions/set_aside.h"
#include "actors/stages/reject.h"
#include "messages/batch_codec.h"

namespace penstock {

Attempts::Attempts(Runtime* runtime, std::string owner, monitoring::Origin origin, uint64_t max_slice)
    : runtime_(*runtime),
      owner_(std::move(owner)),
      origin_(std::move(origin)),
      limits_(runtime->options.isolation),
      isolation_([&] {
        limits_.slice = std::min(limits_.slice, max_slice);
        return limits_;
      }()) {}

Status Attempts::restore(const LastFailure& last_failure) {
  last_failure_ = last_failure;
  PENSTOCK_ASSIGN(const auto encoded, runtime_.store.get(kAttempts, owner_));
  on_record_ = suspect_ = encoded.has_value();
  if (encoded) {
    PENSTOCK_TRY(isolation_.restore(*encoded));
    if (!last_failure.reason.empty() && last_failure.component.empty())
      isolation_.excuse();
  } else if (!last_failure.component.empty()) {
    isolation_.begin();  // it failed at later input than that of its first attempt
  }
  isolation_.judge();
  return ok();
}

void Attempts::refuse(const std::string& reason, const std::string& component) {
  last_failure_ = {reason, component};
  isolation_.refuse();
}

void Attempts::excuse(WriteBatch& write) {
  isolation_.excuse();
  begun_ = false;
  end_turn();
  if (searching())
    put(write);
  else
    (void)withdrawn(write);
}

bool Attempts::may_begin(const std::function<void()>& wake) {
  return !suspect_ || runtime_.trial_turns.take(owner_, wake);
}

WriteBatch Attempts::begin() {
  isolation_.begin();
  begun_ = true;
  WriteBatch write;
  put(write);
  return write;
}

void Attempts::put(WriteBatch& write) {
  write.put(kAttempts, owner_, isolation_.encode());
  on_record_ = true;
}

void Attempts::succeeded(WriteBatch& write) {
  if (!on_record_)
    return;
  suspect_ = false;
  end_turn();  // commits come in the order of the calls: who is next begins behind this one
  write.erase(kAttempts, owner_);
  on_record_ = false;
  isolation_ = Isolation(limits_);
}

bool Attempts::withdrawn(WriteBatch& write) {
  if (!on_record_ || searching())
    return false;
  suspect_ = false;
  end_turn();
  write.erase(kAttempts, owner_);
  on_record_ = false;
  return true;
}

Result<LogReader*> Attempts::choose(std::vector<LogReader>& logs) {
  if (const auto& slice = isolation_.slice()) {
    for (LogReader& log : logs)
      if (log.log() == slice->log && slice->partition.value() < log.positions().size() &&
          log.positions()[slice->partition.value()] == slice->first)
        return &log;
    isolation_.drop_slice();  // retention has dropped it, or the topology no longer reads that log
  }
  for (LogReader& log : logs)
    for (uint32_t p = 0; p < log.positions().size(); ++p) {
      PENSTOCK_ASSIGN(const uint64_t pending, log.pending(Partition(p)));
      if (pending == 0 || cleared_.contains({log.log(), Partition(p)}))
        continue;
      isolation_.choose(log.log(), Partition(p), log.positions()[p], pending);
      return &log;
    }
  isolation_.end();
  suspect_ = false;
  end_turn();
  cleared_.clear();
  begun_ = true;  // the attempt on record says "search", and goes with the next commit
  return nullptr;
}

Status Attempts::look_behind(const LogReader& log) {
  PENSTOCK_ASSIGN(behind_, log.pending(partition()));
  return ok();
}

void Attempts::slice_passed(const LogReader& log, WriteBatch& write) {
  const Partition at = partition();
  isolation_.passed(behind_);
  end_turn();
  if (!isolation_.slice())
    cleared_.emplace(log.log(), at);
  put(write);
}

Status Attempts::set_aside(LogReader& log, WriteBatch& write) {
  const Partition at = partition();
  PENSTOCK_ASSIGN(const BatchPtr record, log.next_of(at, 1));
  if (!record)
    return internal_error("the record to be set aside is not in log \"" + log.log() + "\"");
  const Timestamp now = runtime_.clock.now();
  const std::string reason =
      last_failure_.reason.empty() ? "the process ended whenever it handled this record" : last_failure_.reason;
  const std::string component = last_failure_.component.empty() ? owner_ : last_failure_.component;
  const BatchPtr letter =
      dead_letter_batch(runtime_.plan.topology.name, log.log(), {{component, reject_row(*record, 0, reason)}}, now);
  write.append(kDeadLettersLog, Partition(0), encode_batch(*letter), 1, now);
  write.set_position(owner_, log.log(), at, log.positions()[at.value()]);
  write.put(kSetAsideTable, set_aside_key(owner_, log.log(), at, record->offset(0)), "");
  runtime_.monitor.emit(monitoring::RecordIsolated{origin_, log.log(), at.value(), record->offset(0).value(), reason});
  PENSTOCK_ASSIGN(const uint64_t pending, log.pending(at));
  isolation_.set_aside(pending);
  end_turn();
  if (!isolation_.slice())
    cleared_.emplace(log.log(), at);
  put(write);
  return ok();
}

}  // namespace penstock
