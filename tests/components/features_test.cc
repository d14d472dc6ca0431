#include "actors/aggregators/features.h"

#include <catch2/catch.hpp>
#include <deque>
#include <map>

#include "core/random.h"
#include "storage/memory_store.h"
#include "tests/components/in_topology.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Input;
using topology::Role;
using Known = FeatureFold::Known;

const SchemaPtr kSchema = test::schema(
    {{"user", Type::kInt64, true}, {"kind", Type::kString}, {"cents", Type::kInt64}, {"at", Type::kTimestamp}});
const std::vector<Input> kInputs = {{"in", kSchema, false, {}}};
constexpr int64_t kSecond = 1'000'000;

struct Event {
  int64_t user;
  std::string kind;
  int64_t cents;
  int64_t at;  // seconds
};

BatchPtr batch_of(const std::vector<Event>& events) {
  BatchBuilder builder(kSchema);
  for (const Event& event : events) {
    builder.column(0).append_int64(event.user);
    builder.column(1).append_string(event.kind);
    builder.column(2).append_int64(event.cents);
    builder.column(3).append_int64(event.at * kSecond);
  }
  return builder.finish();
}

const char* const kFeatures =
    "key: [user]\ntime: at\nfeatures: {n: count(*), cents: sum(cents) FILTER (WHERE kind = 'buy'), kinds: "
    "count_by(kind), "
    "lately: {value: count(*), within: 10s}, seen: max(at), last: last(kind)}\n";

std::unique_ptr<Aggregator> store_of(const std::string& more) {
  static std::deque<Made> made;  // they own the clock
  return made.emplace_back(Role::kStage, "features", kFeatures + more, kInputs).aggregator();
}

void progress(Aggregator& aggregator, int64_t seconds, uint32_t sender = 0) {
  auto made = std::make_shared<EventProgress>();
  made->parts = {{0, 0, Timestamp{seconds * kSecond}}};
  aggregator.on_progress(sender, made);
}

StageOutput take(Aggregator& aggregator, const std::vector<Event>& events) {
  StageOutput out;
  REQUIRE(aggregator.process(batch_of(events), out).ok());
  return out;
}
StageOutput end_epoch(Aggregator& aggregator) {
  StageOutput out;
  REQUIRE(aggregator.end_epoch(out).ok());
  return out;
}

// The features without the key; `none`, `expired` or `forgotten`.
std::string as_of(const Aggregator& store, int64_t user, std::optional<int64_t> seconds) {
  const auto answer = dynamic_cast<const Features&>(store).read(
      {std::to_string(user)}, seconds ? std::optional(Timestamp{*seconds * kSecond}) : std::nullopt);
  REQUIRE(answer.ok());
  switch (answer->known) {
    case Known::kNoEvents: return "none";
    case Known::kExpired: return "expired";
    case Known::kForgotten: return "forgotten";
    default: break;
  }
  std::string text = answer->row->to_string();
  return text.substr(text.find('|') + 1, text.size() - text.find('|') - 2);
}

TEST_CASE("features are told as of any time, whatever the order in which events came") {
  const auto store = store_of("history: 1h");
  take(*store, {{1, "view", 0, 100}, {1, "buy", 700, 130}, {2, "view", 0, 101}});
  take(*store, {{1, "view", 0, 104}, {1, "buy", 50, 104}});
  CHECK(as_of(*store, 1, 99) == "none");
  CHECK(as_of(*store, 1, 100) == "1|NULL|{\"view\":1}|1|1970-01-01T00:01:40Z|view");
  CHECK(as_of(*store, 1, 104) == "3|50|{\"buy\":1,\"view\":2}|3|1970-01-01T00:01:44Z|buy");
  CHECK(as_of(*store, 1, 113) == "3|50|{\"buy\":1,\"view\":2}|2|1970-01-01T00:01:44Z|buy");
  CHECK(as_of(*store, 1, 129) == "3|50|{\"buy\":1,\"view\":2}|0|1970-01-01T00:01:44Z|buy");
  CHECK(as_of(*store, 1, std::nullopt) == "4|750|{\"buy\":2,\"view\":2}|1|1970-01-01T00:02:10Z|buy");
  CHECK(as_of(*store, 3, std::nullopt) == "none");
}

TEST_CASE("features are a view whose changed rows go downstream") {
  const auto store = store_of("");
  take(*store, {{1, "view", 0, 100}, {2, "buy", 5, 101}});
  progress(*store, 101);
  const StageOutput out = end_epoch(*store);
  CHECK(test::text(out) ==
        "1|1|NULL|{\"view\":1}|1|1970-01-01T00:01:40Z|view\n2|1|5|{\"buy\":1}|1|1970-01-01T00:01:41Z|buy\n");
  CHECK(store->lookup({"2"}).value()->to_string() == "2|1|5|{\"buy\":1}|1|1970-01-01T00:01:41Z|buy\n");
  CHECK(store->lookup({"9"}).value() == nullptr);
  CHECK(store->read_all(1).value()->rows() == 1);
  CHECK_FALSE(store->lookup({"x"}).ok());
  CHECK(test::text(end_epoch(*store)).empty());
}

