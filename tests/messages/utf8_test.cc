#include "messages/utf8.h"

#include <catch2/catch.hpp>

#include "core/random.h"

using namespace penstock;

TEST_CASE("latin-1 becomes UTF-8") {
  std::string out = ">";
  append_latin1("Caf\xe9 \xff", out);
  CHECK(out == ">Café ÿ");
}

TEST_CASE("every code point is written as one valid character") {
  for (uint32_t code_point = 0; code_point <= 0x10ffff; code_point += code_point < 0x900 ? 1 : 251) {
    if (code_point >= 0xd800 && code_point < 0xe000)
      continue;
    std::string text;
    append_utf8(code_point, text);
    REQUIRE(utf8_length(text) == text.size());
  }
}

TEST_CASE("the fast check of UTF-8 agrees with walking the characters") {
  Random random(5);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (uint64_t i = random.below(40); i > 0; --i) {
      if (random.below(8) == 0)
        text += static_cast<char>(random());
      else
        append_utf8(static_cast<uint32_t>(random.below(0xd000)), text);
    }
    bool walked = true;
    for (std::string_view rest = text; walked && !rest.empty();) {
      const size_t length = utf8_length(rest);
      walked = length != 0;
      rest.remove_prefix(length);
    }
    REQUIRE(valid_utf8(text) == walked);
    REQUIRE(valid_utf8(replace_invalid_utf8(text)));
    if (walked)
      REQUIRE(replace_invalid_utf8(text) == text);
  }
}
