// State that outgrows its memory: what is left to the table alone must never show in a result.
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>

#include "actors/aggregators/history.h"
#include "actors/aggregators/resident_keys.h"
#include "core/random.h"
#include "storage/memory_store.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Role;

const SchemaPtr kSchema = test::schema({{"shop", Type::kString}, {"amount", Type::kInt64}});

Made by_shop() {
  return Made(
      Role::kStage, "reduce",
      "group_by: [shop]\naggregates: {n: count(*), sum: sum(amount), kinds: count(distinct amount), spread: "
      "variance(amount), approx: approx_count_distinct(amount), half: median(amount), best: 'top_k(amount, 2)'}",
      {{"in", kSchema, false, {}}});
}

BatchPtr sales(Random& random, size_t rows, uint64_t shops) {
  BatchBuilder builder(kSchema);
  for (size_t i = 0; i < rows; ++i) {
    const uint64_t shop = random.below(shops + 1);
    shop == shops ? builder.column(0).append_null() : builder.column(0).append_string("shop" + std::to_string(shop));
    builder.column(1).append_int64(static_cast<int64_t>(random.below(7)));
  }
  return builder.finish();
}

// An aggregator as a region runs it: epochs are committed some time after their end, in order.
class Running {
 public:
  Running(const Made& made, Store& store, uint64_t limit) : made_(made), store_(store), limit_(limit) { start(); }

  void process(const BatchPtr& batch) { test::process(*aggregator_, batch); }
  /// What it emits.
  std::string end_epoch() {
    StageOutput out;
    aggregator_->committed(committed_);
    REQUIRE(aggregator_->end_epoch(out).ok());
    uncommitted_.push_back(std::move(out.changes));
    return test::text(out);
  }
  void commit_oldest() {
    if (uncommitted_.empty())
      return;
    WriteBatch write;
    write.append_delta("it", std::move(uncommitted_.front()));
    uncommitted_.pop_front();
    REQUIRE(store_.commit_and_wait(std::move(write)).status.ok());
    ++committed_;
  }
  void commit_all() {
    while (!uncommitted_.empty())
      commit_oldest();
  }
  void crash() {
    uncommitted_.clear();
    committed_ = 0;
    start();
  }
  Aggregator& aggregator() { return *aggregator_; }
  uint64_t reported() const { return reported_; }
  bool overdrawn() const { return overdrawn_; }

 private:
  void start() {
    aggregator_ = made_.aggregator();
    MemoryShare share{limit_, [this](uint64_t bytes) { reported_ = bytes; }, {}, [this](bool is) { overdrawn_ = is; }};
    REQUIRE(aggregator_->open(StoredKeys(store_, "it"), std::move(share)).ok());
  }

  const Made& made_;
  Store& store_;
  const uint64_t limit_;
  std::unique_ptr<Aggregator> aggregator_;
  std::deque<Delta> uncommitted_;
  uint64_t committed_ = 0;
  uint64_t reported_ = 0;
  bool overdrawn_ = false;
};

std::map<std::string, int> lines(const BatchPtr& rows) {
  std::map<std::string, int> out;
  for (size_t i = 0; i < rows->rows(); ++i)
    ++out[rows->slice(i, 1)->to_string()];
  return out;
}

TEST_CASE("a reduce that spills answers as one that holds everything") {
  const Made made = by_shop();
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    MemoryStore store({.synchronous = true});
    Running small(made, store, 1024 + random.below(4000));
    const auto whole = made.aggregator();
    for (int epoch = 0; epoch < 60; ++epoch) {
      for (uint64_t batches = random.below(3); batches > 0; --batches) {
        const BatchPtr batch = sales(random, 1 + random.below(40), 90);
        small.process(batch);
        test::process(*whole, batch);
      }
      small.end_epoch();
      for (uint64_t commits = random.below(3); commits > 0; --commits)
        small.commit_oldest();
      for (int i = 0; i < 5; ++i) {
        const std::vector<std::string> key = {"shop" + std::to_string(random.below(95))};
        const BatchPtr expected = whole->lookup(key).value(), found = small.aggregator().lookup(key).value();
        REQUIRE((found ? found->to_string() : "none") == (expected ? expected->to_string() : "none"));
      }
    }
    small.commit_all();
    CHECK(small.aggregator().keys() < whole->keys());
    CHECK(lines(small.aggregator().read_all(1000).value()) == lines(whole->read_all(1000).value()));
    CHECK(small.aggregator().read_all(70).value()->rows() == 70);
  }
}

