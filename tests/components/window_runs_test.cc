// Windows that overlap much: every aggregate against a recount of the window's rows, and what they cost in merges.
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <numeric>

#include "actors/aggregators/window_groups.h"
#include "actors/aggregators/window_runs.h"
#include "core/random.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

const SchemaPtr kSchema =
    test::schema({{"id", Type::kInt64}, {"x", Type::kInt64}, {"f", Type::kFloat64}, {"at", Type::kTimestamp}});
const std::vector<std::string> kAll = {"count(*)",
                                       "sum(x)",
                                       "sum(f)",
                                       "avg(f)",
                                       "min(x)",
                                       "max(f)",
                                       "count(distinct x)",
                                       "first(id)",
                                       "last(id)",
                                       "first(id ORDER BY at)",
                                       "last(x)",
                                       "variance(x)",
                                       "approx_count_distinct(id)",
                                       "approx_percentile(f, 0.9)",
                                       "top_k(x, 3)",
                                       "decayed_count(at, '1ms')"};

WindowPlan plan_of(int64_t size, int64_t slide, const std::vector<std::string>& aggregates) {
  WindowPlan plan;
  plan.size = size;
  plan.slide = slide;
  plan.pane = std::gcd(size, slide);
  for (const std::string& text : aggregates) {
    auto call = sql::AggregateCall::compile(text, kSchema);
    INFO(text << ": " << (call.ok() ? "" : call.problem().message));
    REQUIRE(call.ok());
    plan.aggregates.push_back({text, std::move(*call)});
  }
  return plan;
}

struct Row {
  int64_t id, x, at;
};
BatchPtr batch_of(const std::vector<Row>& rows) {
  BatchBuilder builder(kSchema);
  for (const Row& row : rows) {
    builder.column(0).append_int64(row.id);
    row.x % 7 ? builder.column(1).append_int64(row.x) : builder.column(1).append_null();
    builder.column(2).append_float64(static_cast<double>(row.x) * 0.37);
    builder.column(3).append_int64(row.at);
  }
  return builder.finish();
}

using Windows = std::map<int64_t, std::string>;  // results, by begin

// The first window that is not as expected; empty: none.
std::string difference(const Windows& found, const Windows& expected) {
  for (const auto& [begin, text] : expected)
    if (const auto at = found.find(begin); at == found.end() || at->second != text)
      return std::to_string(begin) + ": " + (at == found.end() ? "none" : at->second) + ", expected " + text;
  for (const auto& [begin, text] : found)
    if (!expected.contains(begin))
      return std::to_string(begin) + ": " + text + ", expected none";
  return "";
}

// The windows of one group, and beside them all its rows.
class Group {
 public:
  explicit Group(const WindowPlan& plan) : plan_(plan) { start(); }

  void take(const std::vector<Row>& rows) {
    const BatchPtr batch = batch_of(rows);
    std::vector<uint32_t> slots;
    for (const Row& row : rows) {
      slots.push_back(groups_->place(0, row.at, [] {}));
      if (slots.back() != WindowGroups::kLate)
        rows_.push_back(row);
    }
    for (size_t a = 0; a < plan_.aggregates.size(); ++a)
      REQUIRE(groups_->update(a, plan_.aggregates[a].call.evaluate(*batch), slots).empty());
  }
  Windows close(int64_t watermark) {
    Windows out;
    REQUIRE(groups_->close(0, watermark, into(*groups_, out), [&](int64_t begin) { stored_.erase(begin); }).ok());
    groups_->set_closed(watermark);
    return out;
  }
  Windows open(bool all) {
    Windows out;
    REQUIRE(groups_->each_open(0, all, into(*groups_, out)).ok());
    return out;
  }
  Windows copied() const {
    WindowGroups copy(plan_);
    copy.resize(1);
    copy.set_closed(groups_->closed());
    REQUIRE(groups_->copy_to(0, copy).ok());
    Windows out;
    REQUIRE(copy.each_open(0, true, into(copy, out)).ok());
    return out;
  }
  /// What recounting gives for the windows that begin at these.
  Windows recount(int64_t from, int64_t before) {
    std::erase_if(rows_, [&](const Row& row) { return row.at < from; });
    std::map<int64_t, std::vector<Row>> panes;  // first and last go by panes before they go by arrival
    for (const Row& row : rows_)
      panes[plan_.pane_of(row.at)].push_back(row);
    Windows out;
    for (int64_t begin = from;; begin += plan_.slide) {
      const auto next = panes.lower_bound(begin);
      if (next == panes.end())
        break;
      begin = std::max(begin, plan_.first_window(next->first));
      if (begin >= before)
        break;
      std::vector<Row> rows;
      for (auto pane = next; pane != panes.end() && pane->first < begin + plan_.size; ++pane)
        rows.insert(rows.end(), pane->second.begin(), pane->second.end());
      out[begin] = aggregated(rows);
    }
    return out;
  }
  void store() {
    Delta changes;
    groups_->changes(0, "", changes);
    for (const auto& [key, value] : changes)
      stored_[WindowGroups::begin_of(key)] = *value;
  }
  void restart() {
    store();
    const int64_t closed = groups_->closed();
    start();
    groups_->set_closed(closed);
    for (const auto& [begin, value] : stored_)
      REQUIRE(groups_->restore(0, begin, value).ok());
  }
  const WindowGroups& groups() const { return *groups_; }
  size_t memory() {
    store();
    return groups_->memory(0);
  }

