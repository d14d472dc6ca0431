#include "actors/servers/rollout_watch.h"

#include <algorithm>
#include <cmath>

namespace penstock {
namespace {

constexpr size_t kRemembered = 4'000;  // answers, then no more until some were judged
constexpr size_t kLooks = 1'000;       // at remembered answers, each time
constexpr double kSmallestTime = 1e-6;
constexpr double kStepsToDouble = 4;

}  // namespace

void RolloutWatch::Times::add(double seconds) {
  const double step = std::log2(std::max(seconds, kSmallestTime) / kSmallestTime) * kStepsToDouble;
  ++counts[std::min(counts.size() - 1, static_cast<size_t>(step))];
}

double RolloutWatch::Times::p99(uint64_t all) const {
  uint64_t above = all / 100;
  for (size_t step = counts.size(); step-- > 0;) {
    if (counts[step] > above)
      return kSmallestTime * std::exp2((static_cast<double>(step) + 0.5) / kStepsToDouble);
    above -= counts[step];
  }
  return 0;
}

void RolloutWatch::begin(uint64_t live, uint64_t trial) {
  const std::lock_guard lock(mutex_);
  live_ = {live, {}, {}};
  trial_ = {trial, {}, {}};
  shadow_ = {};
  remembered_.clear();
  users_.clear();
  watching_ = true;
}

RolloutWatch::Counted* RolloutWatch::of(uint64_t version) {
  return version == live_.version ? &live_ : version == trial_.version ? &trial_ : nullptr;
}

void RolloutWatch::note(Answer answer) {
  if (!watching_)
    return;
  const std::lock_guard lock(mutex_);
  Counted* counted = of(answer.version);
  if (counted == nullptr)
    return;
  AnswerFigures& figures = counted->figures;
  ++figures.answers;
  figures.failed += answer.failed;
  if (answer.history > 0 && !answer.failed) {
    ++figures.known;
    figures.empty += answer.items.empty();
  }
  counted->times.add(answer.seconds);
  if (!answer.shown || answer.user.empty() || answer.items.empty())
    return;
  if (remembered_.size() < kRemembered && users_.insert(answer.user).second)
    remembered_.push_back(std::move(answer));
}

void RolloutWatch::judge(const History& history) {
  std::deque<Answer> look;
  {
    const std::lock_guard lock(mutex_);
    const size_t count = std::min(kLooks, remembered_.size());
    std::move(remembered_.begin(), remembered_.begin() + static_cast<std::ptrdiff_t>(count), std::back_inserter(look));
    remembered_.erase(remembered_.begin(), remembered_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  const auto ids = history.ids();
  struct Judged {
    uint64_t version;
    bool hit;
    std::string user;
  };
  std::vector<Judged> judged;
  std::deque<Answer> still;
  for (Answer& answer : look) {
    const auto now = history.user(answer.user);
    if (!now || now->items->size() <= answer.history) {
      still.push_back(std::move(answer));
      continue;
    }
    const bool hit =
        std::any_of(now->items->begin() + static_cast<std::ptrdiff_t>(answer.history), now->items->end(),
                    [&](const HistoryItem& item) { return std::ranges::count(answer.items, ids->id(item.item)) > 0; });
    judged.push_back({answer.version, hit, std::move(answer.user)});
  }
  const std::lock_guard lock(mutex_);
  for (const Judged& each : judged) {
    users_.erase(each.user);
    if (Counted* counted = of(each.version)) {
      ++counted->figures.judged;
      counted->figures.hits += each.hit;
    }
  }
  std::ranges::move(still, std::back_inserter(remembered_));  // looked at again after the others
}

void RolloutWatch::note_shadow(double overlap, double rank_correlation) {
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<double>(++shadow_.compared);
  shadow_.overlap += (overlap - shadow_.overlap) / count;
  shadow_.rank_correlation += (rank_correlation - shadow_.rank_correlation) / count;
}

void RolloutWatch::note_dropped() {
  const std::lock_guard lock(mutex_);
  ++shadow_.dropped;
}

RolloutWatch::Figures RolloutWatch::figures() const {
  const std::lock_guard lock(mutex_);
  Figures out{live_.figures, trial_.figures, shadow_};
  out.live.p99_seconds = live_.times.p99(live_.figures.answers);
  out.trial.p99_seconds = trial_.times.p99(trial_.figures.answers);
  return out;
}

}  // namespace penstock