TEST_CASE("a reduce that spills loses and doubles nothing when it crashes with epochs uncommitted") {
  const Made made = by_shop();
  Random random(5);
  MemoryStore store({.synchronous = true});
  Running small(made, store, 3000);
  const auto whole = made.aggregator();
  std::deque<BatchPtr> uncommitted;  // one an epoch
  for (int step = 0; step < 2000; ++step) {
    const uint64_t choice = random.below(20);
    if (choice == 0) {
      small.crash();
      for (const BatchPtr& batch : uncommitted) {
        small.process(batch);
        small.end_epoch();
      }
    } else if (choice < 8 && uncommitted.size() < 4) {
      uncommitted.push_back(sales(random, 1 + random.below(30), 60));
      small.process(uncommitted.back());
      small.end_epoch();
    } else if (!uncommitted.empty()) {
      small.commit_oldest();
      test::process(*whole, uncommitted.front());
      uncommitted.pop_front();
    }
  }
  CHECK(small.aggregator().keys() < 60);
  small.commit_all();
  for (const BatchPtr& batch : uncommitted)
    test::process(*whole, batch);
  CHECK(lines(small.aggregator().read_all(1000).value()) == lines(whole->read_all(1000).value()));
}

TEST_CASE("a reduce takes up no more of its table than its share allows") {
  const Made made = by_shop();
  MemoryStore store({.synchronous = true});
  Random random(9);
  {
    Running all(made, store, 0);
    for (int i = 0; i < 50; ++i)
      all.process(sales(random, 1000, 20'000));
    all.end_epoch();
    all.commit_all();
    CHECK(all.aggregator().keys() > 15'000);
  }
  Running small(made, store, 100'000);
  CHECK(small.aggregator().keys() > 100);
  CHECK(small.reported() <= 100'000);
  CHECK(small.aggregator().memory() <= 100'000);
}

TEST_CASE("a reduce says that it is overdrawn until what it holds is committed") {
  const Made made = by_shop();
  MemoryStore store({.synchronous = true});
  Random random(9);
  Running small(made, store, 10'000);
  small.process(sales(random, 2000, 2'000));
  small.end_epoch();
  CHECK(small.overdrawn());
  CHECK(small.reported() > 10'000);
  small.commit_all();
  small.end_epoch();
  CHECK_FALSE(small.overdrawn());
  CHECK(small.reported() <= 10'000);
}

// Rows as a view emits them: some keys again, with other numbers.
BatchPtr standings(Random& random, size_t rows) {
  BatchBuilder builder(kSchema);
  for (size_t i = 0; i < rows; ++i) {
    builder.column(0).append_string("shop" + std::to_string(random.below(80)));
    random.below(9) == 0 ? builder.column(1).append_null()
                         : builder.column(1).append_int64(static_cast<int64_t>(random.below(30)));
  }
  return builder.finish();
}

TEST_CASE("a sort whose order moved to the table answers and emits as one that holds everything") {
  for (const std::string cut : {"", "\nlimit: 12"}) {
    const Made made(Role::kStage, "sort", "by: [amount desc nulls last, shop]" + cut,
                    {{"in", kSchema, true, {"shop"}}});
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      INFO("seed " << seed << cut);
      Random random(seed);
      MemoryStore store({.synchronous = true});
      Running small(made, store, 3000);
      const auto whole = made.aggregator();
      for (int epoch = 0; epoch < 60; ++epoch) {
        const BatchPtr batch = standings(random, random.below(20));
        small.process(batch);
        test::process(*whole, batch);
        StageOutput expected;
        REQUIRE(whole->end_epoch(expected).ok());
        REQUIRE(small.end_epoch() == test::text(expected));
        for (uint64_t commits = random.below(3); commits > 0; --commits)
          small.commit_oldest();
        REQUIRE(small.aggregator().read_all(1000).value()->to_string() == whole->read_all(1000).value()->to_string());
        REQUIRE(small.aggregator().read_all(5).value()->to_string() == whole->read_all(5).value()->to_string());
        const std::vector<std::string> rank = {std::to_string(1 + random.below(90))};
        const BatchPtr row = small.aggregator().lookup(rank).value(), same = whole->lookup(rank).value();
        REQUIRE((row ? row->to_string() : "none") == (same ? same->to_string() : "none"));
      }
      small.commit_all();
      small.end_epoch();
      CHECK(small.aggregator().memory() == 0);
      CHECK(small.reported() == 0);
    }
  }
}

TEST_CASE("a sort whose order moved to the table loses and doubles nothing when it crashes with epochs uncommitted") {
  const Made made(Role::kStage, "sort", "by: [amount desc, shop]", {{"in", kSchema, true, {"shop"}}});
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    MemoryStore store({.synchronous = true});
    Running small(made, store, 3000);
    const auto whole = made.aggregator();
    std::deque<BatchPtr> uncommitted;  // one an epoch
    for (int step = 0; step < 500; ++step) {
      const uint64_t choice = random.below(20);
      if (choice == 0) {
        small.crash();
        for (const BatchPtr& batch : uncommitted) {
          small.process(batch);
          small.end_epoch();
        }
      } else if (choice < 8 && uncommitted.size() < 4) {
        uncommitted.push_back(standings(random, 1 + random.below(20)));
        small.process(uncommitted.back());
        small.end_epoch();
      } else if (!uncommitted.empty()) {
        small.commit_oldest();
        test::process(*whole, uncommitted.front());
        uncommitted.pop_front();
      }
    }
    small.commit_all();
    for (const BatchPtr& batch : uncommitted)
      test::process(*whole, batch);
    CHECK(small.aggregator().read_all(1000).value()->to_string() == whole->read_all(1000).value()->to_string());
    small.crash();
    CHECK(small.aggregator().memory() == 0);  // nothing is loaded at the start
    CHECK(small.aggregator().read_all(1000).value()->to_string() == whole->read_all(1000).value()->to_string());
  }
}

// u1{a:2 b:1}
std::string text(const History& history, const std::string& user) {
  std::string out = "u" + user + "{";
  if (const auto found = history.user(user))
    for (const HistoryItem& item : *found->items)
      out += " " + history.ids()->id(item.item) + ":" + std::to_string(static_cast<int>(item.weight));
  return out + "}";
}

TEST_CASE("a history that spills knows every user and item as one that holds everything, also after a restart") {
  const SchemaPtr schema = test::schema({{"user", Type::kInt64}, {"item", Type::kString}, {"stars", Type::kFloat64}});
  const Made made(Role::kModel, "popularity", "user: user\nitem: item\nweight: stars", {{"in", schema, false, {}}});
  const auto history = [&] {
    auto out = make_history(made.context());
    REQUIRE(out.ok());
    return std::unique_ptr<History>(dynamic_cast<History*>(out.value().release()));
  };
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    MemoryStore store({.synchronous = true});
    const auto whole = history();
    auto small = history();
    const auto open = [&] { REQUIRE(small->open(StoredKeys(store, "it"), {12'000, {}, {}, {}}).ok()); };
    open();
    uint64_t committed = 0;
    for (int epoch = 0; epoch < 40; ++epoch) {
      BatchBuilder builder(schema);
      for (uint64_t i = 1 + random.below(60); i > 0; --i) {
        builder.column(0).append_int64(static_cast<int64_t>(random.below(200)));
        builder.column(1).append_string("i" + std::to_string(random.below(12)));
        builder.column(2).append_float64(static_cast<double>(1 + random.below(4)));
      }
      const BatchPtr batch = builder.finish();
      test::process(*whole, batch);
      test::process(*small, batch);
      StageOutput out;
      small->committed(committed);
      REQUIRE(small->end_epoch(out).ok());
      WriteBatch write;
      write.append_delta("it", std::move(out.changes));
      REQUIRE(store.commit_and_wait(std::move(write)).status.ok());
      ++committed;
      if (random.below(10) == 0) {
        small = history();
        open();
        committed = 0;
      }
      const std::string user = std::to_string(random.below(210));
      REQUIRE(text(*small, user) == text(*whole, user));
      const BatchPtr row = small->lookup({user}).value(), expected = whole->lookup({user}).value();
      REQUIRE((row ? row->to_string() : "none") == (expected ? expected->to_string() : "none"));
      std::map<std::string, uint64_t> users, expected_users;
      for (const auto& item : small->popular(100))
        users[small->ids()->id(item.item)] = item.users;
      for (const auto& item : whole->popular(100))
        expected_users[whole->ids()->id(item.item)] = item.users;
      REQUIRE(users == expected_users);
    }
    CHECK(small->keys() < whole->keys() / 2);
    CHECK(lines(small->read_all(1000).value()) == lines(whole->read_all(1000).value()));
    // Fans are those in memory, each once, with the right weight.
    for (uint32_t item = 0; item < small->ids()->size(); ++item) {
      const auto fans = small->fans(item, 1000);
      for (const auto& [user, weight] : fans) {
        CHECK(std::count_if(fans.begin(), fans.end(), [&](const auto& fan) { return fan.first == user; }) == 1);
        CHECK_THAT(text(*whole, user), Catch::Contains(small->ids()->id(item) + ":" + std::to_string(int(weight))));
      }
    }
  }
}

TEST_CASE("where the node is full, keys go by a quarter, the coldest first, down to a megabyte") {
  MemoryStore store({.synchronous = true});
  bool full = false;
  ResidentKeys keys;
  const auto none = [](std::string_view, std::string_view) { return ok(); };
  REQUIRE(keys.open(StoredKeys(store, "it"), {0, {}, [&] { return full; }, {}}, none).ok());
  for (int i = 0; i < 4; ++i) {
    const std::string key = "key" + std::to_string(i);
    const uint32_t slot = keys.insert(key, hash_key(key));
    keys.set_bytes(slot, 1 << 20);
    keys.touch(slot);
    keys.end_epoch();
  }
  full = true;
  CHECK(keys.to_spill().empty());  // nothing is committed
  keys.committed(2);
  CHECK(keys.to_spill() == std::vector<uint32_t>{0, 1});
  keys.touch(0);
  keys.committed(3);
  CHECK(keys.to_spill() == std::vector<uint32_t>{1, 2});
  full = false;
  CHECK(keys.to_spill().empty());
}

}  // namespace
}  // namespace penstock
