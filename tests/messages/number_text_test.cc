#include "messages/number_text.h"

#include <simdjson.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <string>

#include "core/random.h"
#include "messages/timestamp.h"

using namespace penstock;

namespace {

std::string random_text(Random& random, std::string_view alphabet) {
  std::string text;
  for (uint64_t i = random.below(9); i > 0; --i)
    text += alphabet[random.below(alphabet.size())];
  return text;
}

bool same(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

}  // namespace

TEST_CASE("JSON's grammar of numbers is kept to the letter") {
  simdjson::dom::parser parser;
  Random random(1);
  for (int i = 0; i < 100'000; ++i) {
    const std::string text = random_text(random, "0012.-+eE9");
    double real = 0;
    int64_t integer = 0;
    simdjson::dom::element number;
    const auto error = parser.parse(text).get(number);
    const bool sound = error == simdjson::SUCCESS;
    REQUIRE(parse_json_float64(text, real) == sound);
    REQUIRE((is_json_number(text) == sound || !std::isfinite(std::strtod(text.c_str(), nullptr))));
    REQUIRE(parse_json_int64(text, integer) == (sound && number.is<int64_t>()));
    if (sound)
      REQUIRE(same(real, std::strtod(text.c_str(), nullptr)));
  }
}

TEST_CASE("every double comes back from its shortest text") {
  Random random(2);
  for (int i = 0; i < 50'000; ++i) {
    double value = 0, read = 0;
    const uint64_t bits = random();
    std::memcpy(&value, &bits, sizeof value);
    if (i % 2 == 0)
      value =
          static_cast<double>(random.below(1'000'000'000'000)) / std::pow(10, static_cast<double>(random.below(12)));
    if (!std::isfinite(value))
      continue;
    REQUIRE(parse_json_float64(format_float64(value), read));
    REQUIRE(same(read, value));
  }
}

TEST_CASE("integers are refused where they leave int64") {
  int64_t number = 0;
  CHECK(parse_json_int64("9223372036854775807", number));
  CHECK(number == INT64_MAX);
  CHECK(parse_json_int64("-9223372036854775808", number));
  CHECK(number == INT64_MIN);
  for (const char* text :
       {"9223372036854775808", "-9223372036854775809", "99999999999999999999", "1.0", "1e3", "-", "", "01", "+1", " 1"})
    CHECK_FALSE(parse_json_int64(text, number));
  CHECK(parse_int64("+007", number));
  CHECK(number == 7);
  CHECK((parse_int64("-17850.00", number) && number == -17850));
  for (const char* text : {"+", ".0", "1.", "1.5", "1.0e2", "-.0", "+-1", "--1", "1 ", "0x10", "9223372036854775808"})
    CHECK_FALSE(parse_int64(text, number));
}

TEST_CASE("floats of people are read, other words are not") {
  double number = 0;
  for (const char* text : {"+1.5", "1.5", "01.5", "15e-1"}) {
    REQUIRE(parse_float64(text, number));
    CHECK(number == 1.5);
  }
  CHECK((parse_float64(".5", number) && number == 0.5));
  CHECK((parse_float64("5.", number) && number == 5));
  CHECK((parse_float64("NaN", number) && std::isnan(number)));
  CHECK((parse_float64("-Infinity", number) && std::isinf(number)));
  CHECK((parse_json_float64("1e-999", number) && number == 0));
  for (const char* text : {"", "+", "+-1", "1,5", "nan(1)", "abc", "1e999", "1 2", "0x1p3"})
    CHECK_FALSE(parse_float64(text, number));
}
