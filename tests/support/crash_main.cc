// Penstock with components that crash on certain rows: for tests of what happens then.
#include "cli/app.h"
#include "tests/support/crash_stage.h"

int main(int argc, char** argv) {
  penstock::test::add_crash_components();
  return penstock::cli::run_command_line(argc, argv);
}
