#include "actors/servers/live_evaluation.h"

#include <algorithm>
#include <chrono>

#include "actors/trainers/live_settings.h"
#include "models/workers.h"

namespace penstock {
namespace {

constexpr int64_t kRefreshNanos = 1'000'000'000 / ModelEvaluation::kRefreshesASecond;
constexpr int64_t kDriftNanos = 1'000'000'000;
constexpr int64_t kRestPerWork = 9;  // a tenth of a core
constexpr int64_t kIdleMicros = 50'000;

}  // namespace

void LiveEvaluation::start(const std::vector<std::unique_ptr<ModelServer>>& models) {
  for (const auto& model : models) {
    const LiveSettings settings = live_settings(model->component());
    if (!settings.drift_columns.empty()) {
      drifts_.push_back(std::make_unique<DriftWatch>(runtime_, model.get()));
      drifting_.push_back(model.get());
    }
    if (settings.sample == 0)
      continue;
    models_.push_back(std::make_shared<ModelEvaluation>(model.get()));
    servers_.push_back(model.get());
  }
  if (runtime_->options.detached && !(models_.empty() && drifts_.empty()))
    thread_ = std::thread([this] { run(); });
}

void LiveEvaluation::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

// What cannot be read now is looked at again in a second.
void LiveEvaluation::refresh_drift(int64_t nanos, Timestamp now) {
  if (drift_refreshed_ != INT64_MIN && nanos - drift_refreshed_ < kDriftNanos)
    return;
  drift_refreshed_ = nanos;
  for (size_t i = 0; i < drifts_.size(); ++i)
    if (const Status status = drifts_[i]->refresh(now); !status.ok())
      runtime_->monitor.emit(monitoring::ComponentError{drifting_[i]->origin(), "drift", status.message()});
}

int64_t LiveEvaluation::step() {
  const int64_t begun = runtime_->clock.monotonic_nanos();
  const Timestamp now = runtime_->clock.now();
  if (refreshed_ == INT64_MIN || begun - refreshed_ >= kRefreshNanos) {
    refreshed_ = begun;
    for (size_t i = 0; i < models_.size(); ++i) {
      models_[i]->refresh(now);
      for (const auto& worker : runtime_->views.get(servers_[i]->id()))
        if (const auto history = std::dynamic_pointer_cast<History>(worker))  // a new one after a restart of the region
          history->watch(models_[i]);
    }
  }
  refresh_drift(begun, now);
  bool any = false;
  for (const auto& model : models_)
    any = model->evaluate_one(now) || any;
  const int64_t worked = (runtime_->clock.monotonic_nanos() - begun) / 1'000;
  return any ? worked * kRestPerWork : kIdleMicros;
}

void LiveEvaluation::run() {
  lower_thread_priority();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const int64_t rest = step();
    lock.lock();
    wake_.wait_for(lock, std::chrono::microseconds(rest), [this] { return stopping_; });
  }
}

std::vector<LiveFigures> LiveEvaluation::figures(const std::string& model) const {
  for (const auto& each : models_)
    if (each->origin().id == model)
      return each->figures();
  return {};
}

std::vector<DriftFigures> LiveEvaluation::drift(const std::string& model) const {
  std::vector<DriftFigures> out;
  for (size_t i = 0; i < drifts_.size(); ++i)
    if (drifting_[i]->id() == model)
      out = drifts_[i]->figures();
  for (const auto& each : models_)
    if (each->origin().id == model)
      if (auto scores = each->score_drift(runtime_->clock.now()))
        out.push_back(std::move(*scores));
  return out;
}

void LiveEvaluation::tell() const {
  const auto tell_drift = [this](const monitoring::Origin& origin, const DriftFigures& each) {
    runtime_->monitor.emit(monitoring::DriftMeasured{origin, each.column, "psi", each.psi});
    runtime_->monitor.emit(monitoring::DriftMeasured{origin, each.column, "jensen_shannon", each.jensen_shannon});
  };
  for (size_t i = 0; i < drifts_.size(); ++i)
    for (const DriftFigures& each : drifts_[i]->figures())
      tell_drift(drifting_[i]->origin(), each);
  for (const auto& model : models_)
    if (const auto scores = model->score_drift(runtime_->clock.now()))
      tell_drift(model->origin(), *scores);
  for (const auto& model : models_)
    for (const LiveFigures& figures : model->figures())
      for (const auto& [metric, value] : figures.metrics)
        runtime_->monitor.emit(
            monitoring::PrequentialMeasured{model->origin(), figures.version, figures.segment, metric, value});
}

}  // namespace penstock
