#include "actors/supervision/watchdog.h"

#include <algorithm>
#include <chrono>

namespace penstock {
namespace {

constexpr Duration kShortestInterval{10'000};
constexpr Duration kLongestInterval{1'000'000};

std::string describe(const Stall& stall) {
  const std::string who =
      stall.pulse->part == kNodePart ? "the actor system" : stall.pulse->part + ", " + stall.pulse->worker;
  const std::string what = stall.waits_for_store ? " has waited for the store" : " has not answered";
  return who + what + " for " + std::to_string(stall.lasts.micros / 1'000'000) + " s";
}

}  // namespace

Watchdog::Watchdog(Runtime* runtime, Ping ping)
    : runtime_(runtime),
      interval_(std::clamp(Duration{runtime->options.stall_timeout.micros / 4}, kShortestInterval, kLongestInterval)),
      check_(runtime->options.stall_timeout, interval_),
      ping_(std::move(ping)),
      system_(runtime->pulses.add(kNodePart, "supervisor", {kNodePart, "node", "node"})) {
  runtime_->watched = runtime_->clock.monotonic_nanos();
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, std::chrono::microseconds(interval_.micros), [this] { return stopping_; }))
      look();
  });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Watchdog::stop_pinging() {
  const std::lock_guard lock(mutex_);
  ping_ = nullptr;
  system_->busy_since = 0;
}

void Watchdog::look() {
  const int64_t now = runtime_->clock.monotonic_nanos();
  tell(check_.look(now, runtime_->pulses.all()));
  int64_t answered = 0;
  if (ping_ && system_->busy_since.compare_exchange_strong(answered, now))
    ping_(system_);
}

void Watchdog::tell(const HealthCheck::Verdict& verdict) {
  for (const Stall& stall : verdict.begun) {
    const monitoring::Origin& origin = stall.pulse->origin;
    runtime_->monitor.emit(monitoring::ComponentStalled{origin, stall.lasts.seconds()});
    runtime_->monitor.emit(monitoring::ComponentState{origin, "stalled", describe(stall)});
  }
  for (const PulsePtr& pulse : verdict.ended)
    runtime_->monitor.emit(monitoring::ComponentState{pulse->origin, "running", "it answers again"});
  runtime_->watched = verdict.all_well ? runtime_->clock.monotonic_nanos() : 0;
  if (verdict.hopeless.empty())
    return;
  std::string reason;
  for (const Stall& stall : verdict.hopeless)
    reason += (reason.empty() ? "" : "; ") + describe(stall);
  runtime_->options.give_up(reason);
}

}  // namespace penstock
