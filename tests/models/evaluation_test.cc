#include "models/evaluation.h"

#include <catch2/catch.hpp>

#include <limits>

#include "models/als.h"
#include "models/popularity.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

// Full sort, then look.
RankedUser recounted(const std::vector<float>& scores, const std::vector<int32_t>& masked,
                     const std::vector<int32_t>& relevant) {
  RankedUser out;
  const auto order = testing::full_sort(scores, masked, scores.size());
  out.candidates = static_cast<int64_t>(order.size());
  for (size_t place = 0; place < order.size(); ++place) {
    if (std::find(relevant.begin(), relevant.end(), order[place].item) != relevant.end())
      out.ranks.push_back(static_cast<int64_t>(place));
  }
  return out;
}

double value(const std::vector<double>& values, std::string_view name) {
  const std::vector<int> cutoffs = {2, 5};
  const auto definitions = metric_definitions(cutoffs);
  for (size_t i = 0; i < values.size(); ++i) {
    if (definitions[i].name == name)
      return values[i];
  }
  FAIL("no metric " << name);
  return 0;
}

EventLog log_of(const std::vector<Interaction>& events) {
  EventLog log;
  for (const Interaction& event : events)
    log.add(event);
  return log;
}

// 1{1 2 3}|4 : training | held out
std::string state(const SplitData& data) {
  std::string out;
  for (size_t user = 0; user < data.held_out.size(); ++user) {
    out += (user > 0 ? " " : "") + data.train.users[user] + "{";
    for (const int32_t item : data.train.by_user.row_indices(static_cast<int32_t>(user)))
      out += " " + data.train.items[item];
    out += " |";
    for (const int32_t item : data.held_out[user])
      out += " " + data.train.items[item];
    out += " }";
  }
  return out;
}

// Foretells item `n` if the history it is given is in order of first contact: n items, each one's number as its id.
class InOrder final : public ModelSnapshot {
 public:
  explicit InOrder(std::vector<std::string> items) : items_(std::move(items)) {}
  const std::vector<std::string>& items() const override { return items_; }
  std::vector<float> score_all(const ModelQuery& query) const override {
    std::string seen;
    for (const ItemWeight& item : query.history)
      seen += items_[item.item] + " ";
    std::vector<float> scores(items_.size());
    scores.back() = seen == "3 1 2 " ? 1.0f : -1.0f;
    return scores;
  }
  std::vector<ScoredItem> recommend(const ModelQuery&) const override { return {}; }
  std::vector<ScoredItem> similar(int32_t, size_t, const ItemSet*) const override { return {}; }
  ModelSnapshotPtr with_items(std::span<const NewItem>) const override { return nullptr; }
  std::string save() const override { return {}; }
  size_t memory() const override { return 0; }

 private:
  std::vector<std::string> items_;
};

}  // namespace

TEST_CASE("metrics follow their definitions") {
  const std::vector<int> cutoffs = {2, 5};
  const RankedUser user{{0, 3, 9}, 13};
  const std::vector<double> values = metrics_of(user, cutoffs);
  CHECK(value(values, "hr@2") == 1);
  CHECK(value(values, "recall@2") == Approx(1.0 / 2));
  CHECK(value(values, "recall@5") == Approx(2.0 / 3));
  CHECK(value(values, "recall@2/|T|") == Approx(1.0 / 3));
  CHECK(value(values, "map@5") == Approx((1.0 + 2.0 / 4) / 3));
  CHECK(value(values, "mrr") == 1);
  CHECK(value(values, "ndcg@5") == Approx((1 + 1 / std::log2(5)) / (1 + 1 / std::log2(3) + 0.5)));
  // 10 others: 10, 8 and 3 of them stand behind the three.
  CHECK(value(values, "auc") == Approx((10 + 8 + 3) / 30.0));
  CHECK(value(metrics_of({{7}, 13}, cutoffs), "hr@5") == 0);
}

