#include "models/session_knn.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "tests/models/naive.h"

namespace penstock {
namespace {

using testing::NoProgress;

// Sessions of a few items each, at different times.
Interactions sessions(int count, int items, uint64_t seed) {
  Random random(seed);
  EventLog log;
  for (int session = 0; session < count; ++session) {
    const auto start = static_cast<int64_t>(random.below(100000));
    const auto first = static_cast<int>(random.below(items));
    for (int n = 0; n < 5; ++n)
      log.add({std::to_string(session),
               std::to_string((first + static_cast<int>(random.below(7))) % items),
               1,
               {start * 1000 + n}});
  }
  EventLog::Numbered numbered = std::move(log).numbered();
  return make_interactions(std::move(numbered.users), std::move(numbered.items), numbered.events, {.times = true});
}

ModelSnapshotPtr fitted(const SessionKnnParameters& parameters, const Interactions& data) {
  NoProgress progress;
  return make_session_knn(parameters)->fit(data, {1, 1}, progress).value();
}

struct Past {
  int32_t session;
  Timestamp newest;
  double similarity;
  double strength;
};

// The equations of session_knn.h over all sessions, one by one.
std::vector<double> scored(const Interactions& data, const SessionKnnParameters& parameters,
                           std::vector<ItemWeight> session) {
  if (session.size() > static_cast<size_t>(parameters.last_items))
    session.erase(session.begin(), session.end() - parameters.last_items);
  const size_t n = session.size();
  std::vector<Past> past;
  for (int32_t row = 0; row < data.by_user.rows; ++row) {
    Past each{row, {INT64_MIN}, 0, 0};
    for (int64_t entry = data.by_user.pointers[row]; entry < data.by_user.pointers[row + 1]; ++entry)
      each.newest = std::max(each.newest, data.times[entry]);
    const auto items = data.by_user.row_indices(row);
    double newest_shared = 0;
    for (size_t p = 1; p <= n; ++p) {
      if (std::ranges::find(items, session[p - 1].item) == items.end())
        continue;
      each.similarity += parameters.recency ? static_cast<double>(p) / static_cast<double>(n) : 1;
      newest_shared = parameters.recency ? 1.0 / static_cast<double>(1 + n - p) : 1;
    }
    each.similarity /= std::sqrt(static_cast<double>(items.size()));
    each.strength = each.similarity * newest_shared;
    if (each.similarity > 0)
      past.push_back(each);
  }
  std::ranges::stable_sort(past, [](const Past& a, const Past& b) { return a.newest > b.newest; });
  past.resize(std::min<size_t>(past.size(), parameters.sample));
  std::ranges::stable_sort(past, [](const Past& a, const Past& b) { return a.similarity > b.similarity + 1e-9; });
  past.resize(std::min<size_t>(past.size(), parameters.neighbours));
  std::vector<double> scores(data.items.size());
  for (const Past& each : past)
    for (const int32_t item : data.by_user.row_indices(each.session)) {
      const auto having = static_cast<double>(data.by_item.row_indices(item).size());
      scores[item] += each.strength * (1 + parameters.idf * std::log(static_cast<double>(data.by_user.rows) / having));
    }
  return scores;
}

}  // namespace

TEST_CASE("session_knn scores by the nearest of the newest sessions") {
  const Interactions data = sessions(200, 30, 71);
  const std::vector<SessionKnnParameters> variants = {{},
                                                      {.recency = false},
                                                      {.idf = 0},
                                                      {.neighbours = 1000, .sample = 20},
                                                      {.neighbours = 1000, .last_items = 2},
                                                      {.neighbours = 1000, .sample = 20, .idf = 3, .recency = false}};
  Random random(72);
  for (const SessionKnnParameters& parameters : variants) {
    const ModelSnapshotPtr snapshot = fitted(parameters, data);
    for (int n = 0; n < 20; ++n) {
      std::vector<ItemWeight> session;
      while (session.size() < 4) {
        const auto item = static_cast<int32_t>(random.below(30));
        if (std::ranges::find(session, item, &ItemWeight::item) == session.end())
          session.push_back({item, 1});
      }
      const std::vector<float> scores = snapshot->score_all({.history = session});
      const std::vector<double> expected = scored(data, parameters, session);
      for (size_t item = 0; item < scores.size(); ++item)
        CHECK(scores[item] == Approx(expected[item]).margin(2e-6));
    }
  }
}

TEST_CASE("session_knn follows the turn a session takes") {
  EventLog log;
  for (int session = 0; session < 20; ++session) {
    const std::string id = std::to_string(session);
    const bool tea = session % 2 == 0;
    log.add({id, tea ? "tea" : "coffee", 1, {session}});
    log.add({id, tea ? "kettle" : "mill", 1, {session}});
  }
  EventLog::Numbered numbered = std::move(log).numbered();
  const Interactions data =
      make_interactions(std::move(numbered.users), std::move(numbered.items), numbered.events, {.times = true});
  const ModelSnapshotPtr snapshot = fitted({}, data);
  const auto number = [&](std::string_view id) {
    return static_cast<int32_t>(std::ranges::find(snapshot->items(), id) - snapshot->items().begin());
  };
  const std::vector<ItemWeight> to_coffee = {{number("tea"), 1}, {number("coffee"), 1}},
                                to_tea = {{number("coffee"), 1}, {number("tea"), 1}};
  CHECK(snapshot->recommend({.history = to_coffee, .n = 1}).front().item == number("mill"));
  CHECK(snapshot->recommend({.history = to_tea, .n = 1}).front().item == number("kettle"));
  CHECK(snapshot->because({.history = to_tea}, number("kettle"), 3) == std::vector<int32_t>{number("tea")});
}

TEST_CASE("session_knn keeps of each item the newest sessions alone") {
  const Interactions data = sessions(400, 12, 73);
  const ModelSnapshotPtr few = fitted({.neighbours = 1000, .sample = 5}, data),
                         all = fitted({.neighbours = 1000}, data);
  CHECK(few->memory() < all->memory() / 4);
}

TEST_CASE("session_knn lets the sessions of its fans speak for a new item, and for nothing else") {
  const Interactions data = sessions(200, 30, 74);
  const ModelSnapshotPtr before = fitted({.idf = 0, .recency = false}, data);
  const std::vector<ModelSnapshot::NewItem> added = {{"new", {{{{3, 1}, {8, 1}}, 1}, {{{3, 1}, {4, 0}}, 1}, {{}, 1}}}};
  const ModelSnapshotPtr after = before->with_items(added);
  const std::vector<ItemWeight> session = {{3, 1}, {8, 1}};
  const std::vector<float> scores = after->score_all({.history = session});
  CHECK(scores.back() == Approx(2 / std::sqrt(2.0) + 1).margin(1e-5));
  CHECK(std::vector<float>(scores.begin(), scores.end() - 1) == before->score_all({.history = session}));
  CHECK(after->because({.history = session}, 30, 5) == std::vector<int32_t>{3, 8});
}

}  // namespace penstock
