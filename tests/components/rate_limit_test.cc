#include "actors/aggregators/rate_limit.h"

#include <catch2/catch.hpp>
#include <map>

#include "core/random.h"
#include "storage/memory_store.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Input;
using topology::Role;

const SchemaPtr kSchema = test::schema({{"id", Type::kInt64, true}, {"user", Type::kInt64}, {"at", Type::kTimestamp}});
const std::vector<Input> kInputs = {{"in", kSchema, false, {}}};

struct Row {
  int64_t id, user, at;  // microseconds
};

BatchPtr batch_of(const std::vector<Row>& rows) {
  BatchBuilder builder(kSchema);
  for (const Row& row : rows) {
    builder.column(0).append_int64(row.id);
    builder.column(1).append_int64(row.user);
    builder.column(2).append_int64(row.at);
  }
  return builder.finish();
}

struct Judged {
  std::vector<int64_t> through, limited;
  bool operator==(const Judged&) const = default;
};

void judge(Aggregator& aggregator, const BatchPtr& batch, Judged& judged) {
  StageOutput out;
  REQUIRE(aggregator.process(batch, out).ok());
  const auto add = [](const BatchPtr& part, std::vector<int64_t>& ids) {
    for (size_t i = 0; i < part->rows(); ++i)
      ids.push_back(part->column(0)->int64s()[part->row(i)]);
  };
  for (const BatchPtr& part : out.batches)
    add(part, judged.through);
  for (const auto& [name, part] : out.sides) {
    CHECK(name == "limited");
    add(part, judged.limited);
  }
}

TEST_CASE("rate_limit lets a burst through, then as many as refill") {
  const auto limit = Made(Role::kStage, "rate_limit", "time: at\nrows: 2\nper: 1s\nby: [user]", kInputs).aggregator();
  Judged judged;
  judge(*limit,
        batch_of({{1, 1, 0}, {2, 1, 0}, {3, 1, 0}, {4, 2, 0}, {5, 1, 499'999}, {6, 1, 500'000}, {7, 1, 500'001}}),
        judged);
  CHECK(judged.through == std::vector<int64_t>{1, 2, 4, 6});
  CHECK(judged.limited == std::vector<int64_t>{3, 5, 7});
  judge(*limit, batch_of({{8, 1, 60'000'000}, {9, 1, 60'000'000}, {10, 1, 60'000'000}, {11, 1, 10}}), judged);
  CHECK(judged.limited == std::vector<int64_t>{3, 5, 7, 10, 11});  // 11 is old: judged as of 60 s
}

TEST_CASE("rate_limit has a burst of its own, and one bucket for all rows without a key") {
  const auto limit = Made(Role::kStage, "rate_limit", "time: at\nrows: 1\nper: 1s\nburst: 3", kInputs).aggregator();
  Judged judged;
  judge(*limit, batch_of({{1, 1, 0}, {2, 2, 0}, {3, 3, 0}, {4, 4, 0}, {5, 5, 1'000'000}, {6, 6, 1'000'000}}), judged);
  CHECK(judged.through == std::vector<int64_t>{1, 2, 3, 5});
}

TEST_CASE("rate_limit rejects a row without a time") {
  const auto limit = Made(Role::kStage, "rate_limit", "time: at\nrows: 1", kInputs).aggregator();
  StageOutput out;
  REQUIRE(limit->process(test::rows_at(kSchema, R"({"id":1,"user":1,"at":null})", 7), out).ok());
  CHECK(test::reasons(out) == "rate_limit: at is null @7\n");
}

// Tokens as fractions, one row at a time.
class Oracle {
 public:
  Oracle(double rows, double per, double burst) : rate_(rows / per), burst_(burst) {}
  bool take(int64_t user, int64_t at) {
    auto [entry, fresh] = buckets_.try_emplace(user, Bucket{at, burst_});
    Bucket& bucket = entry->second;
    if (at > bucket.at) {
      bucket.tokens = std::min(burst_, bucket.tokens + static_cast<double>(at - bucket.at) * rate_);
      bucket.at = at;
    }
    if (bucket.tokens < 1 - 1e-9)
      return false;
    bucket.tokens -= 1;
    return true;
  }

 private:
  struct Bucket {
    int64_t at;
    double tokens;
  };
  double rate_, burst_;
  std::map<int64_t, Bucket> buckets_;
};

TEST_CASE("rate_limit agrees with tokens counted one row at a time, through restarts and spilling") {
  const Made made(Role::kStage, "rate_limit", "time: at\nrows: 3\nper: 7ms\nburst: 5\nby: [user]", kInputs);
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    Random random(seed);
    Oracle oracle(3, 7000, 5);
    MemoryStore store;
    MemoryShare share;
    share.limit = seed % 2 == 0 ? 2500 : 0;  // some 20 keys of 60
    Judged judged, expected;
    int64_t id = 0, now = 0;
    auto limit = made.aggregator();
    REQUIRE(limit->open(StoredKeys(store, "it"), share).ok());
    uint64_t epochs = 0;
    for (int epoch = 0; epoch < 40; ++epoch) {
      for (uint64_t batches = random.below(3) + 1; batches > 0; --batches) {
        std::vector<Row> rows;
        for (uint64_t count = random.below(40); count > 0; --count) {
          now += static_cast<int64_t>(random.below(60));
          rows.push_back({++id, static_cast<int64_t>(random.below(60)), now - static_cast<int64_t>(random.below(200))});
          const Row& row = rows.back();
          (oracle.take(row.user, row.at) ? expected.through : expected.limited).push_back(row.id);
        }
        Judged part;
        judge(*limit, batch_of(rows), part);
        judged.through.insert(judged.through.end(), part.through.begin(), part.through.end());
        judged.limited.insert(judged.limited.end(), part.limited.begin(), part.limited.end());
      }
      StageOutput out;
      REQUIRE(limit->end_epoch(out).ok());
      WriteBatch batch;
      batch.append_delta("it", std::move(out.changes));
      REQUIRE(store.commit_and_wait(std::move(batch)).status.ok());
      limit->committed(++epochs);
      if (random.below(4) == 0) {
        limit = made.aggregator();
        REQUIRE(limit->open(StoredKeys(store, "it"), share).ok());
        epochs = 0;
      }
    }
    CHECK(judged == expected);
    CHECK(judged.limited.size() > 50);
    CHECK((limit->keys() < 60) == (share.limit > 0));
  }
}

TEST_CASE("rate_limit says what is wrong with its properties") {
  const auto mistakes = [](const char* yaml) { return test::mistakes(Role::kStage, "rate_limit", yaml, kInputs); };
  CHECK_THAT(mistakes("rows: 3"), Catch::Contains("time"));
  CHECK_THAT(mistakes("time: user\nrows: 3"), Catch::Contains("wrong-type"));
  CHECK_THAT(mistakes("time: at\nrows: 0"), Catch::Contains("out-of-bounds"));
  CHECK_THAT(mistakes("time: at\nrows: 3\nworkers: 2"), Catch::Contains("without `by`"));
  CHECK_THAT(mistakes("time: at\nrows: 3\nby: [usr]"), Catch::Contains("did you mean user?"));
}

}  // namespace
}  // namespace penstock
