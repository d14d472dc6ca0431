// The part of a model's life that looks after the version on trial: has it answer what others were asked, counts, decides.
#include <algorithm>

#include "actors/servers/model_life.h"
#include "actors/servers/model_server.h"
#include "actors/supervision/runtime.h"

namespace penstock {
namespace {

constexpr int64_t kLookEvery = 1'000'000'000;   // at what was counted, in ns
constexpr int64_t kShadowsAtOnce = 20'000'000;  // ns: a command should not wait for longer

std::vector<std::pair<std::string, double>> metrics_of(ModelState state, const RolloutWatch::Figures& seen) {
  const auto share = [](uint64_t part, uint64_t all) {
    return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
  };
  const std::string name = std::string(model_state_name(state)) + ".";
  std::vector<std::pair<std::string, double>> out = {{name + "answers", static_cast<double>(seen.trial.answers)},
                                                     {name + "empty", share(seen.trial.empty, seen.trial.known)},
                                                     {name + "p99_seconds", seen.trial.p99_seconds}};
  if (state == ModelState::kShadow) {
    out.emplace_back(name + "overlap", seen.shadow.overlap);
    out.emplace_back(name + "rank_correlation", seen.shadow.rank_correlation);
  } else {
    out.emplace_back(name + "hit_rate", share(seen.trial.hits, seen.trial.judged));
    out.emplace_back(name + "live.hit_rate", share(seen.live.hits, seen.live.judged));
  }
  return out;
}

}  // namespace

Result<std::optional<TrialStatus>> ModelLife::trial(Timestamp now) const {
  const ServedVersions::Trial trial = server_.versions().trial_state();
  if (!trial.serving)
    return std::optional<TrialStatus>();
  const ModelVersion& version = trial.serving->version();
  const Duration whole = trial.state == ModelState::kShadow ? options_.rollout.shadow_for : options_.rollout.canary_for;
  const RolloutWatch::Figures seen = watch_.figures();
  const Duration left{std::max<int64_t>(0, whole.micros - (now.micros - version.since.micros))};
  return std::optional(TrialStatus{version, trial.share, left, seen.live, seen.trial, seen.shadow});
}

void ModelLife::tick() {
  if (!watch_.watching())
    return;
  compare_shadows();
  if (runtime_.clock.monotonic_nanos() < next_look_nanos_)
    return;
  next_look_nanos_ = runtime_.clock.monotonic_nanos() + kLookEvery;
  look_at_trial();
}

void ModelLife::compare_shadows() {
  const ServedVersions::Trial trial = server_.versions().trial_state();
  const std::shared_ptr<const History> histories = server_.history();
  if (trial.state != ModelState::kShadow || !histories)
    return;
  const int64_t until = runtime_.clock.monotonic_nanos() + kShadowsAtOnce;
  const ModelSnapshot& snapshot = trial.serving->snapshot();
  while (runtime_.clock.monotonic_nanos() < until) {
    const auto request = shadow_.take();
    if (!request)
      return;
    const auto past = histories->user(request->user);
    if (!past)
      continue;
    const int64_t begun = runtime_.clock.monotonic_nanos();
    const std::vector<ItemWeight> known = trial.serving->translate(*histories->ids(), *past);
    std::vector<std::string> items;
    if (!known.empty())
      for (const ScoredItem& scored :
           snapshot.recommend({.user = request->user, .history = known, .n = request->items.size()}))
        items.push_back(snapshot.items()[scored.item]);
    const double seconds = static_cast<double>(runtime_.clock.monotonic_nanos() - begun) * 1e-9;
    watch_.note_shadow(overlap(request->items, items), rank_correlation(request->items, items));
    watch_.note({trial.serving->version().version, request->user, past->items->size(), std::move(items), seconds, false,
                 false});
  }
}

void ModelLife::look_at_trial() {
  if (const auto histories = server_.history())
    watch_.judge(*histories);
  const std::lock_guard lock(mutex_);
  const ServingPtr trial = server_.versions().trial();
  if (!trial)
    return;
  const ModelVersion& version = trial->version();
  const RolloutWatch::Figures seen = watch_.figures();
  const Duration in_state{std::max<int64_t>(0, runtime_.clock.now().micros - version.since.micros)};
  const RolloutDecision decision = decide(options_.rollout, version.state, in_state, seen.live, seen.trial);
  const auto metrics = metrics_of(version.state, seen);
  for (const auto& [name, value] : metrics)
    runtime_.monitor.emit(monitoring::ModelMetric{server_.origin(), version.version, name, value});
  if (decision.verdict == RolloutDecision::Verdict::kGoOn)
    return;
  const bool good = decision.verdict == RolloutDecision::Verdict::kGoLive;
  ModelRepository repository(runtime_.store);
  Status moved = repository.note_metrics(server_.id(), version.version, metrics);
  if (moved.ok())
    moved = finish_trial(good ? ModelState::kLive : ModelState::kRejected, decision.reason);
  if (!moved.ok())  // looked at again in a second
    runtime_.monitor.emit(monitoring::ComponentError{server_.origin(), "commit", moved.message()});
}

}  // namespace penstock
