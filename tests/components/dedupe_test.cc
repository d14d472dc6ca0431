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

const SchemaPtr kSchema = test::schema({{"id", Type::kString}, {"n", Type::kInt64}, {"at", Type::kTimestamp}});
const std::vector<topology::Input> kInputs = {{"in", kSchema, false, {}}};

Made made(const std::string& yaml) { return Made(Role::kStage, "dedupe", yaml, kInputs); }

struct Row {
  std::string id;
  int64_t n;
  int64_t seconds;
};

BatchPtr batch_of(const std::vector<Row>& rows) {
  BatchBuilder builder(kSchema);
  for (const Row& row : rows) {
    row.id.empty() ? builder.column(0).append_null() : builder.column(0).append_string(row.id);
    builder.column(1).append_int64(row.n);
    builder.column(2).append_int64(row.seconds * 1'000'000);
  }
  return builder.finish();
}

TEST_CASE("dedupe lets the first record of a key pass, and the others go to its output duplicates") {
  const Made dedupe = made("key: [id]");
  CHECK(dedupe.binding.output == kSchema);
  CHECK(dedupe.binding.routing.to_string() == "exchange(id)");
  KeyedRunner runner(dedupe, 1);
  runner.feed(batch_of({{"a", 1, 0}, {"b", 2, 0}, {"a", 3, 0}, {"", 4, 0}}));
  runner.end_epoch();
  runner.commit_all();
  runner.crash(2);
  runner.feed(batch_of({{"b", 5, 9'000'000}, {"c", 6, 0}, {"", 7, 0}}));
  runner.end_epoch();
  CHECK(runner.sorted() ==
        "NULL|4|1970-01-01T00:00:00Z\na|1|1970-01-01T00:00:00Z\nb|2|1970-01-01T00:00:00Z\nc|6|1970-01-01T00:00:00Z\n");
  CHECK(runner.sorted("duplicates") ==
        "NULL|7|1970-01-01T00:00:00Z\na|3|1970-01-01T00:00:00Z\nb|5|1970-04-15T04:00:00Z\n");
}

TEST_CASE("dedupe within a time forgets what no record can be compared with any more") {
  const Made dedupe = made("key: [id]\ntime: at\nwithin: 10s");
  KeyedRunner runner(dedupe, 1);
  runner.feed(batch_of({{"a", 1, 100}, {"a", 2, 109}, {"a", 3, 110}, {"a", 4, 91}, {"a", 5, 90}}));
  runner.end_epoch();
  CHECK(runner.lines("duplicates") ==
        "a|2|1970-01-01T00:01:49Z\na|4|1970-01-01T00:01:31Z\n");  // 110 and 90 are 10 s away
  runner.feed(batch_of({{"b", 6, 200}}));
  runner.end_epoch();
  runner.feed(batch_of({{"a", 7, 190}, {"a", 8, 191}}));
  runner.end_epoch();
  CHECK(runner.lines("late") == "a|7|1970-01-01T00:03:10Z\n");
  CHECK(runner.lines().ends_with("a|8|1970-01-01T00:03:11Z\n"));
  runner.feed(batch_of({{"c", 9, 1000}}));
  runner.end_epoch();
  runner.commit_all();
  runner.end_epoch();
  CHECK(runner.keys() == 1);
  CHECK(runner.stored() == 2);  // c, and the watermark
}

TEST_CASE("dedupe remembers a key for retain by the clock") {
  const Made dedupe = made("key: [id]\nretain: 60s");
  KeyedRunner runner(dedupe, 1);
  runner.feed(batch_of({{"a", 1, 0}}));
  dedupe.clock->advance_micros(59'999'999);
  runner.feed(batch_of({{"a", 2, 0}}));
  runner.end_epoch();
  dedupe.clock->advance_micros(1);
  runner.feed(batch_of({{"a", 3, 0}}));
  CHECK(runner.lines("duplicates") == "a|2|1970-01-01T00:00:00Z\n");
  CHECK(runner.lines() == "a|1|1970-01-01T00:00:00Z\na|3|1970-01-01T00:00:00Z\n");
}