 private:
  void start() {
    groups_ = std::make_unique<WindowGroups>(plan_);
    groups_->resize(1);
  }
  WindowGroups::Emit into(const WindowGroups& groups, Windows& out) const {
    return [&](int64_t begin, int64_t end, uint32_t slot) {
      CHECK(end == begin + plan_.size);
      CHECK(!out.contains(begin));
      out[begin] = result([&](size_t a, ColumnBuilder& column) { groups.append_result(a, slot, column); });
      return ok();
    };
  }
  template <class F>
  std::string result(F append) const {
    std::string text;
    for (size_t a = 0; a < plan_.aggregates.size(); ++a) {
      ColumnBuilder column(plan_.aggregates[a].call.type());
      append(a, column);
      text += (a > 0 ? " " : "") + column.finish()->to_string(0);
    }
    return text;
  }
  std::string aggregated(const std::vector<Row>& rows) const {
    const BatchPtr batch = batch_of(rows);
    const std::vector<uint32_t> one(rows.size(), 0);
    return result([&](size_t a, ColumnBuilder& column) {
      const auto states = plan_.aggregates[a].call.make_states();
      states->resize(1);
      REQUIRE(plan_.aggregates[a].call.update(*states, *batch, one).empty());
      states->append_result(0, column);
    });
  }

  const WindowPlan& plan_;
  std::unique_ptr<WindowGroups> groups_;
  std::vector<Row> rows_;
  std::map<int64_t, std::string> stored_;
};

struct Stream {
  int64_t step;      // time goes on by up to this a row
  int64_t disorder;  // rows are up to this behind the latest
  int64_t lateness;  // the watermark is this behind the latest
};

void check(const WindowPlan& plan, const Stream& stream, uint64_t seed, size_t epochs) {
  INFO("size " << plan.size << ", slide " << plan.slide << ", step " << stream.step << ", seed " << seed);
  Random random(seed);
  Group group(plan);
  int64_t latest = 1'000'000'000'000, watermark = 0, id = 0, from = -WindowPlan::kFurthest;
  size_t closed = 0;
  for (size_t e = 0; e < epochs; ++e) {
    std::vector<Row> rows;
    for (uint64_t i = random.below(12); i > 0; --i) {
      latest += static_cast<int64_t>(random.below(random.below(300) == 0 ? 3 * plan.size : stream.step));
      const int64_t back = stream.disorder == 0 ? 0 : static_cast<int64_t>(random.below(stream.disorder));
      rows.push_back({id++, static_cast<int64_t>(random.below(40)), latest - back});
    }
    group.take(rows);
    if (random.below(20) == 0)
      group.restart();
    if (random.below(3) == 0)
      continue;
    watermark = std::max(watermark, latest - stream.lateness);
    const int64_t until = plan.open_from(watermark);
    const Windows windows = group.close(watermark);
    REQUIRE(difference(windows, group.recount(from, until)) == "");
    closed += windows.size();
    from = until;
    if (random.below(epochs / 4) == 0) {
      const Windows open = group.recount(from, latest + 1);
      REQUIRE(difference(group.open(true), open) == "");
      REQUIRE(difference(group.copied(), open) == "");
    }
  }
  CHECK(closed >= 5);
}

TEST_CASE("windows that overlap much agree with a recount, for every aggregate") {
  for (uint64_t seed = 0; seed < 3; ++seed) {
    for (const auto& [size, slide] : {std::pair(90, 10), {200, 1}, {1000, 7}, {640, 40}}) {
      const WindowPlan plan = plan_of(size, slide, kAll);
      check(plan, {.step = 4, .disorder = 0, .lateness = 0}, seed, 60);
      check(plan, {.step = 9, .disorder = 20, .lateness = 20}, seed, 60);
      check(plan, {.step = 9, .disorder = 30, .lateness = 10}, seed, 60);
      check(plan, {.step = 30, .disorder = size, .lateness = size / 3}, seed, 60);
    }
  }
}

