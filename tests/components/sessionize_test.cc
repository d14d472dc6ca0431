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

const SchemaPtr kSchema = test::schema({{"session_id", Type::kString},
                                        {"user", Type::kInt64},
                                        {"item", Type::kString},
                                        {"n", Type::kInt64},
                                        {"at", Type::kTimestamp}});
const std::vector<topology::Input> kInputs = {{"in", kSchema, false, {}}};
const std::string kDocument =
    "session: session_id\ntime: at\ntimeout: 30s\nfirst: {customer_id: user}\n"
    "collect:\n  items_viewed: item\n  kinds: {value: item, distinct: true, limit: 2}\naggregates: {events: count(*), "
    "sum: sum(n)}\n";

Made made(const std::string& more = "") { return Made(Role::kStage, "sessionize", kDocument + more, kInputs); }

struct Row {
  std::string id;
  int64_t seconds;
  std::string item;
  int64_t n;
};

BatchPtr batch_of(const std::vector<Row>& rows) {
  BatchBuilder builder(kSchema);
  for (const Row& row : rows) {
    builder.column(0).append_string(row.id);
    row.n % 3 == 0 ? builder.column(1).append_null() : builder.column(1).append_int64(row.n);
    row.item.empty() ? builder.column(2).append_null() : builder.column(2).append_string(row.item);
    builder.column(3).append_int64(row.n);
    builder.column(4).append_int64(row.seconds * 1'000'000);
  }
  return builder.finish();
}

TEST_CASE("sessionize keeps a document, hands it on when its time is over, and frees its state") {
  const Made sessionize = made();
  CHECK(sessionize.binding.output->to_string() ==
        "session_id string!, customer_id int64, is_active bool!, session_start timestamp!, last_update timestamp!, "
        "items_viewed json!, kinds json!, events int64!, sum int64, version int64!");
  CHECK(sessionize.binding.routing.to_string() == "exchange(session_id)");
  KeyedRunner runner(sessionize, 1);
  runner.feed(
      batch_of({{"s", 100, "a", 1}, {"s", 90, "b", 2}, {"s", 110, "", 4}, {"t", 100, "a", 3}, {"s", 120, "b", 5}}));
  runner.end_epoch();
  const std::string active =
      "s|2|true|1970-01-01T00:01:30Z|1970-01-01T00:02:00Z|[\"b\",\"a\",\"b\"]|[\"a\",\"b\"]|4|12|1\n";
  CHECK(runner.lines().empty());
  CHECK(runner.sorted("updates") ==
        active + "t|NULL|true|1970-01-01T00:01:40Z|1970-01-01T00:01:40Z|[\"a\"]|[\"a\"]|1|3|1\n");
  CHECK(runner.lookup("s")->to_string() == active);
  runner.feed(batch_of({{"u", 149, "a", 1}}));
  runner.end_epoch();
  CHECK(runner.lines() == "t|NULL|false|1970-01-01T00:01:40Z|1970-01-01T00:01:40Z|[\"a\"]|[\"a\"]|1|3|1\n");
  runner.feed(batch_of({{"u", 150, "a", 1}}));
  runner.end_epoch();
  CHECK(runner.lines().ends_with(
      "s|2|false|1970-01-01T00:01:30Z|1970-01-01T00:02:00Z|[\"b\",\"a\",\"b\"]|[\"a\",\"b\"]|4|12|1\n"));
  CHECK(runner.lookup("s") == nullptr);
  runner.commit_all();
  runner.end_epoch();
  CHECK(runner.keys() == 1);
  CHECK(runner.stored() == 2);
}

TEST_CASE("sessionize parts the events of an id where none came for the timeout, and joins them where one does") {
  const Made sessionize = made("allowed_lateness: 1h\n");
  KeyedRunner runner(sessionize, 1);
  runner.feed(batch_of({{"s", 100, "a", 1}, {"s", 140, "b", 2}}));
  runner.end_epoch();
  CHECK(runner.lookup("s")->to_string() ==
        "s|2|true|1970-01-01T00:02:20Z|1970-01-01T00:02:20Z|[\"b\"]|[\"b\"]|1|2|1\n");
  runner.feed(batch_of({{"s", 120, "c", 4}}));
  runner.end_epoch();
  CHECK(runner.view() ==
        "s|1|true|1970-01-01T00:01:40Z|1970-01-01T00:02:20Z|[\"a\",\"c\",\"b\"]|[\"c\",\"b\"]|3|7|1\n");
}