TEST_CASE("dedupe rejects a record without a time, and one whose key is too long") {
  const Made dedupe = made("key: [id]\ntime: at\nwithin: 1s");
  KeyedRunner runner(dedupe, 1);
  runner.feed(test::rows(
      kSchema, "{\"id\":\"a\"}\n{\"id\":\"" + std::string(70'000, 'x') + "\",\"at\":\"2026-01-01T00:00:00Z\"}"));
  CHECK(runner.lines().empty());
  CHECK(runner.rejected() == "dedupe: at is null\ndedupe: the key has 70003 bytes, and at most 65527 can be stored\n");
}

TEST_CASE("dedupe refuses times that do not go together") {
  const auto mistakes = [](const std::string& yaml) { return test::mistakes(Role::kStage, "dedupe", yaml, kInputs); };
  CHECK_THAT(mistakes("key: [id]\nwithin: 1h"),
             Catch::Contains("within needs the column") && Catch::Contains("give time"));
  CHECK_THAT(mistakes("key: [id]\ntime: at"), Catch::Contains("time means nothing without within"));
  CHECK_THAT(mistakes("key: [id]\ntime: n\nwithin: 1h"), Catch::Contains("n is int64, but timestamp is needed"));
  CHECK_THAT(mistakes("key: [ids]"), Catch::Contains("did you mean id?"));
  CHECK_THAT(mistakes("key: [id]\ntime: at\nwithin: 1h\nretain: 1h"), Catch::Contains("leave retain out"));
  CHECK_THAT(test::mistakes(Role::kStage, "dedupe", "key: [id]", {{"v", kSchema, true, {"id"}}}),
             Catch::Contains("v is a view"));
}

// What the words of dedupe.h say, over everything there ever was.
struct Oracle {
  int64_t within, lateness;
  std::map<std::string, std::vector<int64_t>> passed = {};
  int64_t newest = INT64_MIN, next = INT64_MIN;  // as of the last epoch's end, and at this one's
  std::string first = {}, duplicates = {}, late = {};

  void feed(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      const std::string line = batch_of({row})->to_string();
      const auto near = [&](int64_t at) { return std::abs(at - row.seconds) < within; };
      std::vector<int64_t>& known = passed[row.id];
      if (newest != INT64_MIN && row.seconds + within <= newest - lateness)
        late += line;
      else if (std::any_of(known.begin(), known.end(), near))
        duplicates += line;
      else
        first += line, known.push_back(row.seconds);
    }
    for (const Row& row : rows)
      next = std::max(next, row.seconds);
  }
};

std::string sorted(const std::string& lines) {
  std::multiset<std::string> all;
  for (size_t begin = 0; begin < lines.size();) {
    const size_t end = lines.find('\n', begin) + 1;
    all.insert(lines.substr(begin, end - begin));
    begin = end;
  }
  std::string out;
  for (const std::string& line : all)
    out += line;
  return out;
}

TEST_CASE(
    "dedupe agrees with a naive one at any number of workers, whatever crashes, and however little memory it has") {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const int64_t within = 1 + static_cast<int64_t>(random.below(60)),
                  lateness = static_cast<int64_t>(random.below(80));
    const Made dedupe = made("key: [id]\ntime: at\nwithin: " + std::to_string(within) +
                             "s\nallowed_lateness: " + std::to_string(lateness) + "s");
    Oracle oracle{within, lateness};
    KeyedRunner runner(dedupe, 1 + static_cast<uint32_t>(random.below(3)), random.below(2) == 0 ? 0 : 1500);
    int64_t time = 1000, n = 0;
    for (int step = 0; step < 60; ++step) {
      std::vector<Row> rows;
      for (uint64_t i = random.below(12); i > 0; --i) {
        time += static_cast<int64_t>(random.below(4));
        rows.push_back({"k" + std::to_string(random.below(25)), n++, time - static_cast<int64_t>(random.below(150))});
      }
      oracle.feed(rows);
      runner.feed(batch_of(rows));
      if (random.below(3) == 0) {
        runner.end_epoch();
        oracle.newest = oracle.next;
      }
      for (uint64_t commits = random.below(2); commits > 0; --commits)
        runner.commit_oldest();
      if (random.below(12) == 0)
        runner.crash(1 + static_cast<uint32_t>(random.below(3)));
    }
    CHECK(runner.sorted() == sorted(oracle.first));
    CHECK(runner.sorted("duplicates") == sorted(oracle.duplicates));
    CHECK(runner.sorted("late") == sorted(oracle.late));
    // In the end nothing is left of what was.
    runner.feed(batch_of({{"end", 0, time + 1'000'000}}));
    for (int epoch = 0; epoch < 3; ++epoch) {
      runner.end_epoch();
      runner.commit_all();
    }
    CHECK(runner.stored() <= 1 + 3);  // the key, and each worker's watermark
  }
}

}  // namespace
}  // namespace penstock
