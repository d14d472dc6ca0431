#include "cli/progress.h"

#include <catch2/catch.hpp>

namespace penstock::cli {
namespace {

/// A screen that keeps what was written to it.
struct Screen {
  explicit Screen(Terminal kind = {}) : terminal(kind) {}
  const Terminal terminal;
  ManualClock clock;
  std::string text;
  Write write() {
    return [this](std::string_view piece) { text += piece; };
  }
};

constexpr int64_t kSecond = 1'000'000;

TEST_CASE("progress of less than a second shows nothing") {
  Screen screen(Terminal{.interactive = true});
  Progress progress("training", "iterations", screen.terminal, screen.clock, screen.write());
  progress.update(1, 10);
  screen.clock.advance_micros(kSecond / 2);
  progress.update(10, 10);
  progress.finish();
  CHECK(screen.text.empty());
}

TEST_CASE("progress on a terminal redraws one line with bar, rate and remaining time, and ends with a plain line") {
  Screen screen(Terminal{.interactive = true});
  Progress progress("reading", "events", screen.terminal, screen.clock, screen.write());
  screen.clock.advance_micros(2 * kSecond);
  progress.update(500, 2000, "page 3");
  CHECK(screen.text == "\r\x1b[Kreading [######..................] 25 % 500 events, 250/s, 6.0 s left, page 3");
  screen.clock.advance_micros(kSecond / 100);
  progress.update(501, 2000);  // too soon to redraw
  CHECK(screen.text.find("501") == std::string::npos);
  screen.text.clear();
  screen.clock.advance_micros(6 * kSecond);
  progress.update(2000, 2000);
  progress.finish();
  CHECK(screen.text ==
        "\r\x1b[Kreading [########################] 100 % 2.00k events, 250/s\r\x1b[Kreading: 2,000 events in 8.0 s\n");
}

TEST_CASE("progress elsewhere writes a plain line every ten seconds") {
  Screen screen;
  Progress progress("reading", "events", screen.terminal, screen.clock, screen.write());
  for (int second = 1; second <= 25; ++second) {
    screen.clock.advance_micros(kSecond);
    progress.update(second * 10, 0);
  }
  progress.finish();
  CHECK(screen.text == "reading 100 events, 10/s\nreading 200 events, 10/s\nreading: 250 events in 25 s\n");
}

TEST_CASE("progress never draws past the terminal's width") {
  Screen screen(Terminal{.interactive = true, .width = 20});
  Progress progress("a very long title of some work", "events", screen.terminal, screen.clock, screen.write());
  screen.clock.advance_micros(2 * kSecond);
  progress.update(1, 2);
  CHECK(screen.text == "\r\x1b[Ka very long title o");
}

TEST_CASE("a training is shown as progress") {
  ShownTraining training("training als");
  training.step(1, 12, "objective 0.5");
  CHECK_FALSE(training.cancelled());
  training.finish();
}

TEST_CASE("numbers and durations are short") {
  CHECK(with_separators(0) == "0");
  CHECK(with_separators(999) == "999");
  CHECK(with_separators(1234567) == "1,234,567");
  CHECK(short_number(7) == "7");
  CHECK(short_number(950) == "950");
  CHECK(short_number(0.5) == "0.50");
  CHECK(short_number(999.7) == "1.00k");
  CHECK(short_number(12345) == "12.3k");
  CHECK(short_number(99960) == "100k");
  CHECK(short_number(4.56e6) == "4.56M");
  CHECK(short_seconds(0.42) == "0.4 s");
  CHECK(short_seconds(12.3) == "12 s");
  CHECK(short_seconds(185) == "3:05 min");
  CHECK(short_seconds(7260) == "2:01 h");
}

}  // namespace
}  // namespace penstock::cli
