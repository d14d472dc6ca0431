// Windows of random streams against a recount: out of order, with equal times, nulls, late rows, several partitions and
// workers, restarts at any moment, and memory for a part of the state only.
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <set>

#include "actors/aggregators/window.h"
#include "actors/regions/event_clock.h"
#include "core/random.h"
#include "storage/memory_store.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Role;

const SchemaPtr kSchema =
    test::schema({{"shop", Type::kString}, {"at", Type::kTimestamp}, {"amount", Type::kInt64}, {"id", Type::kInt64}});
constexpr uint32_t kPartitions = 2;

struct Row {
  std::optional<std::string> shop;
  int64_t at;
  std::optional<int64_t> amount;
  int64_t id;
};
using Epoch = std::vector<std::pair<uint32_t, std::vector<Row>>>;  // batches, by partition

struct Kind {
  std::string yaml;
  int64_t size = 0, slide = 0, gap = 0;
  int64_t lateness = 0;
};

// Times are up to `disorder` behind the latest of their partition; some more than that if `late`.
std::vector<Epoch> random_stream(Random& random, int64_t disorder, bool late, uint64_t shops) {
  std::vector<Epoch> out;
  int64_t now = 1'000'000, id = 0;
  std::vector<int64_t> latest(kPartitions, now);
  for (int e = 0; e < 60; ++e) {
    Epoch& epoch = out.emplace_back();
    for (uint64_t b = random.below(4); b > 0 || (e == 0 && epoch.size() < kPartitions); b -= b > 0) {
      const auto partition = static_cast<uint32_t>(e == 0 ? epoch.size() % kPartitions : random.below(kPartitions));
      std::vector<Row> rows;
      for (uint64_t i = 1 + random.below(12); i > 0; --i) {
        Row row;
        if (random.below(15) > 0)
          row.shop = "s" + std::to_string(random.below(shops));
        now += static_cast<int64_t>(random.below(random.below(12) == 0 ? 900 : 30));
        row.at = now;
        if (disorder > 0)
          row.at = std::max(now - static_cast<int64_t>(random.below(disorder)), latest[partition] - disorder + 1);
        if (late && random.below(4) == 0)
          row.at -= static_cast<int64_t>(random.below(1500));
        latest[partition] = std::max(latest[partition], row.at);
        if (random.below(6) > 0)
          row.amount = static_cast<int64_t>(random.below(50));
        row.id = id++;
        rows.push_back(row);
      }
      epoch.emplace_back(partition, std::move(rows));
    }
  }
  Epoch& last = out.emplace_back();  // closes all that came before
  for (uint32_t p = 0; p < kPartitions; ++p)
    last.push_back({p, {{"end", now + 1'000'000, std::nullopt, -1}}});
  return out;
}

BatchPtr batch_of(const std::vector<Row>& rows, uint32_t partition) {
  BatchBuilder builder(kSchema);
  for (const Row& row : rows) {
    row.shop ? builder.column(0).append_string(*row.shop) : builder.column(0).append_null();
    builder.column(1).append_int64(row.at);
    row.amount ? builder.column(2).append_int64(*row.amount) : builder.column(2).append_null();
    builder.column(3).append_int64(row.id);
  }
  return builder.finish()->with_origin({Partition(partition), Offset(0), {}, nullptr, 0});
}

using Lines = std::multiset<std::string>;
struct Found {
  Lines closed, late;
};

std::string line(const std::optional<std::string>& shop, int64_t begin, int64_t end, const std::vector<Row>& rows) {
  int64_t sum = 0;
  std::set<int64_t> amounts;
  const Row* first = nullptr;
  for (const Row& row : rows) {
    if (row.amount)
      sum += *row.amount, amounts.insert(*row.amount);
    if (!first || std::pair(row.at, row.id) < std::pair(first->at, first->id))
      first = &row;
  }
  return shop.value_or("NULL") + "|" + std::to_string(begin) + "|" + std::to_string(end) + "|" +
         std::to_string(rows.size()) + "|" + (amounts.empty() ? "NULL" : std::to_string(sum)) + "|" +
         std::to_string(amounts.size()) + "|" + std::to_string(first->id);
}