TEST_CASE("sessionize hands late events on, or reopens what they belong to") {
  const std::vector<Row> session = {{"s", 100, "a", 1}}, other = {{"t", 200, "x", 1}};
  const std::vector<Row> late = {{"s", 110, "b", 2}, {"v", 100, "c", 4}};
  {
    const Made sessionize = made();
    KeyedRunner runner(sessionize, 1);
    for (const auto& rows : {session, other, late}) {
      runner.feed(batch_of(rows));
      runner.end_epoch();
    }
    CHECK(runner.lines("late") == "s|2|b|2|1970-01-01T00:01:50Z\nv|4|c|4|1970-01-01T00:01:40Z\n");
    CHECK(runner.lines() == "s|1|false|1970-01-01T00:01:40Z|1970-01-01T00:01:40Z|[\"a\"]|[\"a\"]|1|1|1\n");
  }
  const Made sessionize = made("late: reopen\nreopen_within: 100s\n");
  KeyedRunner runner(sessionize, 1);
  for (const auto& rows : {session, other, late}) {
    runner.feed(batch_of(rows));
    runner.end_epoch();
  }
  CHECK(runner.lines("late") == "v|4|c|4|1970-01-01T00:01:40Z\n");
  CHECK(runner.lines() ==
        "s|1|false|1970-01-01T00:01:40Z|1970-01-01T00:01:40Z|[\"a\"]|[\"a\"]|1|1|1\n"
        "s|1|false|1970-01-01T00:01:40Z|1970-01-01T00:01:50Z|[\"a\",\"b\"]|[\"a\",\"b\"]|2|3|2\n");
  CHECK(runner.lookup("s") == nullptr);
  runner.feed(batch_of({{"t", 240, "x", 1}}));
  runner.end_epoch();
  runner.feed(batch_of({{"s", 112, "d", 7}}));
  CHECK(runner.lines("late").ends_with("s|7|d|7|1970-01-01T00:01:52Z\n"));  // 110 + 30 + 100 is over
}

TEST_CASE("sessionize closes sessions by the clock when no partition has a record for the idle timeout") {
  const Made sessionize = made("idle_timeout: 5s\n");
  KeyedRunner runner(sessionize, 1);
  CHECK(sessionize.binding.timed);
  CHECK_FALSE(runner.waits_for_time());
  runner.feed(batch_of({{"s", 100, "a", 1}}));
  runner.end_epoch();
  CHECK(runner.waits_for_time());
  sessionize.clock->advance_micros(29'000'000);
  runner.end_epoch();
  CHECK(runner.lines().empty());
  sessionize.clock->advance_micros(1'000'000);
  runner.end_epoch();
  CHECK(runner.lines().starts_with("s|1|false"));
  CHECK_FALSE(runner.waits_for_time());
}

TEST_CASE("sessionize says what is wrong in its declaration and its records") {
  const auto mistakes = [](const std::string& yaml) {
    return test::mistakes(Role::kStage, "sessionize", yaml, kInputs);
  };
  CHECK_THAT(mistakes("session: sesion_id\ntime: at"), Catch::Contains("did you mean session_id?"));
  CHECK_THAT(mistakes("session: session_id\ntime: n"), Catch::Contains("n is int64, but timestamp is needed"));
  CHECK_THAT(mistakes("session: session_id\ntime: at\nreopen_within: 1h"), Catch::Contains("write late: reopen"));
  CHECK_THAT(mistakes("session: session_id\ntime: at\nfirst: {version: n}"),
             Catch::Contains("two columns of the result are named version"));
  CHECK_THAT(mistakes("session: session_id\ntime: at\nlate: drop"), Catch::Contains("it is one of"));
  const Made sessionize = made();
  KeyedRunner runner(sessionize, 1);
  runner.feed(test::rows(kSchema, "{\"session_id\":\"s\"}\n{\"at\":\"2026-01-01T00:00:00Z\"}"));
  CHECK(runner.rejected() == "sessionize: at is null\nsessionize: session_id is null\n");
}

// The sessions of all events that were not late, and which were: by looking at everything there ever was.
struct Oracle {
  int64_t lateness;
  std::map<std::string, std::vector<Row>> events = {};
  int64_t newest = INT64_MIN, next = INT64_MIN;  // as of the last epoch's end, and at this one's
  std::string late = {};

  std::vector<std::vector<Row>> runs(const std::string& id) const {
    std::vector<Row> sorted = events.at(id);
    std::sort(sorted.begin(), sorted.end(), [](const Row& a, const Row& b) {
      return a.seconds != b.seconds ? a.seconds < b.seconds : a.item < b.item;
    });
    std::vector<std::vector<Row>> out;
    for (const Row& row : sorted) {
      if (out.empty() || row.seconds - out.back().back().seconds >= 30)
        out.emplace_back();
      out.back().push_back(row);
    }
    return out;
  }

