#include "messages/decode_error.h"

#include <catch2/catch.hpp>

using namespace penstock;

TEST_CASE("a decode error names what is known of file, line, column, field, expected and found") {
  CHECK(DecodeError{"u.data", 17, 5, "user", "int64", "\"abc\"", "", {}}.to_string() ==
        "u.data:17:5: user: expected int64, found \"abc\"");
  CHECK(DecodeError{"u.data", 17, 0, "", "4 columns", "3", "", {}}.to_string() ==
        "u.data:17: expected 4 columns, found 3");
  CHECK(DecodeError{"", 3, 0, "", "an object", "", "", {}}.to_string() == "line 3: expected an object");
  CHECK(DecodeError{"", 0, 0, "user", "a value", "", "", {}}.to_string() == "user: expected a value");
  CHECK(DecodeError{"body", 0, 0, "user", "int64", "true", "", 3}.to_string() ==
        "body: record 3: user: expected int64, found true");
}

TEST_CASE("what was found is shortened and made printable") {
  CHECK(shorten("abc") == "abc");
  CHECK(shorten("a\nb\x1b[31m\xff") == "a\\x0ab\\x1b[31m\\xff");
  CHECK(shorten(std::string(1000, 'x')) == std::string(60, 'x') + "...");
  std::string umlauts;
  for (int i = 0; i < 100; ++i)
    umlauts += "ü";
  CHECK(shorten("x" + umlauts) == "x" + umlauts.substr(0, 60) + "...");
}