// All rows of each window, told by the rule in docs/streams.md.
Found recount(const Kind& kind, const std::vector<Epoch>& stream) {
  Found out;
  std::map<uint32_t, int64_t> latest;
  int64_t watermark = INT64_MIN;
  using Shop = std::optional<std::string>;
  std::map<std::pair<Shop, int64_t>, std::vector<Row>> windows;
  std::map<Shop, std::vector<Row>> all;
  for (const Epoch& epoch : stream) {
    for (const auto& [partition, rows] : epoch)
      for (const Row& row : rows) {
        latest[partition] = std::max(latest.count(partition) ? latest[partition] : INT64_MIN, row.at);
        bool counted = kind.gap > 0;
        if (kind.gap > 0)
          all[row.shop].push_back(row);
        else
          for (int64_t begin = row.at - row.at % kind.slide; begin > row.at - kind.size; begin -= kind.slide)
            if (begin + kind.size > watermark)
              counted = true, windows[{row.shop, begin}].push_back(row);
        if (!counted)
          out.late.insert(std::to_string(row.id));
      }
    watermark = INT64_MAX;
    for (const auto& [partition, time] : latest)
      watermark = std::min(watermark, time - kind.lateness);
    if (latest.empty())
      watermark = INT64_MIN;
  }
  for (const auto& [at, rows] : windows)
    if (at.second + kind.size <= watermark)
      out.closed.insert(line(at.first, at.second, at.second + kind.size, rows));
  for (auto& [shop, rows] : all) {
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.at < b.at; });
    for (size_t from = 0, to = 0; from < rows.size(); from = to) {
      for (to = from + 1; to < rows.size() && rows[to].at - rows[to - 1].at < kind.gap;)
        ++to;
      if (rows[to - 1].at + kind.gap <= watermark)
        out.closed.insert(
            line(shop, rows[from].at, rows[to - 1].at + kind.gap, {rows.begin() + from, rows.begin() + to}));
    }
  }
  return out;
}

struct Ways {
  uint32_t workers = 1;
  uint64_t memory = 0;
  bool crashes = false;
  size_t batch = SIZE_MAX;  // rows
};

// As a region runs its workers: an exchange before them, epochs committed some time after their end.
class Region {
 public:
  Region(const Kind& kind, const Ways& ways, uint64_t seed)
      : made_(Role::kStage, "window",
              "time: at\ngroup_by: [shop]\naggregates: {n: count(*), sum: sum(amount), kinds: count(distinct amount), "
              "first: 'first(id ORDER BY at)'}\nallowed_lateness: " +
                  std::to_string(kind.lateness) + "us\n" + kind.yaml,
              {{"in", kSchema, false, {}}}),
        ways_(ways),
        random_(seed) {
    start();
  }

  Found run(const std::vector<Epoch>& stream) {
    for (size_t next = 0; next < stream.size() || !open_.empty();) {
      const uint64_t choice = random_.below(ways_.crashes ? 12 : 11);
      if (choice == 11) {
        next -= open_.size();
        open_.clear();
        start();
      } else if (choice < 6 && next < stream.size() && open_.size() < 4) {
        open_.push_back(epoch(stream[next++]));
      } else if (!open_.empty()) {
        commit();
      }
    }
    return std::move(found_);
  }
  size_t keys() const {
    size_t keys = 0;
    for (const auto& worker : workers_)
      keys += worker->keys();
    return keys;
  }
  Lines open_windows() const {
    Lines out;
    for (const auto& worker : workers_)
      add_lines(*worker->read_all(SIZE_MAX).value(), out);
    return out;
  }
  size_t stored() const {
    size_t count = 0;
    REQUIRE(store_
                .scan("it", "",
                      [&](std::string_view key, std::string_view) {
                        count += !Watermark::is_key(key);
                        return true;
                      })
                .ok());
    return count;
  }

 private:
  struct Open {
    std::vector<StageOutput> outs;  // by worker
  };

  void start() {
    workers_.clear();
    clock_ = EventClock(1);
    committed_ = 0;
    for (uint32_t w = 0; w < ways_.workers; ++w) {
      workers_.push_back(made_.aggregator());
      REQUIRE(workers_.back()->open(StoredKeys(store_, "it", w, ways_.workers), {.limit = ways_.memory}).ok());
    }
  }

  Open epoch(const Epoch& epoch) {
    Open open{std::vector<StageOutput>(ways_.workers)};
    for (const auto& [partition, rows] : epoch) {
      const BatchPtr whole = batch_of(rows, partition);
      for (size_t from = 0; from < whole->rows(); from += std::min(ways_.batch, whole->rows()))
        send(whole->slice(from, std::min(ways_.batch, whole->rows() - from)), open);
    }
    for (uint32_t w = 0; w < ways_.workers; ++w) {
      workers_[w]->on_progress(0, clock_.progress());
      workers_[w]->committed(committed_);
      const Status status = workers_[w]->end_epoch(open.outs[w]);
      INFO(status.message());
      REQUIRE(status.ok());
    }
    return open;
  }

  void send(const BatchPtr& batch, Open& open) {
    const EventProgressPtr before = clock_.progress();
    clock_.observe(*batch);
    std::vector<Selection> rows(ways_.workers);
    const size_t shop = 0;
    for (size_t i = 0; i < batch->rows(); ++i) {
      std::string key;
      append_key(*batch, {&shop, 1}, batch->row(i), key);
      rows[route_key(key, ways_.workers)].push_back(static_cast<uint32_t>(batch->row(i)));
    }
    for (uint32_t w = 0; w < ways_.workers; ++w) {
      if (rows[w].empty())
        continue;
      workers_[w]->on_progress(0, before);
      const Status status = workers_[w]->process(batch->select(rows[w]), open.outs[w]);
      INFO(status.message());
      REQUIRE(status.ok());
    }
  }

