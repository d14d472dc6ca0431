#include "cli/terminal.h"

#include <catch2/catch.hpp>

namespace penstock::cli {
namespace {

TEST_CASE("a file is no terminal: no redrawing, no colour") {
  std::FILE* file = std::tmpfile();
  REQUIRE(file);
  const Terminal terminal = Terminal::of(file);
  std::fclose(file);
  CHECK_FALSE(terminal.interactive);
  CHECK_FALSE(terminal.colour);
}

TEST_CASE("paint adds escape sequences only where colour is welcome") {
  CHECK(paint("error", Paint::kRed, Terminal{}) == "error");
  CHECK(paint("error", Paint::kRed, Terminal{.colour = true}) == "\x1b[31merror\x1b[0m");
}

}  // namespace
}  // namespace penstock::cli
