#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "core/random.h"
#include "tests/components/keyed_runner.h"

namespace penstock {
namespace {

using test::KeyedRunner;
using test::Made;
using topology::Role;

const SchemaPtr kOffers = test::schema({{"offer_id", Type::kString, true}, {"price", Type::kFloat64}});
const SchemaPtr kAcks = test::schema({{"answer", Type::kString}, {"id", Type::kString}});
const std::vector<topology::Input> kInputs = {{"offers", kOffers, false, {}}, {"acks", kAcks, false, {}}};
constexpr size_t kRecords = 0, kAcknowledgements = 1;
constexpr int64_t kSecond = 1'000'000;

const std::string kIds = "correlation: {records: offer_id, acknowledgements: id}\n";
Made made(const std::string& yaml) { return Made(Role::kStage, "await_ack", kIds + yaml, kInputs); }

BatchPtr offers(const std::vector<std::string>& ids, double price = 1.5) {
  BatchBuilder builder(kOffers);
  for (const std::string& id : ids) {
    builder.column(0).append_string(id);
    builder.column(1).append_float64(price);
  }
  return builder.finish();
}
BatchPtr acks(const std::vector<std::string>& ids) {
  BatchBuilder builder(kAcks);
  for (const std::string& id : ids) {
    builder.column(0).append_string("yes");
    builder.column(1).append_string(id);
  }
  return builder.finish();
}

TEST_CASE("await_ack sends a record again, ever later, until its acknowledgement comes") {
  const Made await = made("retry_after: 10s\nbackoff: 3\nretry_at_most: 40s");
  CHECK(await.binding.output->to_string() == "offer_id string!, price float64, attempt int64!, sent_at timestamp!");
  CHECK(await.binding.routings[1].to_string() == "exchange(id)");
  KeyedRunner runner(await, 1);
  runner.feed(offers({"a"}), kRecords);
  std::string sent = "a|1.5|1|1970-01-01T00:00:00Z\n";
  CHECK(runner.lines() == sent);
  for (const auto& [seconds, attempt] : std::map<int, std::string>{
           {10, "2|1970-01-01T00:00:10Z"}, {40, "3|1970-01-01T00:00:40Z"}, {80, "4|1970-01-01T00:01:20Z"}}) {
    await.clock->advance_micros(seconds * kSecond - await.clock->now().micros - 1);
    runner.end_epoch();
    CHECK(runner.lines() == sent);
    await.clock->advance_micros(1);
    runner.end_epoch();
    sent += "a|1.5|" + attempt + "\n";
    CHECK(runner.lines() == sent);
    CHECK(runner.lookup("a")->to_string() == "a|1.5|" + attempt + "\n");
    runner.commit_all();
    runner.crash(2);
  }
  CHECK(runner.waits_for_time());
  runner.feed(acks({"a", "a"}), kAcknowledgements);
  CHECK(runner.lines("acknowledged") == "a|1.5|4|1970-01-01T00:01:20Z\n");
  CHECK(runner.lookup("a") == nullptr);
  runner.feed(offers({"a"}, 2), kRecords);
  CHECK(runner.lines("duplicates") == "a|2\n");
  await.clock->advance_micros(3600 * kSecond);
  for (int epoch = 0; epoch < 2; ++epoch) {
    runner.end_epoch();
    runner.commit_all();
  }
  runner.end_epoch();
  CHECK(runner.lines() == sent);
  CHECK(runner.keys() == 0);
  CHECK(runner.stored() == 0);
}

TEST_CASE("await_ack gives a record up when its time is over, with the reason") {
  for (const bool letters : {true, false}) {
    const Made await =
        made("retry_after: 10s\nexpire_after: 25s\ndead_letters: " + std::string(letters ? "true" : "false"));
    KeyedRunner runner(await, 1);
    runner.feed(offers({"a"}), kRecords);
    for (int second = 0; second < 40; ++second) {
      runner.end_epoch();
      await.clock->advance_micros(kSecond);
    }
    CHECK(runner.lines() == "a|1.5|1|1970-01-01T00:00:00Z\na|1.5|2|1970-01-01T00:00:10Z\n");
    CHECK(runner.lines("expired") == "a|1.5|2|1970-01-01T00:00:25Z\n");
    CHECK(runner.rejected() == (letters ? "no acknowledgement within 25s, after 2 attempts\n" : ""));
  }
}

TEST_CASE("await_ack takes an acknowledgement that comes before its record") {
  const Made await = made("remember: 60s");
  KeyedRunner runner(await, 1);
  runner.feed(acks({"a", "b"}), kAcknowledgements);
  runner.end_epoch();
  runner.commit_all();
  runner.crash(3);
  await.clock->advance_micros(59 * kSecond);
  runner.feed(offers({"a"}), kRecords);
  CHECK(runner.lines().empty());
  CHECK(runner.lines("acknowledged") == "a|1.5|0|1970-01-01T00:00:59Z\n");
  await.clock->advance_micros(kSecond);
  runner.end_epoch();
  CHECK(runner.lines("unknown") == "yes|b\n");
  runner.feed(offers({"b"}), kRecords);
  CHECK(runner.lines() == "b|1.5|1|1970-01-01T00:01:00Z\n");
}

TEST_CASE("await_ack says what is wrong in its declaration and its records") {
  const auto mistakes = [](const std::string& yaml) {
    return test::mistakes(Role::kStage, "await_ack", yaml, kInputs);
  };
  CHECK_THAT(mistakes("correlation: {records: offer_di, acknowledgements: id}"),
             Catch::Contains("did you mean offer_id?"));
  CHECK_THAT(mistakes("correlation: {records: price, acknowledgements: id}"),
             Catch::Contains("price is float64, and id of the acknowledgements is string"));
  CHECK_THAT(mistakes(kIds + "retry_after: 1m\nretry_at_most: 1s"), Catch::Contains("shorter than retry_after"));
  CHECK_THAT(mistakes("retry_after: 1m"), Catch::Contains("correlation"));
  const Made await = made("");
  KeyedRunner runner(await, 1);
  runner.feed(test::rows(kAcks, "{\"answer\":\"yes\"}"), kAcknowledgements);
  CHECK(runner.rejected() == "await_ack: id is null\n");
}

// All ids looked at whenever anything happens.
struct Oracle {
  struct Id {
    char kind = ' ';  // waiting, ended, early
    int64_t begun = 0, again = 0, wait = 0, forget = 0;
    int attempt = 0;
  };
  int64_t now = 0;
  std::map<std::string, Id> ids = {};
  std::multiset<std::string> sent = {}, acknowledged = {}, expired = {}, duplicates = {}, unknown = {};

