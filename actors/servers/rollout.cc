#include "actors/servers/rollout.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace penstock {
namespace {

constexpr double kBeyondChance = 2.58;    // 0.5 % of the trials of an equal version, at each look
constexpr uint64_t kFewAnswers = 30;      // of either version: says nothing yet
constexpr uint64_t kFewForLatency = 200;  // a 99th percentile of fewer is one answer's
constexpr double kLatencyNoise = 0.002;   // seconds: a difference that nobody notices

std::string percent(double share) {
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.3g %%", share * 100);
  return out.data();
}

std::string milliseconds(double seconds) {
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.3g ms", seconds * 1e3);
  return out.data();
}

struct Share {
  uint64_t part;
  uint64_t all;
  double value() const { return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all); }
};

// Whether `larger` is over `smaller` by more than `allowed`, beyond chance.
bool exceeds(Share larger, Share smaller, double allowed) {
  if (larger.all < kFewAnswers || smaller.all < kFewAnswers)
    return false;
  const double pooled = Share{larger.part + smaller.part, larger.all + smaller.all}.value();
  const double variance =
      pooled * (1 - pooled) * (1 / static_cast<double>(larger.all) + 1 / static_cast<double>(smaller.all));
  return variance > 0 && (larger.value() - smaller.value() - allowed) / std::sqrt(variance) >= kBeyondChance;
}

std::string compared(const char* what, Share trial, Share live) {
  return std::string(what) + ": " + percent(trial.value()) + " of " + std::to_string(trial.all) + " against " +
         percent(live.value()) + " of " + std::to_string(live.all) + " of the live version";
}

// What is worse than it may be; empty: nothing.
std::string breach(const RolloutLimits& limits, ModelState state, const AnswerFigures& live,
                   const AnswerFigures& trial) {
  if (const Share bad{trial.failed, trial.answers}, good{live.failed, live.answers}; exceeds(bad, good, limits.errors))
    return compared("answers fail", bad, good);
  if (const Share bad{trial.empty, trial.known}, good{live.empty, live.known}; exceeds(bad, good, limits.empty))
    return compared("answers for known users are empty", bad, good);
  if (state != ModelState::kCanary)
    return {};  // shadows compute in the background and nobody sees what they say
  if (trial.answers >= kFewForLatency && live.answers >= kFewForLatency &&
      trial.p99_seconds > limits.latency * live.p99_seconds + kLatencyNoise)
    return "the 99th percentile of the time to answer is " + milliseconds(trial.p99_seconds) + " against " +
           milliseconds(live.p99_seconds) + " of the live version";
  const Share taken{trial.hits, trial.judged}, before{live.hits, live.judged};
  if (exceeds(before, taken, limits.hits * before.value()))
    return compared("users take what they are shown", taken, before);
  return {};
}

}  // namespace

RolloutDecision decide(const Rollout& rollout, ModelState state, Duration in_state, const AnswerFigures& live,
                       const AnswerFigures& trial) {
  using enum RolloutDecision::Verdict;
  if (std::string wrong = breach(rollout.limits, state, live, trial); !wrong.empty())
    return {kGiveUp, std::move(wrong)};
  const Duration trial_time = state == ModelState::kShadow ? rollout.shadow_for : rollout.canary_for;
  if (in_state < trial_time || trial.answers < rollout.limits.least_answers)
    return {kGoOn, {}};
  return {kGoLive, "nothing worse in " + to_string(trial_time) + " as a " + std::string(model_state_name(state)) +
                       ": " + std::to_string(trial.answers) + " answers"};
}

}  // namespace penstock
