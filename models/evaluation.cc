#include "models/evaluation.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <span>

#include "core/random.h"
#include "models/best_items.h"
#include "models/features.h"
#include "models/popularity.h"
#include "models/workers.h"

namespace penstock {
namespace {

// Scores of all items for one user, nothing masked.
using Scorer = std::function<std::vector<float>(int32_t user)>;

bool measured(const SplitData& data, int32_t user) {
  return !data.held_out[user].empty() && !data.train.by_user.row_indices(user).empty();
}

std::vector<int32_t> measured_users(const SplitData& data) {
  std::vector<int32_t> users;
  for (int32_t user = 0; user < data.train.by_user.rows; ++user) {
    if (measured(data, user))
      users.push_back(user);
  }
  return users;
}

std::vector<ItemWeight> history_of(const SplitData& data, int32_t user) {
  const auto items = data.train.by_user.row_indices(user);
  const auto weights = data.train.by_user.row_values(user);
  std::vector<ItemWeight> history(items.size());
  for (size_t i = 0; i < items.size(); ++i)
    history[i] = {items[i], weights[i]};
  if (data.train.times.empty())
    return history;
  // In order of first contact, as far as it is known; of equal times by item.
  const std::span<const Timestamp> times = std::span(data.train.times).subspan(data.train.by_user.pointers[user]);
  std::vector<size_t> order(items.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return times[a] < times[b]; });
  std::vector<ItemWeight> ordered(items.size());
  std::ranges::transform(order, ordered.begin(), [&](size_t place) { return history[place]; });
  return ordered;
}

// The best items of a user: what coverage counts.
std::vector<ScoredItem> first_items(std::span<const float> scores, size_t n) {
  BestItems best(n);
  for (size_t item = 0; item < scores.size(); ++item) {
    if (scores[item] > best.threshold())
      best.offer({static_cast<int32_t>(item), scores[item]});
  }
  return std::move(best).sorted();
}

double coverage(const std::vector<std::vector<ScoredItem>>& firsts, int cutoff, size_t items) {
  std::vector<bool> shown(items);
  for (const auto& of_user : firsts) {
    for (size_t place = 0; place < std::min<size_t>(of_user.size(), cutoff); ++place)
      shown[of_user[place].item] = true;
  }
  return items == 0 ? 0
                    : static_cast<double>(std::count(shown.begin(), shown.end(), true)) / static_cast<double>(items);
}

ModelReport measure_scores(const Scorer& scorer, const SplitData& data, const EvaluateOptions& options) {
  const std::vector<int32_t> users = measured_users(data);
  const int longest = options.cutoffs.empty() ? 0 : *std::max_element(options.cutoffs.begin(), options.cutoffs.end());
  std::vector<std::vector<double>> of_user(users.size());
  std::vector<std::vector<ScoredItem>> firsts(users.size());
  Workers workers(std::max(options.threads, 1), false);
  workers.run(static_cast<int64_t>(users.size()), [&](int64_t place, int) {
    const int32_t user = users[place];
    std::vector<float> scores = scorer(user);
    of_user[place] =
        metrics_of(rank(scores, data.train.by_user.row_indices(user), data.held_out[user]), options.cutoffs);
    firsts[place] = first_items(scores, longest);
  });

  ModelReport report;
  const std::vector<MetricDefinition> definitions = metric_definitions(options.cutoffs);
  const size_t averaged = definitions.size() - options.cutoffs.size();
  std::vector<double> column(users.size());
  for (size_t metric = 0; metric < averaged; ++metric) {
    for (size_t place = 0; place < users.size(); ++place)
      column[place] = of_user[place][metric];
    report.metrics.push_back({definitions[metric].name, mean_with_interval(column)});
  }
  for (size_t i = 0; i < options.cutoffs.size(); ++i) {
    const double value = coverage(firsts, options.cutoffs[i], data.train.items.size());
    report.metrics.push_back({definitions[averaged + i].name, {value, value, value}});
  }
  return report;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

class Silent final : public TrainingProgress {
 public:
  void step(size_t, size_t, const std::string&) override {}
};

}  // namespace

double ModelReport::value(std::string_view metric) const {
  for (const MetricValue& each : metrics) {
    if (each.name == metric)
      return each.interval.value;
  }
  return 0;
}

ModelReport measure(const ModelSnapshot& snapshot, const SplitData& data, const EvaluateOptions& options) {
  const auto scorer = [&](int32_t user) {
    const std::vector<ItemWeight> history = history_of(data, user);
    const std::vector<Feature> features = features_of(data.train.user_features, user);
    std::vector<float> scores =
        snapshot.score_all({.user = data.train.users[user], .history = history, .features = features});
    scores.resize(data.train.items.size());  // nothing to say: all the same
    return scores;
  };
  return measure_scores(scorer, data, options);
}

ModelReport measure_random(const SplitData& data, const EvaluateOptions& options) {
  const auto scorer = [&](int32_t user) {
    Random random(splitmix64(options.seed) + splitmix64(static_cast<uint64_t>(user)));
    std::vector<float> scores(data.train.items.size());
    for (float& score : scores)
      score = static_cast<float>(random.uniform());
    return scores;
  };
  ModelReport report = measure_scores(scorer, data, options);
  report.name = report.type = "random";
  return report;
}

Result<EvaluationReport> evaluate(const Model& model, const SplitData& data, const EvaluateOptions& options,
                                  TrainingProgress& progress) {
  EvaluationReport report;
  report.protocol = data.protocol;
  report.definitions = metric_definitions(options.cutoffs);
  report.users = measured_users(data).size();
  report.items = data.train.items.size();
  report.train_interactions = static_cast<size_t>(data.train.by_user.entries());
  for (size_t user = 0; user < data.held_out.size(); ++user) {
    report.held_out_interactions += data.held_out[user].size();
    report.users_left_out += !data.held_out[user].empty() && !measured(data, static_cast<int32_t>(user));
  }

  const auto measure_model = [&](const Model& each, const std::string& name, TrainingProgress& told) -> Status {
    const auto start = std::chrono::steady_clock::now();
    PENSTOCK_ASSIGN(const ModelSnapshotPtr snapshot, each.fit(data.train, {options.seed, options.threads}, told));
    const double seconds = seconds_since(start);
    report.models.push_back(measure(*snapshot, data, options));
    report.models.back().name = name;
    report.models.back().type = each.type();
    report.models.back().seconds = seconds;
    return ok();
  };
  PENSTOCK_TRY(measure_model(model, std::string(model.type()), progress));
  if (options.baselines) {
    Silent silent;
    PENSTOCK_TRY(measure_model(**make_popularity({}), "most_popular", silent));
    report.models.push_back(measure_random(data, options));
  }
  return report;
}

}  // namespace penstock
