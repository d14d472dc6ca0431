#include "actors/sources/log_appender.h"

#include <catch2/catch.hpp>
#include <set>

#include "storage/memory_store.h"
#include "tests/support/plan_of.h"

using namespace penstock;
using namespace penstock::testing;

namespace {

const Schema kSchema({{"n", Type::kInt64, true}});

BatchPtr rows(std::vector<int64_t> values) {
  return RecordBatch::make(std::make_shared<const Schema>(kSchema), {Column::int64s(std::move(values))});
}

// `p0:1 2 p1:3`
std::string render(const std::vector<LogAppender::Part>& parts) {
  std::string out;
  for (const LogAppender::Part& part : parts) {
    out += (out.empty() ? "p" : " p") + std::to_string(part.partition.value()) + ":";
    for (size_t i = 0; i < part.batch->rows(); ++i)
      out += (i == 0 ? "" : " ") + part.batch->column(0)->to_string(part.batch->row(i));
  }
  return out;
}

}  // namespace

TEST_CASE("without a key, batches go to the partitions in turn") {
  const LogAppender appender("log", kSchema, 3, "");
  std::string all;
  for (int64_t i = 0; i < 4; ++i) {
    WriteBatch write;
    all += render(appender.append(rows({i, i}), {}, write)) + ", ";
    CHECK(write.appends.size() == 1);
  }
  CHECK(all == "p0:0 0, p1:1 1, p2:2 2, p0:3 3, ");
}

TEST_CASE("with a key, records with the same key share a partition") {
  const LogAppender appender("log", kSchema, 4, "n");
  std::map<std::string, std::set<uint32_t>> partitions;
  for (int round = 0; round < 3; ++round) {
    WriteBatch write;
    for (const auto& part : appender.append(rows({1, 2, 3, 4, 5, 6, 7, 8}), {}, write))
      for (size_t i = 0; i < part.batch->rows(); ++i)
        partitions[part.batch->column(0)->to_string(part.batch->row(i))].insert(part.partition.value());
  }
  CHECK(partitions.size() == 8);
  for (const auto& [key, places] : partitions)
    CHECK(places.size() == 1);
}

TEST_CASE("a log keeps records as long as its source declares") {
  const topology::Plan plan = plan_of(R"(
name: kept
sources:
  shop: {type: synthetic, events: 10, retain_for: 2d, retain_bytes: 1MiB}
)");
  REQUIRE(plan.logs.size() == 1);
  CHECK(plan.logs[0].retain_for == Duration{2LL * 86'400 * 1'000'000});
  CHECK(plan.logs[0].retain_bytes == Bytes{1 << 20});
}