  void send(const std::string& name, Id& id) {
    sent.insert(name + " " + std::to_string(++id.attempt) + " " + std::to_string(now));
    id.again = now + id.wait;
    id.wait = std::min<int64_t>(2 * id.wait, 12);
  }
  void tick() {
    for (auto& [name, id] : ids) {
      if (id.kind == 'w' && now >= id.begun + 40) {
        expired.insert(name + " " + std::to_string(id.attempt) + " " + std::to_string(now));
        id = {.kind = 'd', .forget = now + 20};
      } else if (id.kind == 'w' && now >= id.again) {
        send(name, id);
      } else if (id.kind != 'w' && id.kind != ' ' && now >= id.forget) {
        if (id.kind == 'e')
          unknown.insert(name);
        id = {};
      }
    }
  }
  void record(const std::string& name) {
    Id& id = ids[name];
    if (id.kind == 'w' || id.kind == 'd') {
      duplicates.insert(name);
    } else if (id.kind == 'e') {
      acknowledged.insert(name + " 0 " + std::to_string(now));
      id = {.kind = 'd', .forget = now + 20};
    } else {
      id = {.kind = 'w', .begun = now, .wait = 3};
      send(name, id);
    }
  }
  void ack(const std::string& name) {
    Id& id = ids[name];
    if (id.kind == 'w') {
      acknowledged.insert(name + " " + std::to_string(id.attempt) + " " + std::to_string(now));
      id = {.kind = 'd', .forget = now + 20};
    } else if (id.kind == ' ') {
      id = {.kind = 'e', .forget = now + 20};
    }
  }
};

// `a|1.5|2|1970-01-01T00:00:10Z` as `a 2 10`.
std::multiset<std::string> brief(const std::string& lines) {
  std::multiset<std::string> out;
  for (size_t begin = 0; begin < lines.size();) {
    const size_t end = lines.find('\n', begin);
    std::vector<std::string> parts(1);
    for (const char c : lines.substr(begin, end - begin))
      c == '|' ? parts.emplace_back() : parts.back() += c;
    if (parts.size() == 4) {
      const int seconds = std::stoi(parts[3].substr(11, 2)) * 3600 + std::stoi(parts[3].substr(14, 2)) * 60 +
                          std::stoi(parts[3].substr(17, 2));
      out.insert(parts[0] + " " + parts[2] + " " + std::to_string(seconds));
    } else {
      out.insert(parts[0] == "yes" ? parts[1] : parts[0]);
    }
    begin = end + 1;
  }
  return out;
}

const std::string kQuick = "retry_after: 3s\nretry_at_most: 12s\nexpire_after: 40s\nremember: 20s";

TEST_CASE("await_ack agrees with a naive one at any number of workers, and however little memory it has") {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const Made await = made(kQuick);
    Oracle oracle;
    KeyedRunner runner(await, 1 + static_cast<uint32_t>(random.below(3)), random.below(2) == 0 ? 0 : 2000);
    for (int epoch = 0; epoch < 150; ++epoch) {
      const int64_t seconds = static_cast<int64_t>(random.below(3));
      await.clock->advance_micros(seconds * kSecond);
      oracle.now += seconds;
      oracle.tick();
      for (uint64_t batches = random.below(3); batches > 0; --batches) {
        std::vector<std::string> ids;
        for (uint64_t i = random.below(5); i > 0; --i)
          ids.push_back("o" + std::to_string(random.below(60)));
        const bool records = random.below(3) > 0;
        runner.feed(records ? offers(ids) : acks(ids), records ? kRecords : kAcknowledgements);
        for (const std::string& id : ids)
          records ? oracle.record(id) : oracle.ack(id);
      }
      runner.end_epoch();
      for (uint64_t commits = random.below(3); commits > 0; --commits)
        runner.commit_oldest();
      if (random.below(15) == 0) {
        runner.commit_all();
        runner.crash(1 + static_cast<uint32_t>(random.below(3)));
      }
    }
    CHECK(brief(runner.lines()) == oracle.sent);
    CHECK(brief(runner.lines("acknowledged")) == oracle.acknowledged);
    CHECK(brief(runner.lines("expired")) == oracle.expired);
    CHECK(brief(runner.lines("duplicates")) == oracle.duplicates);
    CHECK(brief(runner.lines("unknown")) == oracle.unknown);
  }
}

TEST_CASE("await_ack ends every record once, whatever crashes while epochs are uncommitted") {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const Made await = made(kQuick);
    KeyedRunner runner(await, 2, random.below(2) == 0 ? 0 : 2000);
    std::multiset<std::string> taken;
    for (int epoch = 0; epoch < 150; ++epoch) {
      await.clock->advance_micros(static_cast<int64_t>(random.below(3)) * kSecond);
      const std::string id = "o" + std::to_string(epoch);
      taken.insert(id);
      runner.feed(offers({id}), kRecords);
      if (random.below(2) == 0)
        runner.feed(acks({"o" + std::to_string(random.below(static_cast<uint64_t>(epoch) + 2))}), kAcknowledgements);
      runner.end_epoch();
      for (uint64_t commits = random.below(3); commits > 0; --commits)
        runner.commit_oldest();
      if (random.below(10) == 0)
        runner.crash(1 + static_cast<uint32_t>(random.below(3)));
    }
    for (int epoch = 0; epoch < 100; ++epoch) {
      await.clock->advance_micros(kSecond);
      runner.end_epoch();
      runner.commit_all();
    }
    std::multiset<std::string> ended;
    for (const char* output : {"acknowledged", "expired"})
      for (const std::string& line : brief(runner.lines(output)))
        ended.insert(line.substr(0, line.find(' ')));
    CHECK(ended == taken);
    CHECK(runner.stored() == 0);
  }
}

}  // namespace
}  // namespace penstock
