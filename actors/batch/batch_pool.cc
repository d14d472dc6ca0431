// How workers come by tasks, and what becomes of those they do not finish.
#include <utility>

#include "actors/batch/batch_runs.h"

namespace penstock {

void BatchRuns::attend(uint32_t worker, std::function<void()> wake) {
  Actions actions;
  std::unique_lock lock(mutex_);
  wakes_[worker] = std::move(wake);
  if (cleaner_ == worker)
    cleaner_.reset();
  const auto held = runs_;
  for (const auto& [id, run] : held)
    if (const Status status = run->give_back(worker, "its worker crashed"); !status.ok())
      end(run, BatchState::kFailed, status.message(), actions);
  wake_all(actions);
  lock.unlock();
  run_all(std::move(actions));
}

std::optional<BatchRuns::Ticket> BatchRuns::take(uint32_t worker) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, run] : runs_)
    if (const auto work = run->take(worker, runtime_.clock.monotonic_nanos()))
      return Ticket{id, *work, run->context, run->make(*work)};
  if (garbage_.empty() || cleaner_)
    return std::nullopt;
  cleaner_ = worker;
  return Ticket{"", {}, nullptr, make_erase_task(runtime_.store, std::exchange(garbage_, {}))};
}

bool BatchRuns::holds(uint32_t worker, const Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  if (ticket.run.empty())
    return cleaner_ == worker;
  const RunPtr run = find(ticket.run);
  return run && run->holds(worker, ticket.work, runtime_.clock.monotonic_nanos());
}

void BatchRuns::finished(uint32_t worker, const Ticket& ticket) {
  Actions actions;
  std::unique_lock lock(mutex_);
  if (ticket.run.empty()) {
    cleaner_.reset();
  } else if (const RunPtr run = find(ticket.run)) {
    if (const Status status = run->finished(worker, ticket.work); status.ok())
      advance(run, actions);
    else
      end(run, BatchState::kFailed, status.message(), actions);
  }
  lock.unlock();
  run_all(std::move(actions));
}

void BatchRuns::failed(uint32_t worker, const Ticket& ticket, const Status& status) {
  Actions actions;
  std::unique_lock lock(mutex_);
  if (ticket.run.empty()) {
    cleaner_.reset();  // what is left is found at the next start
  } else if (const RunPtr run = find(ticket.run)) {
    // Neither time nor another worker mends what is wrong with the data.
    const bool for_good = status.code() == Code::kDataLoss || status.code() == Code::kInvalidArgument;
    const Status too_often = run->give_back(worker, status.message());
    if (for_good || !too_often.ok())
      end(run, BatchState::kFailed, for_good ? status.message() : too_often.message(), actions);
    else
      wake_all(actions);
  }
  lock.unlock();
  run_all(std::move(actions));
}

}  // namespace penstock
