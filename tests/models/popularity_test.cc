#include "models/popularity.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>

#include "models/bytes.h"
#include "tests/models/naive.h"

namespace penstock {
namespace {

using testing::NoProgress;

constexpr int64_t kHour = 3'600'000'000;

struct Seen {
  std::string user, item;
  int64_t hour;
};

Interactions interactions_of(const std::vector<Seen>& events) {
  EventLog log;
  for (const Seen& seen : events)
    log.add({seen.user, seen.item, 1, {seen.hour * kHour}});
  EventLog::Numbered numbered = std::move(log).numbered();
  return make_interactions(std::move(numbered.users), std::move(numbered.items), numbered.events, {.times = true});
}

ModelSnapshotPtr fitted(const PopularityParameters& parameters, const Interactions& data) {
  NoProgress progress;
  return make_popularity(parameters).value()->fit(data, {1, 1}, progress).value();
}

// Items best first, by id.
std::string ranking(const ModelSnapshot& snapshot, std::vector<Feature> features = {}) {
  std::string out;
  for (const ScoredItem& item : snapshot.recommend({.features = features, .n = 100}))
    out += (out.empty() ? "" : " ") + snapshot.items()[item.item];
  return out;
}

// Ten users in the north like a and b, six in the south c and a; everybody likes d.
Interactions regions() {
  std::vector<Seen> events;
  for (int user = 0; user < 16; ++user) {
    const std::string id = (user < 10 ? "n" : "s") + std::to_string(user);
    events.push_back({id, "d", 0});
    if (user % 2 == 0)
      events.push_back({id, user < 10 ? "b" : "c", 0});
    if (user == 0 || user == 10 || user == 11)
      events.push_back({id, "a", 0});
  }
  Interactions data = interactions_of(events);
  std::vector<std::vector<ItemWeight>> rows;
  data.user_features.names = {"region=north", "region=south", "vip=yes"};
  SparseMatrix& matrix = data.user_features.rows;
  matrix.rows = static_cast<int32_t>(data.users.size());
  matrix.columns = 3;
  for (const std::string& user : data.users) {
    matrix.indices.push_back(user[0] == 'n' ? 0 : 1);
    if (user == "s10" || user == "s11")
      matrix.indices.push_back(2);
    matrix.pointers.push_back(static_cast<int64_t>(matrix.indices.size()));
  }
  matrix.values.assign(matrix.indices.size(), 1.0f);
  return data;
}

}  // namespace

TEST_CASE("popularity halves what is as old as its decay") {
  Random random(8);
  std::vector<Seen> events;
  for (int n = 0; n < 400; ++n)
    events.push_back(
        {std::to_string(random.below(60)), std::to_string(random.below(20)), static_cast<int64_t>(random.below(100))});
  events.push_back({"0", "0", 99});
  const Interactions data = interactions_of(events);
  const std::vector<float> scores = fitted({.decay_hours = 12}, data)->score_all({});
  std::map<std::string, std::map<std::string, int64_t>> newest;  // item → user → hour
  for (const Seen& seen : events) {
    int64_t& hour = newest[seen.item].try_emplace(seen.user, seen.hour).first->second;
    hour = std::max(hour, seen.hour);
  }
  for (size_t item = 0; item < scores.size(); ++item) {
    double expected = 0;
    for (const auto& [user, hour] : newest[data.items[item]])
      expected += std::pow(0.5, static_cast<double>(99 - hour) / 12);
    CHECK(scores[item] == Approx(expected));
  }
}

TEST_CASE("popularity without decay counts every user the same") {
  const Interactions data = interactions_of({{"u", "old", 0}, {"v", "old", 0}, {"w", "new", 900}});
  CHECK(ranking(*fitted({}, data)) == "old new");
  CHECK(ranking(*fitted({.decay_hours = 24}, data)) == "new old");
}

TEST_CASE("trending puts first what rises, not what is popular all the time") {
  std::vector<Seen> events;
  int user = 0;
  for (int64_t hour = 0; hour < 200; ++hour) {
    for (int n = 0; n < 5; ++n)
      events.push_back({"s" + std::to_string(user++), "steady", hour});
    if (hour > 190)
      events.push_back({"r" + std::to_string(hour), "rising", hour});
    if (hour < 100)
      events.push_back({"f" + std::to_string(hour), "falling", hour});
  }
  const Interactions data = interactions_of(events);
  CHECK(ranking(*fitted({.decay_hours = 6}, data)) == "steady rising falling");
  const ModelSnapshotPtr trending = fitted({.decay_hours = 6, .trending = true}, data);
  CHECK(ranking(*trending).substr(0, 6) == "rising");
  CHECK(trending->score_all({})[2] < 0);  // falling
}

TEST_CASE("trending is refused without a decay that says what now is") {
  CHECK_THAT(make_popularity({.trending = true}).status().message(), Catch::Contains("decay_hours"));
}

TEST_CASE("popularity answers from the segment of a user, and from all where there is none") {
  const Interactions data = regions();
  const ModelSnapshotPtr snapshot = fitted({.segments = true, .least_segment_users = 3}, data);
  CHECK(ranking(*snapshot) == "d b a c");
  CHECK(ranking(*snapshot, {{"region=north"}}) == "d b a c");
  CHECK(ranking(*snapshot, {{"region=south"}}) == "d c a b");
  CHECK(ranking(*snapshot, {{"region=west"}}) == "d b a c");
  // Two users are too few to count as a segment.
  CHECK(ranking(*snapshot, {{"vip=yes"}, {"region=south"}}) == "d c a b");
  // The smaller of two segments.
  const ModelSnapshotPtr small = fitted({.segments = true, .least_segment_users = 1}, data);
  CHECK(ranking(*small, {{"region=south"}, {"vip=yes"}}) == "d a c b");
  CHECK(snapshot->recommend({.features = std::vector<Feature>{{"region=south"}}, .n = 4}) ==
        testing::full_sort(snapshot->score_all({.features = std::vector<Feature>{{"region=south"}}}), {}, 4));
  const NoProgress progress;
  const ModelSnapshotPtr loaded = make_popularity({}).value()->load(snapshot->save()).value();
  CHECK(ranking(*loaded, {{"region=south"}}) == "d c a b");
  CHECK(loaded->save() == snapshot->save());
}

TEST_CASE("a new item takes its place in popularity, and the last ones in a segment") {
  const ModelSnapshotPtr snapshot = fitted({.segments = true, .least_segment_users = 3}, regions());
  const std::vector<ModelSnapshot::NewItem> added = {{"new", {{{}, 1}, {{}, 1}, {{}, 1}, {{}, 1}}}};
  const ModelSnapshotPtr extended = snapshot->with_items(added);
  CHECK(ranking(*extended) == "d b new a c");
  CHECK(ranking(*extended, {{"region=south"}}) == "d c a b new");
}

TEST_CASE("popularity reads what its first version stored") {
  SnapshotWriter out;
  out.raw(std::string_view("PSTKPOP\x01", 8));
  out.number(uint8_t{1});
  out.number(uint32_t{2});
  out.text("a");
  out.text("b");
  const std::vector<float> scores = {2, 5};
  out.floats(scores.data(), 2);
  CHECK(ranking(*make_popularity({}).value()->load(std::move(out).finish()).value()) == "b a");
}

}  // namespace penstock
