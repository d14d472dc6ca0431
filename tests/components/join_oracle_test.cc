// Joins compared with the slow and obvious way, on random streams.
#include <map>

#include "core/random.h"
#include "tests/components/join_support.h"

namespace penstock {
namespace {

using namespace test::joins;

struct Event {
  int64_t key, number, second;
};

std::vector<Event> random_events(Random& random, int64_t disorder) {
  std::vector<Event> out;
  int64_t now = 1000;
  for (int64_t i = 0; i < 160; ++i) {
    now += static_cast<int64_t>(random.below(4));
    const int64_t key = random.below(15) == 0 ? -1 : static_cast<int64_t>(random.below(12));
    out.push_back({key, i, now - static_cast<int64_t>(random.below(static_cast<uint64_t>(disorder) + 1))});
  }
  return out;
}

// Feeds both sides in random pieces, with restarts in between, and then rows far later.
std::vector<std::string> feed(Running& run, Random random, const std::vector<Event>& left,
                              const std::vector<Event>& right, bool restarts, int64_t patience) {
  size_t next[2] = {0, 0};
  const std::vector<Event>* all[2] = {&left, &right};
  while (next[0] < left.size() || next[1] < right.size()) {
    const size_t side = random.below(2);
    const size_t end = std::min(all[side]->size(), next[side] + random.below(30));
    std::vector<std::array<int64_t, 3>> orders_rows;
    std::vector<User> users_rows;
    for (; next[side] < end; ++next[side]) {
      const Event& event = (*all[side])[next[side]];
      orders_rows.push_back({event.key, event.number, event.second});
      users_rows.push_back({event.key, "n" + std::to_string(event.number), event.second, event.number % 9 == 0});
    }
    run.take(side, side == 0 ? orders(orders_rows) : users(users_rows));
    if (random.below(3) == 0) {
      run.end_epoch();
      if (restarts && random.below(3) == 0)
        run.restart(1 + static_cast<uint32_t>(random.below(3)));
    }
  }
  run.take(0, orders({{-1, -1, 1'000'000}}));
  run.take(1, users({{-1, "", 1'000'000}}));
  run.end_epoch();
  run.advance(patience);
  run.end_epoch();
  std::vector<std::string> out = run.all();
  std::erase(out, "NULL|-1|NULL");
  CHECK(run.sides().empty());
  return out;
}

std::string text_of(int64_t key) { return key < 0 ? "NULL" : std::to_string(key); }

TEST_CASE("a join of streams equals the comparison of all with all, for any workers, restarts and memory") {
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    Random random(seed);
    const auto before = static_cast<int64_t>(random.below(20)), after = static_cast<int64_t>(random.below(20));
    const bool outer = random.below(2) == 0;
    const std::vector<Event> left = random_events(random, 6), right = random_events(random, 6);
    std::vector<std::string> expected;
    for (const Event& l : left) {
      bool found = false;
      for (const Event& r : right)
        if (l.key == r.key && l.key >= 0 && r.second >= l.second - before && r.second <= l.second + after) {
          expected.push_back(text_of(l.key) + "|" + std::to_string(l.number) + "|n" + std::to_string(r.number));
          found = true;
        }
      if (!found && outer)
        expected.push_back(text_of(l.key) + "|" + std::to_string(l.number) + "|NULL");
    }
    std::sort(expected.begin(), expected.end());
    const std::string yaml = "by: [user]\nbefore: " + std::to_string(before) + "s\nafter: " + std::to_string(after) +
                             "s\ntime: at\nallowed_lateness: 10s\nkind: " + (outer ? "left" : "inner") + kSelect;
    for (uint32_t workers : {1u, 2u, 3u}) {
      INFO("seed " << seed << ", " << workers << " workers");
      Running plain(join(yaml), workers);
      CHECK(feed(plain, Random(seed + workers), left, right, false, 0) == expected);
      CHECK(plain.stored() == 0);
      Running small(join(yaml), workers, 1024);
      CHECK(feed(small, Random(seed + 10 * workers), left, right, true, 0) == expected);
      CHECK(small.stored() == 0);
    }
  }
}

TEST_CASE("a join as of that waits equals a look into the whole history, for any workers, restarts and memory") {
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    Random random(seed);
    const std::vector<Event> left = random_events(random, 6);
    std::vector<Event> right = random_events(random, 6);
    std::map<std::pair<int64_t, int64_t>, int64_t> once;  // of versions of the same time the later replaces the earlier
    for (const Event& r : right)
      once[{r.key, r.second}] = r.number;
    std::vector<std::string> expected;
    for (const Event& l : left) {
      int64_t best = -1, number = -1;
      for (const auto& [when, version] : once)
        if (when.first == l.key && l.key >= 0 && when.second <= l.second && when.second > best)
          best = when.second, number = version;
      const bool deleted = number >= 0 && number % 9 == 0;
      expected.push_back(text_of(l.key) + "|" + std::to_string(l.number) + "|" +
                         (number < 0 || deleted ? "NULL" : "n" + std::to_string(number)));
    }
    std::sort(expected.begin(), expected.end());
    const std::string yaml =
        "by: [user]\ntable: as_of\ntime: at\nwait: 1h\nallowed_lateness: 10s\nretain: 1m\nkind: left\ndeleted: gone" +
        kSelect;
    for (uint32_t workers : {1u, 2u, 3u}) {
      INFO("seed " << seed << ", " << workers << " workers");
      Running plain(join(yaml), workers);
      CHECK(feed(plain, Random(seed + workers), left, right, false, 3601) == expected);
      Running small(join(yaml), workers, 1024);
      CHECK(feed(small, Random(seed + 10 * workers), left, right, true, 3601) == expected);
    }
  }
}

}  // namespace
}  // namespace penstock