TEST_CASE("ranks are those of a full sort with ties by item number") {
  Random random(51);
  for (int round = 0; round < 200; ++round) {
    std::vector<float> scores(30);
    std::vector<int32_t> masked, relevant;
    for (int32_t item = 0; item < 30; ++item) {
      scores[item] = static_cast<float>(random.below(6));
      const uint64_t role = random.below(5);
      if (role == 0)
        masked.push_back(item);
      else if (role == 1)
        relevant.push_back(item);
    }
    const RankedUser wanted = recounted(scores, masked, relevant);
    const RankedUser found = rank(scores, masked, relevant);
    CHECK(found.ranks == wanted.ranks);
    CHECK(found.candidates == wanted.candidates);
  }
}

TEST_CASE("a score that is not a number never wins") {
  std::vector<float> scores = {0.5f, std::numeric_limits<float>::quiet_NaN(), 0.1f,
                               -std::numeric_limits<float>::infinity()};
  CHECK(rank(scores, {}, std::vector<int32_t>{1}).ranks == std::vector<int64_t>{2});
}

TEST_CASE("validation holds out of what a protocol leaves for training, and what it holds out is in neither") {
  std::vector<Interaction> events;
  for (int user = 0; user < 30; ++user)
    for (int n = 0; n < 20; ++n)
      events.push_back({std::to_string(user), std::to_string(n * 7 % 20), 1, {n * 30 + user}});
  for (const Protocol protocol : {Protocol::kLeaveLastOut, Protocol::kR80, Protocol::kTemporal}) {
    const SplitData test = split(log_of(events), {.protocol = protocol}).value();
    const SplitData validation = split(log_of(events), {.protocol = protocol, .validation = true}).value();
    REQUIRE(validation.train.users == test.train.users);
    size_t held_out = 0;
    for (int32_t user = 0; user < 30; ++user) {
      const auto left = test.train.by_user.row_indices(user);
      std::vector<int32_t> both(validation.held_out[user]);
      held_out += both.size();
      both.insert(both.end(), validation.train.by_user.row_indices(user).begin(),
                  validation.train.by_user.row_indices(user).end());
      std::ranges::sort(both);
      CHECK(both == std::vector<int32_t>(left.begin(), left.end()));
    }
    CHECK(held_out > 25);
    CHECK(held_out < 130);
  }
}

TEST_CASE("intervals are mean ± 1.96 standard errors") {
  const std::vector<double> values = {0, 1, 1, 0, 1};
  const Interval interval = mean_with_interval(values);
  CHECK(interval.value == Approx(0.6));
  CHECK(interval.high - interval.value == Approx(1.96 * std::sqrt(0.3 / 5)));
  CHECK(interval.low == Approx(0.6 - (interval.high - 0.6)));
  CHECK(mean_with_interval({}).value == 0);
}

TEST_CASE("leave last out holds out the newest item, of equal times the one with the largest number") {
  const SplitData data = split(log_of({{"1", "5", 4, {10}},
                                       {"1", "30", 4, {20}},
                                       {"1", "4", 4, {20}},
                                       {"2", "5", 4, {30}},
                                       {"2", "4", 1, {5}},
                                       {"2", "5", 1, {1}},
                                       {"3", "4", 1, {1}}}),
                               {.protocol = Protocol::kLeaveLastOut, .least_interactions = 2})
                             .value();
  CHECK(state(data) == "1{ 4 5 | 30 } 2{ 4 | 5 }");
  CHECK(data.dropped_users == 1);
  CHECK(data.train.by_user.values == std::vector<float>{1, 1, 1});
}

TEST_CASE("temporal holds out the newest fifth and no event from then on is learnt") {
  std::vector<Interaction> events;
  for (int n = 0; n < 10; ++n)
    events.push_back({"u" + std::to_string(n % 2), "i" + std::to_string(n), 2, {n}});
  events.push_back({"u0", "i0", 5, {100}});  // again, after the cut
  const SplitData data =
      split(log_of(events), {.protocol = Protocol::kTemporal, .binarise = false, .least_interactions = 1}).value();
  CHECK(state(data) == "u0{ i0 i2 i4 i6 | i8 } u1{ i1 i3 i5 i7 | i9 }");
  CHECK(data.train.by_user.values.front() == 2);
}