TEST_CASE("a key without events for the ttl has no features, and begins anew") {
  const auto store = store_of("ttl: 60s\nhistory: 1h");
  take(*store, {{1, "view", 0, 100}, {1, "view", 0, 159}, {1, "buy", 7, 219}});
  CHECK(as_of(*store, 1, 159) == "2|NULL|{\"view\":2}|1|1970-01-01T00:02:39Z|view");
  CHECK(as_of(*store, 1, 218) == "2|NULL|{\"view\":2}|0|1970-01-01T00:02:39Z|view");
  CHECK(as_of(*store, 1, 230) == "1|7|{\"buy\":1}|0|1970-01-01T00:03:39Z|buy");  // anew: 60 s lay between
  progress(*store, 300);
  end_epoch(*store);
  CHECK(as_of(*store, 1, std::nullopt) == "expired");
  CHECK(store->lookup({"1"}).value() == nullptr);
  CHECK(store->read_all(9).value()->rows() == 0);
  CHECK(as_of(*store, 1, 230) == "1|7|{\"buy\":1}|0|1970-01-01T00:03:39Z|buy");
}

TEST_CASE("an expired key leaves the table when nobody can ask for it any more") {
  const auto store = store_of("ttl: 60s\nhistory: 1m");
  take(*store, {{1, "view", 0, 100}});
  progress(*store, 100);
  CHECK(end_epoch(*store).changes.front().second.has_value());
  progress(*store, 500);
  const StageOutput out = end_epoch(*store);
  REQUIRE(out.changes.size() == 2);  // and the watermark
  CHECK_FALSE(out.changes.front().second.has_value());
}

TEST_CASE("what is older than the history is one sum, and says so") {
  const auto store = store_of("history: 60s");
  take(*store, {{1, "view", 0, 100}, {1, "view", 0, 110}, {1, "view", 0, 300}});
  progress(*store, 300);
  end_epoch(*store);
  CHECK(as_of(*store, 1, 105) == "forgotten");
  CHECK(as_of(*store, 1, 250) == "2|NULL|{\"view\":2}|0|1970-01-01T00:01:50Z|view");
  CHECK(as_of(*store, 1, std::nullopt) == "3|NULL|{\"view\":3}|1|1970-01-01T00:05:00Z|view");
}

TEST_CASE("an event further back than the history goes to the output late, every other to events") {
  const auto store = store_of("history: 60s");
  progress(*store, 1000);
  end_epoch(*store);
  const StageOutput out = take(*store, {{1, "view", 0, 100}, {1, "view", 0, 950}});
  REQUIRE(out.sides.size() == 2);
  CHECK(out.sides[0].first == "late");
  CHECK(out.sides[0].second->to_string() == "1|view|0|1970-01-01T00:01:40Z\n");
  CHECK(out.sides[1].first == "events");
  CHECK(out.sides[1].second->to_string() == "1|view|0|1970-01-01T00:15:50Z\n");
  CHECK(as_of(*store, 1, std::nullopt).starts_with("1|"));
}

TEST_CASE("events without time or value are rejected") {
  const Made made(Role::kStage, "features", "key: [user]\ntime: at\nfeatures: {x: sum(8 / cents)}", kInputs);
  const auto store = made.aggregator();
  StageOutput out;
  REQUIRE(store
              ->process(test::rows_at(kSchema, R"({"user":1,"cents":4}
{"user":1,"cents":0,"at":"2024-01-01T00:00:00Z"}
{"user":1,"cents":2,"at":"2024-01-01T00:00:00Z"})",
                                      7),
                        out)
              .ok());
  CHECK(test::reasons(out) == "features: at is null @7\nfeatures: x: division by zero @8\n");
  CHECK(store->read_all(9).value()->to_string() == "1|4\n");
}

