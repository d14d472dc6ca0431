#include "actors/aggregators/enrich.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>

#include "core/random.h"
#include "storage/memory_store.h"
#include "tests/components/in_topology.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

constexpr int64_t kSecond = 1'000'000;

std::string topology_of(const std::string& more = "") {
  return "name: shop\n"
         "schemas:\n"
         "  click: {id: {type: int64, required: true}, who: int64, at: timestamp}\n"
         "  purchase: {user: int64, cents: int64, at: timestamp}\n"
         "sources:\n"
         "  clicks: {type: http, path: /clicks, schema: click}\n"
         "  purchases: {type: http, path: /purchases, schema: purchase}\n"
         "servers: {api: {type: http}}\n"
         "stages:\n"
         "  bought: {type: features, input: purchases, key: [user], time: at, features: {n: count(*), cents: "
         "sum(cents), "
         "lately: {value: count(*), within: 10s}}, ttl: 100s}\n"
         "  seen: {type: enrich, input: clicks, features: bought, key: [who], time: at" +
         more +
         "}\n"
         "  out: {type: reduce, input: seen, aggregates: {n: count(*)}}\n";
}

struct Row {
  int64_t id, who, at;  // of a purchase the id is its cents
};

BatchPtr clicks(const SchemaPtr& schema, const std::vector<Row>& rows) {
  BatchBuilder builder(schema);
  for (const Row& row : rows) {
    builder.column(0).append_int64(row.id);
    builder.column(1).append_int64(row.who);
    builder.column(2).append_int64(row.at * kSecond);
  }
  return builder.finish();
}
BatchPtr purchases(const SchemaPtr& schema, const std::vector<Row>& rows) {
  BatchBuilder builder(schema);
  for (const Row& row : rows) {
    builder.column(0).append_int64(row.who);
    builder.column(1).append_int64(row.id);
    builder.column(2).append_int64(row.at * kSecond);
  }
  return builder.finish();
}

class Enriched {
 public:
  explicit Enriched(const std::string& more = "") : topology_(topology_of(more)) { restart(); }
  void restart() {
    aggregator_ = topology_.aggregator("seen");
    aggregator_->set_senders({0, 1});
    REQUIRE(aggregator_->open(StoredKeys(store_, "seen"), share).ok());
    epochs_ = 0;
  }
  void click(const std::vector<Row>& rows) { take(0, clicks(schema("clicks"), rows), rows); }
  void purchase(const std::vector<Row>& rows) { take(1, purchases(schema("bought.events"), rows), rows); }
  void end_epoch() {
    for (uint32_t input : {0u, 1u})
      tell(input);
    StageOutput out;
    REQUIRE(aggregator_->end_epoch(out).ok());
    note(out);
    WriteBatch write;
    write.append_delta("seen", std::move(out.changes));
    REQUIRE(store_.commit_and_wait(std::move(write)).status.ok());
    aggregator_->committed(++epochs_);
  }
  SchemaPtr schema(const std::string& id) const { return topology_.topology().find(id)->binding.output; }
  Aggregator& aggregator() { return *aggregator_; }

  std::multiset<std::string> lines;  // of the result, without the time
  std::string late;
  MemoryShare share;

 private:
  void tell(uint32_t input) {
    if (!latest_.contains(input))
      return;
    auto made = std::make_shared<EventProgress>();
    made->parts = {{0, 0, Timestamp{latest_[input] * kSecond}}};
    aggregator_->on_progress(input, made);
  }
  void take(size_t input, const BatchPtr& batch, const std::vector<Row>& rows) {
    for (const Row& row : rows)
      latest_[static_cast<uint32_t>(input)] = std::max(latest_[static_cast<uint32_t>(input)], row.at);
    StageOutput out;
    REQUIRE(aggregator_->process_input(input, batch, out).ok());
    note(out);
  }
  void note(const StageOutput& out) {
    CHECK(out.rejected.empty());
    for (const auto& [name, batch] : out.sides)
      late += name + ": " + batch->to_string();
    std::istringstream in(test::text(out));
    for (std::string line; std::getline(in, line);) {
      const size_t time = line.find("|1970-");
      lines.insert(line.substr(0, time) + line.substr(line.find('|', time + 1)));
    }
  }

  test::InTopology topology_;
  MemoryStore store_;
  std::unique_ptr<Aggregator> aggregator_;
  std::map<uint32_t, int64_t> latest_;
  uint64_t epochs_ = 0;
};

TEST_CASE("enrich gives a row the features of strictly before its own time, when these have come") {
  Enriched enriched;
  CHECK(enriched.schema("seen")->to_string() ==
        "id int64!, who int64, at timestamp, n int64!, cents int64, lately int64!");
  enriched.click({{1, 7, 100}, {2, 7, 101}, {3, 8, 102}});
  enriched.end_epoch();
  CHECK(enriched.lines.empty());  // no purchase has been seen yet
  enriched.purchase({{500, 7, 90}, {250, 7, 100}, {1, 7, 101}});
  enriched.end_epoch();
  CHECK(enriched.lines == std::multiset<std::string>{"1|7|1|500|1", "2|7|2|750|1"});
  enriched.purchase({{1, 9, 200}});
  enriched.end_epoch();
  CHECK(enriched.lines.contains("3|8|0|NULL|0"));
  CHECK(enriched.lines.size() == 3);
}

TEST_CASE("enrich answers at arrival with what is known, if told to") {
  Enriched enriched(", as_of: arrival, select: [cents], prefix: bought_");
  CHECK(enriched.schema("seen")->to_string() == "id int64!, who int64, at timestamp, bought_cents int64");
  enriched.purchase({{500, 7, 90}, {250, 7, 130}});
  enriched.click({{1, 7, 100}});
  CHECK(enriched.lines == std::multiset<std::string>{"1|7|750"});
}

