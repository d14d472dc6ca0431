#include "actors/servers/model_evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "actors/trainers/live_settings.h"

namespace penstock {
namespace {

constexpr size_t kMostQueued = 1'000;           // events
constexpr Duration kPopularityFor{10'000'000};  // 10s

// The score of what would be shown first; none if nothing would.
std::optional<double> best_of(std::vector<float> scores, const std::vector<int32_t>& masked) {
  for (const int32_t item : masked)
    scores[item] = -std::numeric_limits<float>::infinity();
  const auto best = std::max_element(scores.begin(), scores.end());
  return best != scores.end() && std::isfinite(*best) ? std::optional<double>(*best) : std::nullopt;
}

}  // namespace

ModelEvaluation::ModelEvaluation(const ModelServer* server)
    : server_(server),
      sample_(live_settings(server->component()).sample),
      window_(live_settings(server->component()).window),
      scores_(live_settings(server->component()).drift_window) {}

bool ModelEvaluation::wants(Timestamp ingested) {
  if (ingested.micros <= live_since_.load(std::memory_order_relaxed) || allowed_.load(std::memory_order_relaxed) <= 0)
    return false;
  return allowed_.fetch_sub(1, std::memory_order_relaxed) > 0;
}

void ModelEvaluation::offer(LiveEvent event) {
  const std::lock_guard lock(mutex_);
  if (queue_.size() < kMostQueued)
    queue_.push_back(std::move(event));
}

void ModelEvaluation::refresh(Timestamp now) {
  const ServingPtr live = server_->serving();
  live_since_ = live ? live->version().trained.micros : INT64_MAX;
  allowed_ = std::max<int64_t>(sample_ > 0 ? 1 : 0, sample_ / kRefreshesASecond);
  const std::lock_guard lock(mutex_);
  window_.expire(now);
}

void ModelEvaluation::rank_by_popularity(const History& history, Timestamp now) {
  if (!popularity_.empty() && popularity_at_.micros + kPopularityFor.micros > now.micros)
    return;
  const auto ranking = history.popular(history.ids()->size());
  popularity_.assign(history.ids()->size(), -1);
  for (size_t place = 0; place < ranking.size(); ++place)
    popularity_[ranking[place].item] = static_cast<int32_t>(place);
  popularity_at_ = now;
  heads_ = std::max<size_t>(1, ranking.size() / 5);
}

bool ModelEvaluation::evaluate_one(Timestamp now) {
  LiveEvent event;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty())
      return false;
    event = std::move(queue_.front());
    queue_.pop_front();
  }
  const std::shared_ptr<const History> history = server_->history();
  if (!history)
    return true;
  rank_by_popularity(*history, now);
  for (const ServingPtr& serving : {server_->versions().live(), server_->versions().trial()})
    if (serving && event.ingested.micros > serving->version().trained.micros)
      foretell(event, *serving, *history, now);
  return true;
}

void ModelEvaluation::foretell(const LiveEvent& event, const Serving& serving, const History& history, Timestamp now) {
  const auto ids = history.ids();
  const UserHistory past{std::make_shared<const std::vector<HistoryItem>>(event.before), event.newest};
  const std::vector<ItemWeight> known = serving.translate(*ids, past);
  const ModelSnapshot& snapshot = serving.snapshot();
  std::vector<float> scores = snapshot.score_all({.user = event.user, .history = known});
  const std::optional<uint32_t> number = ids->find(event.item);
  int32_t place = number && *number < popularity_.size() ? popularity_[*number] : -1;
  if (place < 0)  // newer than the ranking: behind all
    place = static_cast<int32_t>(popularity_.size());

  ForetoldEvent out{serving.version().version,           now, event.before.size() >= PrequentialWindow::kWarmItems,
                    static_cast<size_t>(place) < heads_, {},  0};
  std::optional<double> best;
  if (scores.empty()) {  // nothing to say: the most popular are shown
    std::vector<int32_t> before;
    for (const HistoryItem& item : event.before)
      if (item.item < popularity_.size() && popularity_[item.item] >= 0 && popularity_[item.item] < place)
        before.push_back(popularity_[item.item]);
    out.candidates = static_cast<int64_t>(popularity_.size() - event.before.size());
    if (static_cast<size_t>(place) < popularity_.size())
      out.rank = place - static_cast<int64_t>(before.size());
  } else {
    std::vector<int32_t> masked;
    masked.reserve(known.size());
    for (const ItemWeight& item : known)
      masked.push_back(item.item);
    out.candidates = static_cast<int64_t>(scores.size() - masked.size());
    if (const int32_t row = serving.row(event.item); row >= 0 && static_cast<size_t>(row) < scores.size())
      out.rank = rank_of(scores, masked, row);
    best = best_of(std::move(scores), masked);
  }
  const std::lock_guard lock(mutex_);
  window_.add(out);
  if (best && &serving == server_->serving().get())
    scores_.add(out.version, *best, now);
}

std::optional<DriftFigures> ModelEvaluation::score_drift(Timestamp now) const {
  const std::lock_guard lock(mutex_);
  const auto distances = scores_.distances(now);
  if (!distances)
    return std::nullopt;
  return DriftFigures{"scores", distances->values, distances->psi, distances->jensen_shannon};
}

std::vector<LiveFigures> ModelEvaluation::figures() const {
  std::vector<LiveFigures> out;
  const std::lock_guard lock(mutex_);
  for (const uint64_t version : window_.versions())
    for (const PrequentialWindow::Segment segment : PrequentialWindow::kSegments)
      if (const auto figures = window_.figures(version, segment); figures.events > 0)
        out.push_back({version,
                       std::string(segment_name(segment)),
                       figures.events,
                       {{"hr@10", figures.hr},
                        {"ndcg@10", figures.ndcg},
                        {"auc", figures.auc},
                        {"precision@10", figures.precision()},
                        {"recall@10", figures.recall()}}});
  return out;
}

}  // namespace penstock
