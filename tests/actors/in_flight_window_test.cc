#include "actors/regions/in_flight_window.h"

#include <catch2/catch.hpp>

using penstock::InFlightWindow;

TEST_CASE("the in-flight window halves while memory is short, and grows back to what is declared") {
  InFlightWindow window(1 << 20);
  CHECK(window.bytes() == 1 << 20);
  window.committed(true);
  CHECK(window.bytes() == 1 << 19);
  for (int i = 0; i < 10; ++i)
    window.committed(true);
  CHECK(window.bytes() == InFlightWindow::kLeast);
  window.committed(false);
  CHECK(window.bytes() > InFlightWindow::kLeast);
  for (int i = 0; i < 16; ++i)
    window.committed(false);
  CHECK(window.bytes() == 1 << 20);
}

TEST_CASE("a small in-flight window is never made larger than it is declared") {
  InFlightWindow window(4096);
  window.committed(true);
  CHECK(window.bytes() == 4096);
  window.committed(false);
  CHECK(window.bytes() == 4096);
}
