#include "core/units.h"

#include <catch2/catch.hpp>

#include "core/random.h"

using namespace penstock;

TEST_CASE("durations are read with their unit") {
  CHECK(parse_duration("50ms")->micros == 50'000);
  CHECK(parse_duration("1.5h")->micros == 5'400'000'000);
  CHECK(parse_duration("7d")->micros == 604'800'000'000);
  CHECK(parse_duration("10us")->micros == 10);
  CHECK(parse_duration("0")->micros == 0);
  CHECK(parse_duration("2m")->seconds() == 120);
  for (const char* text : {"", "5", "ms", "-5s", "5 s", "5sec", "1e30d", "nan", "inf", "5S"})
    CHECK_FALSE(parse_duration(text).ok());
  CHECK(parse_duration("5 s").status().message() ==
        "\"5 s\" is not a duration: a number with us, ms, s, m, h or d, such as 50ms");
}

TEST_CASE("sizes are read in powers of 1024 and of 1000") {
  CHECK(parse_bytes("64KiB")->count == 65'536);
  CHECK(parse_bytes("1.5GiB")->count == 1'610'612'736);
  CHECK(parse_bytes("2MB")->count == 2'000'000);
  CHECK(parse_bytes("0")->count == 0);
  CHECK(parse_bytes("12B")->count == 12);
  for (const char* text : {"", "5", "-1B", "5kb", "KiB", "99999999999TiB"})
    CHECK_FALSE(parse_bytes(text).ok());
}

TEST_CASE("durations are written in their shortest exact form") {
  CHECK(to_string(Duration{50'000}) == "50ms");
  CHECK(to_string(Duration{90'000'000}) == "90s");
  CHECK(to_string(Duration{3'600'000'000}) == "1h");
  CHECK(to_string(Duration{0}) == "0s");
  CHECK(to_string(Duration{1'000'001}) == "1000001us");
}

TEST_CASE("sizes are written with at most one decimal") {
  CHECK(to_string(Bytes{0}) == "0B");
  CHECK(to_string(Bytes{65'536}) == "64KiB");
  CHECK(to_string(Bytes{1'610'612'736}) == "1.5GiB");
  CHECK(to_string(Bytes{uint64_t{1} << 40}) == "1TiB");
}

TEST_CASE("written durations read back the same") {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const Duration duration{static_cast<int64_t>(random.below(1'000'000'000'000))};
    REQUIRE(*parse_duration(to_string(duration)) == duration);
  }
}
