#include "actors/aggregators/outcome_join.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "core/random.h"

namespace penstock {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr Duration kWithin{60 * kSecond};

// A join that writes down what came of what: `u:a+2 u:b-`.
struct Joined {
  explicit Joined(OutcomeJoin::Options options)
      : join(
            options,
            [this](const std::string& key, const OutcomeJoin::Impression& shown, const OutcomeJoin::Outcome& outcome) {
              ++said[key + ":" + shown.payload + "+" + std::to_string(static_cast<int>(outcome.value))];
            },
            [this](const std::string& key, const OutcomeJoin::Impression& shown) {
              ++said[key + ":" + shown.payload + "-"];
            }) {}

  void shown(const std::string& key, int64_t at, const std::string& payload, const std::string& item = "") {
    join.shown(key, {{at * kSecond}, item, payload});
  }
  void happened(const std::string& key, int64_t at, int value, const std::string& item = "") {
    join.happened(key, {{at * kSecond}, item, static_cast<double>(value)});
  }
  void commit(std::map<std::string, std::string>& table) {
    Delta changes;
    join.end_epoch("j", changes);
    for (auto& [key, value] : changes)
      value ? (void)(table[key] = *value) : (void)table.erase(key);
  }
  void end() {
    std::map<std::string, std::string> ignored;
    commit(ignored);
  }
  std::string text() const {
    std::string out;
    for (const auto& [what, times] : said)
      for (int i = 0; i < times; ++i)
        out += (out.empty() ? "" : " ") + what;
    return out;
  }

  std::map<std::string, int> said;
  OutcomeJoin join;
};

TEST_CASE("an outcome belongs to the latest impression before it, for as long as was declared") {
  Joined it({kWithin});
  it.shown("u", 0, "a");
  it.shown("u", 10, "b");
  it.happened("u", 5, 1);
  it.happened("u", 10, 2);
  it.happened("u", 70, 3);
  it.happened("u", 71, 4);  // too late
  it.happened("v", 20, 5);  // was shown nothing
  CHECK(it.text() == "u:a+1 u:b+2 u:b+3");
}

TEST_CASE("where items are compared only what was shown counts") {
  Joined it({kWithin, true});
  it.shown("u", 0, "a", "x");
  it.shown("u", 0, "b", "y");
  it.happened("u", 1, 1, "y");
  it.happened("u", 2, 2, "z");
  CHECK(it.text() == "u:b+1");
}

TEST_CASE("a decision is closed by its first outcome, or when its time is over in both logs") {
  Joined it({kWithin, false, true});
  it.shown("d1", 0, "a");
  it.shown("d2", 0, "b");
  it.happened("d1", 5, 1);
  it.happened("d1", 6, 1);
  it.shown("d3", 100, "c");
  it.end();
  CHECK(it.text() == "d1:a+1");  // the outcomes have been read to 6 only
  it.happened("d9", 61, 1);
  it.end();
  CHECK(it.text() == "d1:a+1 d2:b-");
}

TEST_CASE("an outcome that is read before its impression waits for it") {
  Joined it({kWithin});
  it.happened("u", 5, 1);
  it.end();
  it.shown("u", 4, "a");
  CHECK(it.text() == "u:a+1");
}

TEST_CASE("what waits in vain is forgotten when the impressions have passed it") {
  Joined it({kWithin});
  it.happened("u", 5, 1);
  it.end();
  CHECK(it.join.keys() == 1);
  it.shown("v", 4000, "x");
  it.happened("v", 4061, 1);
  it.shown("w", 4062, "y");
  it.end();
  CHECK(it.join.keys() == 2);  // v's outcome waits; w is open
  it.shown("w", 9000, "z");
  it.happened("z", 9061, 1);
  it.end();
  CHECK(it.text() == "v:x- w:y-");
}

// Streams that are in order of time each, read in many interleavings, with the state thrown away and restored between.
TEST_CASE("what comes out depends neither on which log is read first nor on restarts") {
  struct Row {
    bool shown;
    std::string key;
    int64_t at;
    int value;
  };
  Random random(17);
  std::vector<Row> shown, happened;
  for (int64_t at = 0; at < 400; at += 1 + static_cast<int64_t>(random.below(4))) {
    shown.push_back({true, std::string(1, static_cast<char>('a' + random.below(5))), at, static_cast<int>(at)});
    if (random.below(2) == 0)
      happened.push_back({false, std::string(1, static_cast<char>('a' + random.below(6))), at, static_cast<int>(at)});
  }
  shown.push_back({true, "end", 9000, 0});
  happened.push_back({false, "end", 9000, 0});
  std::string expected;
  for (int attempt = 0; attempt < 60; ++attempt) {
    std::map<std::string, std::string> table;
    std::map<std::string, int> said;
    auto it = std::make_unique<Joined>(OutcomeJoin::Options{kWithin});
    size_t s = 0, h = 0;
    while (s < shown.size() || h < happened.size()) {
      // The logs may be apart by less than the slack, so all of the interleavings are fair until the last rows.
      const bool take_shown = h == happened.size() || (s + 1 < shown.size() && random.below(2) == 0) ||
                              (h + 1 == happened.size() && s + 1 < shown.size()) ||
                              (h + 1 == happened.size() && s + 1 == shown.size());
      const Row& row = take_shown ? shown[s++] : happened[h++];
      row.shown ? it->shown(row.key, row.at, "shown") : it->happened(row.key, row.at, row.value);
      if (random.below(6) == 0) {
        it->commit(table);
        if (random.below(2) == 0) {  // a crash right after the commit
          for (const auto& [what, times] : it->said)
            said[what] += times;
          it = std::make_unique<Joined>(OutcomeJoin::Options{kWithin});
          for (const auto& [key, value] : table)
            REQUIRE(it->join.restore(key.substr(1), value).ok());
        }
      }
    }
    it->commit(table);
    for (const auto& [what, times] : said)
      it->said[what] += times;
    if (attempt == 0)
      expected = it->text();
    std::string matched, first;
    for (const auto& [what, times] : it->said)
      if (what.find('+') != std::string::npos)
        matched += what + "*" + std::to_string(times) + " ";
    CHECK(matched.size() > 100);
    CHECK(it->text() == expected);
  }
}

}  // namespace
}  // namespace penstock