TEST_CASE("an hour that begins each second agrees with a recount, with few rows and with many") {
  const WindowPlan plan = plan_of(3'600'000'000, 1'000'000, {"count(*)", "sum(x)", "first(id)", "last(id)"});
  check(plan, {.step = 400'000'000, .disorder = 0, .lateness = 0}, 1, 8);
  check(plan, {.step = 5'000'000, .disorder = 60'000'000, .lateness = 20'000'000}, 2, 40);
}

TEST_CASE("early results show the windows that have changed, however many a row is in") {
  const WindowPlan plan = plan_of(100, 1, {"count(*)", "last(id)"});
  Group group(plan);
  for (int64_t at = 1000; at < 1200; ++at)
    group.take({{at, 1, at}});
  CHECK(group.open(false).size() == 299);
  CHECK(group.open(false).empty());
  group.take({{7, 1, 1050}});
  const Windows changed = group.open(false);
  CHECK(changed.size() == 100);
  CHECK(changed.begin()->first == 951);
  CHECK(changed == [&] {
    Windows all = group.open(true);
    std::erase_if(all, [](const auto& window) { return window.first < 951 || window.first > 1050; });
    return all;
  }());
}

// Merges a pane of a group that has a row in each, and some that are `late` panes behind the watermark.
double merges_a_pane(int64_t panes, int64_t late = 0) {
  const WindowPlan plan = plan_of(panes, 1, {"count(*)"});
  Group group(plan);
  for (int64_t at = 0; at < panes; ++at)
    group.take({{at, 1, at}});
  group.close(panes);
  const uint64_t before = group.groups().merges();
  for (int64_t at = panes; at < 4 * panes; ++at) {
    group.take({{at, 1, at}});
    if (late > 0)
      group.take({{at, 1, at - late}});
    CHECK(group.close(at + 1).begin()->second ==
          std::to_string(panes + (late == 0 ? 0 : std::min(at - panes + 1, panes - late))));
  }
  return static_cast<double>(group.groups().merges() - before) / static_cast<double>(3 * panes);
}

TEST_CASE("what a window costs does not grow with the overlap") {
  for (const int64_t panes : {2, 5, 8})
    CHECK(merges_a_pane(panes) <= 8);
  for (const int64_t panes : {9, 20, 64, 100, 1000, 10'000})
    CHECK(merges_a_pane(panes) <= 8);
}

TEST_CASE("sets with few values in common are not copied from window to window") {
  const WindowPlan plan = plan_of(100, 1, {"count(distinct id)"});
  for (const int64_t values : {10, 1'000'000}) {
    Group group(plan);
    for (int64_t at = 0; at < 100; ++at)
      group.take({{at % values, 1, at}});
    group.close(99);
    const size_t panes = group.memory();
    const uint64_t before = group.groups().merges();
    size_t most = 0;
    for (int64_t at = 100; at < 400; ++at) {
      group.close(at);
      group.take({{at % values, 1, at}});
      most = std::max(most, group.memory());
    }
    INFO(values << " values");
    if (values == 10)
      CHECK(group.groups().merges() - before < 300 * 9);
    else
      CHECK(most < 2 * panes);
  }
}

TEST_CASE("rows that come too late for some windows cost less than the window has panes") {
  CHECK(merges_a_pane(1000, 1) < 50);
  CHECK(merges_a_pane(1000, 10) < 100);
}

TEST_CASE("memory for windows that overlap is that of their panes and little more") {
  const WindowPlan plan = plan_of(10'000, 1, {"count(*)", "sum(x)"});
  Group group(plan);
  for (int64_t at = 0; at < 10'000; ++at)
    group.take({{at, 1, at}});
  const size_t panes = group.memory();
  size_t most = 0;
  for (int64_t at = 10'000; at < 30'000; ++at) {
    group.take({{at, 1, at}});
    group.close(at);
    most = std::max(most, group.memory());
  }
  CHECK(most > panes);
  CHECK(static_cast<double>(most) < 1.05 * static_cast<double>(panes));
  group.close(50'000);
  CHECK(group.groups().empty(0));
}

TEST_CASE("a sum that leaves int64 on the way is what it is at the end, in the same windows after a restart") {
  const WindowPlan plan = plan_of(20, 1, {"sum(x)", "count(*)"});
  constexpr int64_t kMost = INT64_MAX - 4;  // a multiple of neither 7 nor 2
  const std::string most = std::to_string(kMost);
  for (const int64_t restart : {-1, 7, 20, 33}) {
    Group group(plan);
    for (int64_t at = 100; at < 140; ++at) {
      const int64_t x = at == 105 || at == 112 ? kMost : at == 118 ? -kMost : 0;
      group.take({{at, x, at}});
      if (at - 100 == restart)
        group.restart();
      const Windows windows = group.close(at + 1);
      REQUIRE(windows.size() == 1);
      const auto& [begin, text] = *windows.begin();
      const int64_t sum = (begin <= 105 && at >= 105) + (begin <= 112 && at >= 112) - (begin <= 118 && at >= 118);
      INFO("window of " << begin << ", restart " << restart);
      const bool any = (begin <= 105 && at >= 105) || (begin <= 112 && at >= 112) || (begin <= 118 && at >= 118);
      const std::string expected = !any || sum == 2 ? "NULL" : sum == 1 ? most : sum == 0 ? "0" : "-" + most;
      CHECK(text.substr(0, text.find(' ')) == expected);
    }
  }
}

}  // namespace
}  // namespace penstock