  void feed(const std::vector<Row>& rows) {
    const int64_t watermark = newest == INT64_MIN ? newest : newest - lateness;
    for (const Row& row : rows) {
      bool joins = false;  // an open session
      if (events.contains(row.id))
        for (const auto& run : runs(row.id))
          joins |= run.back().seconds + 30 > watermark && row.seconds > run.front().seconds - 30 &&
                   row.seconds < run.back().seconds + 30;
      if (!joins && watermark != INT64_MIN && row.seconds + 30 <= watermark)
        late += batch_of({row})->to_string();
      else
        events[row.id].push_back(row);
    }
    for (const Row& row : rows)
      next = std::max(next, row.seconds);
  }
};

// With times that never fall behind the watermark by more than the timeout where a closed session stands, every run is one document.
std::string documents(const Oracle& oracle) {
  BatchBuilder out(made().binding.output);
  std::multiset<std::string> lines;
  for (const auto& [id, events] : oracle.events)
    for (const auto& run : oracle.runs(id)) {
      int64_t sum = 0, customer = 0, since = 0;
      std::string items;
      std::vector<std::string> kinds;
      for (const Row& row : run) {
        sum += row.n;
        if (row.n % 3 != 0 && (customer == 0 || (row.seconds == since && row.n < customer)))
          customer = row.n, since = row.seconds;
        if (row.item.empty())
          continue;
        items += (items.empty() ? "\"" : ",\"") + row.item + "\"";
        std::erase(kinds, row.item);
        kinds.push_back(row.item);
        if (kinds.size() > 2)
          kinds.erase(kinds.begin());
      }
      out.column(0).append_string(id);
      customer == 0 ? out.column(1).append_null() : out.column(1).append_int64(customer);
      out.column(2).append_bool(false);
      out.column(3).append_int64(run.front().seconds * 1'000'000);
      out.column(4).append_int64(run.back().seconds * 1'000'000);
      out.column(5).append_string("[" + items + "]");
      std::string two;
      for (const std::string& kind : kinds)
        two += (two.empty() ? "\"" : ",\"") + kind + "\"";
      out.column(6).append_string("[" + two + "]");
      out.column(7).append_int64(static_cast<int64_t>(run.size()));
      out.column(8).append_int64(sum);
      out.column(9).append_int64(1);
      lines.insert(out.finish()->to_string());
    }
  std::string all;
  for (const std::string& line : lines)
    all += line;
  return all;
}

TEST_CASE(
    "sessionize agrees with a naive one at any number of workers, whatever crashes, and however little memory it has") {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    // Rows come up to `disorder` late; beyond the lateness some are late for good, with every second seed.
    const int64_t disorder = static_cast<int64_t>(random.below(40));
    const Made sessionize = made("allowed_lateness: " + std::to_string(disorder) + "s\n");
    Oracle oracle{disorder};
    KeyedRunner runner(sessionize, 1 + static_cast<uint32_t>(random.below(3)), random.below(2) == 0 ? 0 : 3000);
    int64_t time = 1000, n = 1;
    for (int step = 0; step < 80; ++step) {
      std::vector<Row> rows;
      for (uint64_t i = random.below(10); i > 0; --i) {
        time += static_cast<int64_t>(random.below(6));
        const std::string id = "s" + std::to_string(random.below(40));
        const bool late = seed % 2 == 1 && random.below(20) == 0;
        const int64_t at = late ? time - 10'000 : time - static_cast<int64_t>(random.below(disorder + 1));
        rows.push_back({id, at, random.below(4) == 0 ? "" : "i" + std::to_string(random.below(5)), n++});
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
    runner.feed(batch_of({{"end", time + 100'000, "", 3}}));
    for (int epoch = 0; epoch < 3; ++epoch) {
      runner.end_epoch();
      runner.commit_all();
    }
    CHECK(runner.sorted() == documents(oracle));
    CHECK(runner.stored() <= 1 + 3);
    CHECK(runner.keys() == 1);
    if (seed % 2 == 1)
      CHECK(!oracle.late.empty());
    CHECK(std::count(oracle.late.begin(), oracle.late.end(), '\n') == [&] {
      const std::string late = runner.lines("late");
      return std::count(late.begin(), late.end(), '\n');
    }());
  }
}

}  // namespace
}  // namespace penstock