TEST_CASE("enrich hands rows on to late that are older than its history") {
  Enriched enriched(", history: 60s");
  enriched.purchase({{1, 7, 100}, {1, 7, 120}, {1, 7, 1000}});
  enriched.click({{1, 7, 1000}});
  enriched.end_epoch();
  enriched.click({{2, 7, 110}, {3, 7, 1000}, {4, 7, 990}});
  CHECK(enriched.late == "late: 2|7|1970-01-01T00:01:50Z\n");
  CHECK(enriched.lines.contains("4|7|0|NULL|0"));  // 120 has expired by then
  CHECK(enriched.lines.size() == 3);
}

TEST_CASE("a silent stream of events holds rows back for the idle timeout only") {
  Enriched enriched;
  CHECK_FALSE(enriched.aggregator().waits_for_time());
  enriched.click({{1, 7, 100}});
  enriched.end_epoch();
  CHECK(enriched.aggregator().waits_for_time());
}

// What was bought before, counted anew for each click.
std::multiset<std::string> recount(const std::vector<Row>& seen, const std::vector<Row>& bought) {
  std::multiset<std::string> lines;
  for (const Row& click : seen) {
    std::vector<Row> own;
    for (const Row& row : bought)
      if (row.who == click.who && row.at < click.at)
        own.push_back(row);
    std::stable_sort(own.begin(), own.end(), [](const Row& a, const Row& b) { return a.at < b.at; });
    size_t begin = own.size();
    if (!own.empty() && click.at - own.back().at < 100)
      for (--begin; begin > 0 && own[begin].at - own[begin - 1].at < 100;)
        --begin;
    int64_t cents = 0, lately = 0;
    for (size_t i = begin; i < own.size(); ++i)
      cents += own[i].id, lately += click.at - own[i].at <= 10;
    lines.insert(std::to_string(click.id) + "|" + std::to_string(click.who) + "|" + std::to_string(own.size() - begin) +
                 "|" + (begin == own.size() ? "NULL" : std::to_string(cents)) + "|" + std::to_string(lately));
  }
  return lines;
}

TEST_CASE("enrich gives the same however rows and events are interleaved, through restarts and spilling") {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Random random(seed);
    std::vector<Row> seen, bought;
    int64_t now = 1000;
    for (int64_t id = 0; id < 400; ++id) {
      now += static_cast<int64_t>(random.below(5));
      seen.push_back({id, static_cast<int64_t>(random.below(20)), now});
    }
    now = 1000;
    for (int64_t id = 0; id < 400; ++id) {
      now += static_cast<int64_t>(random.below(5));
      bought.push_back({id, static_cast<int64_t>(random.below(15)), now});
    }
    const int64_t end = std::max(seen.back().at, bought.back().at) + 1;
    seen.push_back({1000, 99, end});
    bought.push_back({0, 98, end});
    Enriched enriched(seed % 2 == 0 ? ", memory: 4KiB" : "");
    enriched.share.limit = seed % 2 == 0 ? 6000 : 0;
    enriched.restart();
    for (size_t s = 0, b = 0; s < seen.size() || b < bought.size();) {
      // One stream may be far ahead of the other, as in a replay.
      const auto part = [&](std::vector<Row>& rows, size_t& at, uint64_t most) {
        const size_t until = std::min(rows.size(), at + random.below(most));
        const std::vector<Row> out(rows.begin() + static_cast<ptrdiff_t>(at),
                                   rows.begin() + static_cast<ptrdiff_t>(until));
        at = until;
        return out;
      };
      enriched.click(part(seen, s, seed % 3 == 0 ? 200 : 20));
      enriched.purchase(part(bought, b, seed % 3 == 1 ? 200 : 20));
      if (random.below(3) != 0)
        enriched.end_epoch();
      if (random.below(6) == 0) {
        enriched.end_epoch();
        enriched.restart();
      }
    }
    enriched.end_epoch();
    INFO("seed " << seed);
    CHECK(enriched.late.empty());
    CHECK(enriched.lines == recount(seen, bought));
  }
}

TEST_CASE("enrich says what is wrong with its properties") {
  const auto mistakes = [](const std::string& from, const std::string& to) {
    std::string text = topology_of(", select: [n]");
    text.replace(text.find(from), from.size(), to);
    return test::mistakes_of_topology(text);
  };
  CHECK_THAT(mistakes("select: [n]", "select: [m]"), Catch::Contains("bought has no feature \"m\""));
  CHECK_THAT(mistakes("key: [who]", "key: [whom]"), Catch::Contains("unknown-column"));
  CHECK_THAT(mistakes("key: [who]", "key: [who, id]"), Catch::Contains("bought is kept by 1 columns, and here 2"));
  CHECK_THAT(mistakes("key: [who]", "key: [at]"), Catch::Contains("bought is kept by user of type int64"));
  CHECK_THAT(mistakes("select: [n]", "prefix: \"\", select: [n]"), Catch::Equals(""));
  CHECK_THAT(mistakes("features: bought", "features: nobody"), Catch::Contains("there is no component \"nobody\""));
  CHECK_THAT(mistakes("features: bought", "features: out"), Catch::Contains("unknown-output"));
  CHECK_THAT(mistakes("{id: {type: int64, required: true}", "{n: {type: int64, required: true}, id: int64"),
             Catch::Contains("the rows have a column n already"));
}

}  // namespace
}  // namespace penstock
