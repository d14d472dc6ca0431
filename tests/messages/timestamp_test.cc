#include "messages/timestamp.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <ctime>
#include <limits>

#include "core/random.h"

using namespace penstock;

namespace {

std::string read_and_write(std::string_view text) {
  const auto timestamp = parse_timestamp(text);
  return timestamp ? format_timestamp(*timestamp) : "refused";
}

}  // namespace

TEST_CASE("timestamps are written in UTC with as many decimals as they need") {
  CHECK(format_timestamp({0}) == "1970-01-01T00:00:00Z");
  CHECK(format_timestamp({250'000}) == "1970-01-01T00:00:00.250Z");
  CHECK(format_timestamp({-1}) == "1969-12-31T23:59:59.999999Z");
  CHECK(format_timestamp({951'782'400'000'000}) == "2000-02-29T00:00:00Z");
  CHECK(format_timestamp({std::numeric_limits<int64_t>::max()}) == "294247-01-10T04:00:54.775807Z");
  CHECK(format_timestamp({std::numeric_limits<int64_t>::min()}) == "-290308-12-21T19:59:05.224192Z");
}

TEST_CASE("ISO 8601 is read with and without time, decimals and zone") {
  CHECK(read_and_write("2024-05-01") == "2024-05-01T00:00:00Z");
  CHECK(read_and_write("2024-05-01T12:00:00Z") == "2024-05-01T12:00:00Z");
  CHECK(read_and_write("2024-05-01 12:00") == "2024-05-01T12:00:00Z");
  CHECK(read_and_write("2024-05-01t12:00:00.5z") == "2024-05-01T12:00:00.500Z");
  CHECK(read_and_write("2024-05-01T12:00:00.123456789Z") == "2024-05-01T12:00:00.123456Z");
  CHECK(read_and_write("2024-05-01T01:00:00+02:00") == "2024-04-30T23:00:00Z");
  CHECK(read_and_write("2024-05-01T01:00:00-0230") == "2024-05-01T03:30:00Z");
  CHECK(read_and_write("2024-05-01T01:00:00+02") == "2024-04-30T23:00:00Z");
  CHECK(read_and_write("2019-10-01 00:00:00 UTC") == "2019-10-01T00:00:00Z");
}

TEST_CASE("what is no moment is refused") {
  for (const char* text :
       {"", "2024", "2024-13-01", "2023-02-29", "2024-04-31", "2024-05-01T24:00:00Z", "2024-05-01T12:60",
        "2024-05-01T12", "2024-05-01T12:00:00.Z", "2024-05-01T12:00:00.1234567890Z", "2024-05-01T12:00:00+99:00",
        "2024-05-01T12:00:00 CET", "2024-05-01T12:00:00Zx", "0000-01-01", "01-Jan-1995", " 2024-05-01",
        "2024-05-01T1a:00:00Z", "2024/05/01"})
    CHECK(read_and_write(text) == "refused");
}

TEST_CASE("random moments agree with the C library and come back") {
  Random random(1);
  for (int i = 0; i < 50'000; ++i) {
    const int64_t second = static_cast<int64_t>(random.below(315'537'897'600)) - 62'135'596'800;  // years 1 to 9999
    const time_t time = second;
    std::tm parts{};
    gmtime_r(&time, &parts);
    char expected[32];
    std::strftime(expected, sizeof expected, "-%m-%dT%H:%M:%SZ", &parts);
    const std::string written = format_timestamp({second * 1'000'000});
    REQUIRE(written.substr(4) == expected);
    REQUIRE(std::stoi(written.substr(0, 4)) == parts.tm_year + 1900);
    REQUIRE(parse_timestamp(written)->micros == second * 1'000'000);
    const Timestamp odd{second * 1'000'000 + static_cast<int64_t>(random.below(1'000'000))};
    REQUIRE(parse_timestamp(format_timestamp(odd)) == odd);
  }
}

TEST_CASE("doubles are written shortest, and the special ones by name") {
  CHECK(format_float64(0.1) == "0.1");
  CHECK(format_float64(4) == "4");
  CHECK(format_float64(-0.0) == "-0");
  CHECK(format_float64(std::nan("")) == "NaN");
  CHECK(format_float64(std::numeric_limits<double>::infinity()) == "Infinity");
  CHECK(format_float64(-std::numeric_limits<double>::infinity()) == "-Infinity");
}