TEST_CASE("r80 draws by the hash of the raw ids") {
  CHECK(r80_fraction("196", "242") == static_cast<double>(splitmix64(196ULL << 32 | 242) >> 11) * 0x1.0p-53);
  CHECK(r80_fraction("a", "b") == r80_fraction("a", "b"));
  CHECK(r80_fraction("a", "b") != r80_fraction("b", "a"));
  int below = 0;
  for (int user = 0; user < 100; ++user) {
    for (int item = 0; item < 100; ++item)
      below += r80_fraction(std::to_string(user), "item-" + std::to_string(item)) < 0.2;
  }
  CHECK(below > 1800);
  CHECK(below < 2200);
}

TEST_CASE("a split that leaves nothing is an error that says so") {
  const Status status = split(log_of({{"1", "2", 1, {3}}}), {.protocol = Protocol::kLeaveLastOut}).status();
  CHECK(status.message() == "protocol llo leaves nothing to learn from: 0 interactions of users with at least 5");
  CHECK(parse_protocol("loo").status().message() == "there is no protocol `loo`: it is one of llo, r80, temporal");
  CHECK(parse_protocol("r80").value() == Protocol::kR80);
}

TEST_CASE("evaluation finds what a recount over full sorts finds, on any number of threads") {
  Random random(52);
  EventLog log;
  for (int user = 0; user < 80; ++user) {
    for (int n = 0; n < 14; ++n)
      log.add({std::to_string(user), std::to_string(random.below(10) * random.below(6) + user % 2), 1, {n}});
  }
  const SplitData data = split(std::move(log), {.protocol = Protocol::kR80}).value();
  testing::NoProgress progress;
  AlsParameters parameters;
  parameters.factors = 6;
  const ModelPtr model = make_als(parameters).value();
  EvaluateOptions options;
  options.cutoffs = {2, 5};
  options.threads = 3;
  const EvaluationReport report = evaluate(*model, data, options, progress).value();
  REQUIRE(report.models.size() == 3);
  CHECK(report.models[1].name == "most_popular");
  CHECK(report.models[2].name == "random");

  const ModelSnapshotPtr snapshot = model->fit(data.train, {options.seed, 1}, progress).value();
  std::vector<double> sums;
  size_t users = 0;
  for (int32_t user = 0; user < data.train.by_user.rows; ++user) {
    if (data.held_out[user].empty() || data.train.by_user.row_indices(user).empty())
      continue;
    const auto seen = data.train.by_user.row_indices(user);
    const auto values = metrics_of(recounted(snapshot->score_all({.history = testing::history_of(data.train, user)}),
                                             {seen.begin(), seen.end()}, data.held_out[user]),
                                   options.cutoffs);
    sums.resize(values.size());
    for (size_t i = 0; i < values.size(); ++i)
      sums[i] += values[i];
    ++users;
  }
  CHECK(report.users == users);
  for (size_t i = 0; i < sums.size(); ++i)
    CHECK(report.models[0].metrics[i].interval.value == Approx(sums[i] / static_cast<double>(users)));
  for (size_t i = 0; i < report.definitions.size(); ++i)
    CHECK(report.models[0].metrics[i].name == report.definitions[i].name);

  options.threads = 1;
  const EvaluationReport again = evaluate(*model, data, options, progress).value();
  for (size_t m = 0; m < 3; ++m) {
    for (size_t i = 0; i < report.models[m].metrics.size(); ++i)
      CHECK(again.models[m].metrics[i].interval.value == report.models[m].metrics[i].interval.value);
  }
  CHECK(report.models[0].value("coverage@5") > 0);
  CHECK(report.models[0].value("coverage@5") <= 1);
}

TEST_CASE("an evaluation gives histories in order of first contact where it knows the times") {
  const std::vector<Interaction> events = {{"u", "1", 1, {20}}, {"u", "2", 1, {30}}, {"u", "3", 1, {10}},
                                           {"u", "9", 1, {40}}, {"u", "3", 1, {35}}, {"w", "5", 1, {1}}};
  const SplitData data =
      split(log_of(events), {.protocol = Protocol::kLeaveLastOut, .least_interactions = 4, .sums = {.times = true}})
          .value();
  CHECK(data.train.times == std::vector<Timestamp>{{20}, {30}, {10}});
  CHECK(measure(InOrder(data.train.items), data, {}).value("mrr") == 1);
}

}  // namespace penstock