  void commit() {
    WriteBatch write;
    for (StageOutput& out : open_.front().outs) {
      write.append_delta("it", std::move(out.changes));
      for (const BatchPtr& batch : out.batches)
        add_lines(*batch, found_.closed);
      for (const auto& [output, batch] : out.sides)
        for (size_t i = 0; i < batch->rows(); ++i)
          found_.late.insert(batch->column(3)->to_string(batch->row(i)));
      REQUIRE(out.rejected.empty());
    }
    REQUIRE(store_.commit_and_wait(std::move(write)).status.ok());
    open_.pop_front();
    ++committed_;
  }

  static void add_lines(const RecordBatch& batch, Lines& out) {
    for (size_t i = 0; i < batch.rows(); ++i) {
      std::string text = batch.column(0)->to_string(i);
      for (size_t c = 1; c < batch.schema()->size(); ++c)
        text += "|" + (c < 3 ? std::to_string(batch.column(c)->int64s()[i]) : batch.column(c)->to_string(i));
      out.insert(text);
    }
  }

  Made made_;
  const Ways ways_;
  Random random_;
  MemoryStore store_{{.synchronous = true}};
  std::vector<std::unique_ptr<Aggregator>> workers_;
  EventClock clock_{1};
  std::deque<Open> open_;
  uint64_t committed_ = 0;
  Found found_;
};

std::vector<Kind> kinds(int64_t lateness) {
  return {{"every: 100us", 100, 100, 0, lateness},
          {"size: 100us\nslide: 20us", 100, 20, 0, lateness},
          {"size: 700us\nslide: 70us", 700, 70, 0, lateness},
          {"size: 100us\nslide: 30us", 100, 30, 0, lateness},
          {"size: 1ms\nslide: 25us", 1000, 25, 0, lateness},
          {"session_gap: 120us", 0, 0, 120, lateness}};
}

void check(const Kind& kind, const std::vector<Epoch>& stream, const Found& expected, const Ways& ways, uint64_t seed) {
  INFO(kind.yaml << ", seed " << seed << ", " << ways.workers << " workers, memory " << ways.memory);
  Region region(kind, ways, seed);
  const Found found = region.run(stream);
  CHECK(found.closed == expected.closed);
  CHECK(found.late == expected.late);
  CHECK(region.open_windows().size() >= 1);  // of the last row
  CHECK(region.keys() <= 1);
  CHECK(region.stored() <= 1);
}

TEST_CASE("windows agree with a recount, whatever the order, the workers, the batches and the memory") {
  for (uint64_t seed = 0; seed < 5; ++seed)
    for (const int64_t disorder : {0, 300})
      for (const Kind& kind : kinds(disorder)) {
        Random random(seed * 2 + (disorder > 0));
        const std::vector<Epoch> stream = random_stream(random, disorder, false, 2 + seed * 3);
        const Found expected = recount(kind, stream);
        REQUIRE(expected.closed.size() > 20);
        REQUIRE(expected.late.empty());
        check(kind, stream, expected, {}, seed);
        check(kind, stream, expected, {.workers = 3, .crashes = true, .batch = 3}, seed);
        check(kind, stream, expected, {.workers = 2, .memory = 1500, .crashes = true}, seed);
        check(kind, stream, expected, {.memory = 1024, .batch = 1}, seed);
      }
}

TEST_CASE("late rows of windows that overlap count in those that are open, and go to the late output else") {
  for (uint64_t seed = 100; seed < 108; ++seed)
    for (const Kind& kind : kinds(200)) {
      if (kind.gap > 0)
        continue;
      Random random(seed);
      const std::vector<Epoch> stream = random_stream(random, 200, true, kind.size / kind.slide > 10 ? 2 : 6);
      const Found expected = recount(kind, stream);
      REQUIRE(expected.late.size() > (kind.size < 1000 ? 5 : 0));
      check(kind, stream, expected, {}, seed);
      check(kind, stream, expected, {.workers = 2, .memory = 1500, .crashes = true, .batch = 2}, seed);
    }
}

TEST_CASE("every row is in exactly one session or late") {
  for (uint64_t seed = 200; seed < 215; ++seed) {
    const Kind kind{"session_gap: 120us", 0, 0, 120, 200};
    Random random(seed);
    const std::vector<Epoch> stream = random_stream(random, 200, true, 6);
    size_t rows = 0;
    for (const Epoch& epoch : stream)
      for (const auto& [partition, batch] : epoch)
        rows += batch.size();
    const Found whole = Region(kind, {}, seed).run(stream);
    const Found other = Region(kind, {.workers = 3, .memory = 3000, .crashes = true, .batch = 1}, seed).run(stream);
    INFO("seed " << seed);
    CHECK(whole.closed == other.closed);
    CHECK(whole.late == other.late);
    size_t counted = whole.late.size() + kPartitions;  // the last rows' session is open
    for (const std::string& text : whole.closed) {
      size_t at = 0;
      for (int i = 0; i < 3; ++i)
        at = text.find('|', at) + 1;
      counted += std::stoul(text.substr(at));
    }
    CHECK(counted == rows);
  }
}

}  // namespace
}  // namespace penstock
