#include "actors/sinks/kafka_mark.h"

#include <catch2/catch.hpp>

namespace penstock {
namespace {

bool covers(const KafkaMark& mark, uint64_t offset, int64_t ingested) {
  return mark.covers(Offset(offset), Timestamp{ingested});
}

TEST_CASE("a mark covers what was delivered up to it") {
  KafkaMark mark;
  CHECK_FALSE(covers(mark, 0, 0));
  mark.pass(Offset(0), Timestamp{50});
  mark.pass(Offset(1), Timestamp{40});  // the clock was set back
  CHECK(covers(mark, 0, 50));
  CHECK(covers(mark, 1, 40));
  CHECK_FALSE(covers(mark, 2, 40));
}

TEST_CASE("a mark does not cover records of the same offset that were taken in later") {
  KafkaMark mark;
  mark.pass(Offset(9), Timestamp{100});
  CHECK_FALSE(covers(mark, 5, 101));  // the store was restored from a backup that ended with offset 4
  mark.pass(Offset(5), Timestamp{101});
  CHECK(mark.next == 6);
  CHECK_FALSE(covers(mark, 6, 102));
}

TEST_CASE("a mark reads back from the group's offset") {
  KafkaMark mark;
  mark.pass(Offset(41), Timestamp{1'700'000'000'123'456});
  CHECK(mark_metadata(mark) == "1 1700000000123456");
  CHECK(*read_mark(42, "1 1700000000123456") == mark);
  CHECK(*read_mark(-1, "") == KafkaMark{});
}

TEST_CASE("an offset that was set by hand covers everything below it") {
  const auto mark = read_mark(42, "");
  REQUIRE(mark.ok());
  CHECK(covers(*mark, 41, 1'900'000'000'000'000));
  CHECK_FALSE(covers(*mark, 42, 0));
}

TEST_CASE("metadata that is not known is an error, not a guess") {
  for (const char* metadata : {"2 17", "1", "1 ", "1 x", "1 17 ", "x", "1 99999999999999999999"}) {
    INFO(metadata);
    CHECK(read_mark(1, metadata).status().code() == Code::kFailedPrecondition);
  }
}

}  // namespace
}  // namespace penstock
