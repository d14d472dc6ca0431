#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "actors/aggregators/history.h"
#include "actors/aggregators/interaction_reader.h"
#include "core/random.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Role;

const SchemaPtr kSchema = test::schema(
    {{"user", Type::kInt64}, {"item", Type::kString}, {"stars", Type::kFloat64}, {"at", Type::kTimestamp}});

Made model(const std::string& more = "weight: stars", const SchemaPtr& input = kSchema) {
  return Made(Role::kModel, "popularity", "user: user\nitem: item\n" + more, {{"in", input, false, {}}});
}

std::unique_ptr<History> history_of(const Made& made) {
  auto made_history = make_history(made.context());
  REQUIRE(made_history.ok());
  return std::unique_ptr<History>(dynamic_cast<History*>(made_history.value().release()));
}

// u1{a:2 b:1}
std::string text(const History& history, std::string_view user) {
  const auto found = history.user(user);
  std::string out = "u" + std::string(user) + "{";
  if (found)
    for (const HistoryItem& item : *found->items)
      out += (out.back() == '{' ? "" : " ") + history.ids()->id(item.item) + ":" +
             std::to_string(static_cast<int>(item.weight));
  return out + "}";
}

TEST_CASE("a history sums the weights of each user's items, in order of first contact") {
  const auto history = history_of(model());
  test::process(*history, test::rows(kSchema, R"({"user":1,"item":"a","stars":2,"at":"2024-01-01T00:00:05Z"}
{"user":2,"item":"b","stars":1,"at":"2024-01-01T00:00:00Z"}
{"user":1,"item":"b","stars":1,"at":"2024-01-01T00:00:09Z"}
{"user":1,"item":"a","stars":3,"at":"2024-01-01T00:00:07Z"})"));
  CHECK(text(*history, "1") == "u1{a:5 b:1}");
  CHECK(text(*history, "2") == "u2{b:1}");
  CHECK_FALSE(history->user("3"));
  CHECK(history->user("1")->newest.micros == 1'704'067'209'000'000);
  CHECK(history->lookup({"1"}).value()->to_string() == "1|2|2024-01-01T00:00:09Z\n");
  CHECK(history->lookup({"9"}).value() == nullptr);
  CHECK(history->keys() == 2);
}

TEST_CASE("a history with a half-life has the weights that a training sums, in whatever order events come") {
  const Made made = model("weight: stars\nhalf_life: 1h");
  const std::vector<std::string> events = {R"({"user":1,"item":"a","stars":8,"at":"2024-01-01T00:00:00Z"})",
                                           R"({"user":1,"item":"b","stars":2,"at":"2024-01-01T01:00:00Z"})",
                                           R"({"user":1,"item":"a","stars":1,"at":"2024-01-01T02:30:00Z"})",
                                           R"({"user":1,"item":"c","stars":4,"at":"2024-01-01T03:00:00Z"})"};
  EventLog log;
  const InteractionReader reader = InteractionReader::make(made.context().component, kSchema).value();
  std::vector<Rejected> rejected;
  for (const std::string& event : events)
    reader.read(test::rows(kSchema, event), rejected, [&](const InteractionView& seen) {
      log.add({std::string(seen.user), std::string(seen.item), seen.weight, seen.at});
    });
  EventLog::Numbered numbered = std::move(log).numbered();
  const Interactions trained = make_interactions(std::move(numbered.users), std::move(numbered.items), numbered.events,
                                                 {.half_life = reader.half_life()});
  // a: 8 three half-lives ago and 1 half of one ago; b: 2 two ago; c: 4 now.
  REQUIRE(trained.by_user.values == std::vector<float>{1 + std::exp2(-0.5f), 0.5f, 4});
  std::vector<size_t> order = {0, 1, 2, 3};
  do {
    const auto history = history_of(made);
    for (const size_t event : order)
      test::process(*history, test::rows(kSchema, events[event]));
    const auto user = history->user("1");
    REQUIRE(user);
    CHECK(user->newest.micros == 1'704'078'000'000'000);
    REQUIRE(user->items->size() == 3);
    double popular = 0, sum = 0;
    for (const HistoryItem& item : *user->items) {
      const size_t column = history->ids()->id(item.item).front() - 'a';
      CHECK(item.weight == Approx(trained.by_user.values[column]));
      sum += item.weight;
    }
    for (const History::PopularItem& item : history->popular(3))
      popular += item.weight;
    CHECK(popular == Approx(sum));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a history ranks items by their users, then by weight") {
  const auto history = history_of(model());
  test::process(*history, test::rows(kSchema, R"({"user":1,"item":"a","stars":9}
{"user":1,"item":"b","stars":1}
{"user":2,"item":"b","stars":1}
{"user":2,"item":"c","stars":10})"));
  const auto ranked = [&](size_t n) {
    std::string out;
    for (const History::PopularItem& item : history->popular(n))
      out += history->ids()->id(item.item) + std::to_string(item.users);
    return out;
  };
  CHECK(ranked(10) == "b2c1a1");
  CHECK(ranked(1) == "b2");
  test::process(
      *history,
      test::rows(kSchema, "{\"user\":3,\"item\":\"a\",\"stars\":1}\n{\"user\":4,\"item\":\"a\",\"stars\":1}"));
  CHECK(ranked(2) == "a3b2");
  CHECK(ranked(0).empty());
}

TEST_CASE("a history knows the fans of an item") {
  const auto history = history_of(model());
  test::process(*history, test::rows(kSchema, R"({"user":1,"item":"a","stars":9}
{"user":2,"item":"a","stars":1}
{"user":2,"item":"a","stars":1})"));
  auto fans = history->fans(*history->ids()->find("a"), 10);
  std::sort(fans.begin(), fans.end());
  CHECK(fans == std::vector<std::pair<std::string, float>>{{"1", 9}, {"2", 2}});
  CHECK(history->fans(0, 1).size() == 1);
  CHECK(history->fans(99, 10).empty());
}

TEST_CASE("a history is the same after it was stored and restored, epoch by epoch") {
  const Made made = model();
  auto history = history_of(made);
  const auto whole = history_of(made);
  std::map<std::string, std::string> table;
  Random random(3);
  for (int epoch = 0; epoch < 5; ++epoch) {
    BatchBuilder builder(kSchema);
    for (int i = 0; i < 700; ++i) {
      builder.column(0).append_int64(static_cast<int64_t>(random.below(30)));
      builder.column(1).append_string("i" + std::to_string(random.below(50)));
      builder.column(2).append_float64(static_cast<double>(random.below(4)));
      builder.column(3).append_int64(static_cast<int64_t>(random.below(1000)));
    }
    const BatchPtr batch = builder.finish();
    test::process(*history, batch);
    test::process(*whole, batch);
    StageOutput out;
    REQUIRE(history->end_epoch(out).ok());
    CHECK(out.batches.empty());
    for (const auto& [key, value] : out.changes)
      table[key] = *value;
    history = history_of(made);
    for (const auto& [key, value] : table)
      REQUIRE(history->restore(key, value).ok());
  }
  for (int user = 0; user < 30; ++user) {
    const std::string id = std::to_string(user);
    REQUIRE(text(*history, id) == text(*whole, id));
    REQUIRE(history->user(id)->newest == whole->user(id)->newest);
  }
  const auto users = [](const History& of) {
    std::map<std::string, uint64_t> out;
    for (const auto& item : of.popular(100))
      out[of.ids()->id(item.item)] = item.users;
    return out;
  };
  CHECK(users(*history) == users(*whole));
}

TEST_CASE("a history refuses stored bytes that are broken") {
  const auto history = history_of(model());
  test::process(*history, test::rows(kSchema, R"({"user":1,"item":"a","stars":9})"));
  StageOutput out;
  REQUIRE(history->end_epoch(out).ok());
  const std::string value = *out.changes[0].second;
  for (size_t size = 0; size < value.size(); ++size)
    CHECK(history_of(model())->restore("1", value.substr(0, size)).code() == Code::kDataLoss);
  CHECK(history_of(model())->restore("1", value + "x").code() == Code::kDataLoss);
}

TEST_CASE(
    "interactions without user or item, or with a wrong weight, are rejected; weight 0 and null are passed over") {
  const auto history = history_of(model());
  StageOutput out;
  REQUIRE(history
              ->process(test::rows_at(kSchema, R"({"item":"a","stars":1}
{"user":1,"stars":1}
{"user":1,"item":"","stars":1}
{"user":1,"item":"a","stars":-1}
{"user":1,"item":"b","stars":0}
{"user":1,"item":"c"}
{"user":1,"item":"d","stars":1})",
                                      0),
                        out)
              .ok());
  CHECK(test::reasons(out) ==
        "interaction: the user is null @0\n"
        "interaction: the item is null @1\n"
        "interaction: the item is empty @2\n"
        "interaction: the weight is -1, but must be 0 or more, and finite @3\n");
  CHECK(text(*history, "1") == "u1{d:1}");
}

TEST_CASE("the time of an interaction is the declared one, the only timestamp, or the time of intake") {
  const auto newest = [](const Made& made, const BatchPtr& batch) {
    const auto history = history_of(made);
    test::process(*history, batch);
    return history->user("1")->newest.micros;
  };
  CHECK(newest(model(), test::rows_at(kSchema, R"({"user":1,"item":"a","stars":1,"at":"1970-01-01T00:00:02Z"})", 0)) ==
        2'000'000);
  const SchemaPtr two =
      test::schema({{"user", Type::kInt64}, {"item", Type::kString}, {"a", Type::kTimestamp}, {"b", Type::kTimestamp}});
  const BatchPtr batch =
      test::rows_at(two, R"({"user":1,"item":"a","a":"1970-01-01T00:00:02Z","b":"1970-01-01T00:00:03Z"})", 0);
  CHECK(newest(model("time: b", two), batch) == 3'000'000);
  CHECK(newest(model("", two), batch) == 1000);
}

TEST_CASE("a model says what is wrong with its input") {
  const auto mistakes = [](const std::string& yaml, bool is_view = false) {
    return test::mistakes(Role::kModel, "popularity", yaml, {{"in", kSchema, is_view, {}}});
  };
  CHECK_THAT(mistakes("user: usr\nitem: item"), Catch::Contains("bad-expression"));
  CHECK_THAT(mistakes("user: stars\nitem: item"), Catch::Contains("user must be int64 or string"));
  CHECK_THAT(mistakes("user: user\nitem: item\nweight: item"), Catch::Contains("weight must be int64 or float64"));
  CHECK_THAT(mistakes("user: user\nitem: item\ntime: stars"), Catch::Contains("time must be timestamp"));
  CHECK_THAT(mistakes("user: user\nitem: item", true), Catch::Contains("is a view"));
}

}  // namespace
}  // namespace penstock
