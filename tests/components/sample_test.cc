#include "actors/stages/sample.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Input;
using topology::Role;

const SchemaPtr kSchema = test::schema({{"id", Type::kInt64, true}, {"user", Type::kInt64}});
const std::vector<Input> kInputs = {{"in", kSchema, false, {}}};

BatchPtr events(int64_t count) {
  BatchBuilder builder(kSchema);
  for (int64_t i = 0; i < count; ++i) {
    builder.column(0).append_int64(i);
    builder.column(1).append_int64(i % 500);
  }
  return builder.finish();
}

std::set<int64_t> kept(const std::string& yaml, const BatchPtr& batch, size_t column = 0) {
  StageOutput out;
  REQUIRE(Made(Role::kStage, "sample", yaml, kInputs).stage()->process(batch, out).ok());
  std::set<int64_t> ids;
  for (const BatchPtr& part : out.batches)
    for (size_t i = 0; i < part->rows(); ++i)
      ids.insert(part->column(column)->int64s()[part->row(i)]);
  return ids;
}

TEST_CASE("sample keeps about the share it is told, and the same rows whatever the batches") {
  const BatchPtr all = events(10000)->with_origin({Partition(0), Offset(0), Timestamp{0}, nullptr});
  const std::set<int64_t> whole = kept("fraction: 0.1", all);
  CHECK(whole.size() > 900);
  CHECK(whole.size() < 1100);
  std::set<int64_t> pieces;
  for (size_t from = 0; from < 10000; from += 700)
    pieces.merge(kept("fraction: 0.1", all->slice(from, std::min<size_t>(700, 10000 - from))));
  CHECK(pieces == whole);
  CHECK(kept("fraction: 0.1\nseed: 7", all) != whole);
  CHECK(kept("fraction: 0", all).empty());
  CHECK(kept("fraction: 1", all).size() == 10000);
}

TEST_CASE("sample by key keeps all rows of a key or none") {
  const BatchPtr all = events(10000);
  const std::set<int64_t> users = kept("fraction: 0.2\nkey: [user]", all, 1);
  CHECK(users.size() > 60);
  CHECK(users.size() < 140);
  CHECK(kept("fraction: 0.2\nkey: [user]", all).size() == users.size() * 20);
}

TEST_CASE("sample keeps each n-th record of a partition, wherever batches begin") {
  const BatchPtr all = events(10)->with_origin({Partition(0), Offset(5), Timestamp{0}, nullptr});
  CHECK(kept("every: 4", all) == std::set<int64_t>{3, 7});
  CHECK(kept("every: 4", all->slice(4, 6)) == std::set<int64_t>{7});
  CHECK(kept("every: 1", all).size() == 10);
}

TEST_CASE("sample goes by the row itself where that has no place in a log") {
  const size_t some = kept("fraction: 0.5", events(1000)).size();
  CHECK(some > 400);
  CHECK(some < 600);
  CHECK(kept("fraction: 0.5", events(1000)) == kept("fraction: 0.5", events(1000)));
  CHECK(kept("every: 10", events(1000)).size() > 50);
}

TEST_CASE("sample says what is wrong with its properties") {
  const auto mistakes = [](const char* yaml) { return test::mistakes(Role::kStage, "sample", yaml, kInputs); };
  CHECK_THAT(mistakes(""), Catch::Contains("needs fraction or every"));
  CHECK_THAT(mistakes("fraction: 0.5\nevery: 2"), Catch::Contains("conflict"));
  CHECK_THAT(mistakes("fraction: 1.5"), Catch::Contains("out-of-bounds"));
  CHECK_THAT(mistakes("every: 0"), Catch::Contains("out-of-bounds"));
  CHECK_THAT(mistakes("fraction: 0.5\nkey: [usr]"), Catch::Contains("did you mean user?"));
}

}  // namespace
}  // namespace penstock