// All events of a user, counted one by one.
struct Oracle {
  std::map<int64_t, std::vector<Event>> of;
  void take(const Event& event) { of[event.user].push_back(event); }
  std::string told(int64_t user, int64_t until, int64_t ttl) const {
    std::vector<Event> counted;
    if (of.contains(user))
      for (const Event& event : of.at(user))
        if (event.at <= until)
          counted.push_back(event);
    if (counted.empty())
      return "none";
    std::stable_sort(counted.begin(), counted.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
    // The time asked for is just behind `until`.
    if ((until - counted.back().at) * kSecond + 1 >= ttl * kSecond)
      return "expired";
    size_t begin = counted.size() - 1;
    while (begin > 0 && counted[begin].at - counted[begin - 1].at < ttl)
      --begin;
    int64_t n = 0, lately = 0, cents = 0;
    bool any = false;
    std::map<std::string, int> kinds;
    for (size_t i = begin; i < counted.size(); ++i) {
      const Event& event = counted[i];
      ++n, ++kinds[event.kind];
      lately += (until - event.at) * kSecond + 1 <= 10 * kSecond;
      if (event.kind == "buy")
        any = true, cents += event.cents;
    }
    std::string json;
    for (const auto& [kind, count] : kinds)
      json += (json.empty() ? "" : ",") + ("\"" + kind + "\":" + std::to_string(count));
    return std::to_string(n) + "|" + (any ? std::to_string(cents) : "NULL") + "|{" + json + "}|" +
           std::to_string(lately);
  }
};

TEST_CASE("features agree with a recount on random streams, through restarts, spilling and any number of workers") {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    const auto workers = static_cast<uint32_t>(seed % 3 + 1);
    const int64_t ttl = seed % 4 == 0 ? 1'000'000 : 40;
    const Made made(Role::kStage, "features", kFeatures + ("ttl: " + std::to_string(ttl) + "s\nhistory: 100s\n"),
                    kInputs);
    Random random(seed);
    Oracle oracle;
    MemoryStore store;
    MemoryShare share;
    share.limit = seed % 2 == 0 ? 8000 : 0;
    std::vector<std::unique_ptr<Aggregator>> of(workers);
    std::vector<uint64_t> epochs(workers);
    const auto restart = [&] {
      for (uint32_t w = 0; w < workers; ++w) {
        of[w] = made.aggregator();
        REQUIRE(of[w]->open(StoredKeys(store, "it", w, workers), share).ok());
        epochs[w] = 0;
      }
    };
    restart();
    int64_t now = 1000;
    for (int epoch = 0; epoch < 30; ++epoch) {
      std::vector<Event> events;
      for (uint64_t count = random.below(60); count > 0; --count) {
        now += static_cast<int64_t>(random.below(4));
        const int64_t user = static_cast<int64_t>(random.below(random.below(2) == 0 ? 3 : 40));
        events.push_back({user, std::vector<std::string>{"view", "buy", "cart"}[random.below(3)],
                          static_cast<int64_t>(random.below(100)), now - static_cast<int64_t>(random.below(20))});
        oracle.take(events.back());
      }
      const BatchPtr batch = batch_of(events);
      const std::vector<size_t> key = {0};
      for (uint32_t w = 0; w < workers; ++w) {
        Selection own;
        for (size_t i = 0; i < batch->rows(); ++i) {
          std::string bytes;
          append_key(*batch, key, i, bytes);
          if (route_key(bytes, workers) == w)
            own.push_back(static_cast<uint32_t>(i));
        }
        StageOutput out;
        REQUIRE(of[w]->process(batch->select(std::move(own)), out).ok());
        progress(*of[w], now);
        REQUIRE(of[w]->end_epoch(out).ok());
        CHECK(out.rejected.empty());
        WriteBatch write;
        write.append_delta("it", std::move(out.changes));
        REQUIRE(store.commit_and_wait(std::move(write)).status.ok());
        of[w]->committed(++epochs[w]);
      }
      if (random.below(5) == 0)
        restart();
      for (int question = 0; question < 8; ++question) {
        const int64_t user = static_cast<int64_t>(random.below(41));
        const int64_t until = now - static_cast<int64_t>(random.below(95));
        std::string told = "none";
        for (const auto& worker : of)
          if (const std::string text = as_of(*worker, user, until); text != "none")
            told = text;
        INFO("seed " << seed << " epoch " << epoch << " user " << user << " until " << until << " now " << now);
        const std::string expected = oracle.told(user, until, ttl);
        if (expected == "expired" && told == "none")
          continue;  // gone for good
        CHECK(told.substr(0, expected.size()) == expected);
      }
    }
  }
}

TEST_CASE("features say what is wrong with their properties") {
  const auto mistakes = [](const std::string& yaml) { return test::mistakes(Role::kStage, "features", yaml, kInputs); };
  CHECK_THAT(mistakes("key: [usr]\ntime: at\nfeatures: {n: count(*)}"), Catch::Contains("did you mean user?"));
  CHECK_THAT(mistakes("key: [user]\ntime: cents\nfeatures: {n: count(*)}"), Catch::Contains("wrong-type"));
  CHECK_THAT(mistakes("key: [user]\ntime: at\nfeatures: {n: cents + 1}"),
             Catch::Contains("not a call of an aggregate"));
  CHECK_THAT(mistakes("key: [user]\ntime: at\nfeatures: {user: count(*)}"),
             Catch::Contains("two columns of the result are named user"));
  CHECK_THAT(mistakes("key: [user]\ntime: at\nfeatures: {n: {value: count(*), withn: 7d}}"),
             Catch::Contains("did you mean within?"));
  CHECK_THAT(mistakes("key: [user]\nfeatures: {n: count(*)}"), Catch::Contains("time"));
}

}  // namespace
}  // namespace penstock
