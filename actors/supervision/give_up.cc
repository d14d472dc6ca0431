#include "actors/supervision/give_up.h"

#include <unistd.h>

#include "core/exit_codes.h"

namespace penstock {

void end_process(const std::string& reason) {
  const std::string line = "penstock: giving up, to be started again: " + reason + "\n";
  const auto written = write(STDERR_FILENO, line.data(), line.size());
  (void)written;
  _exit(kExitSoftware);
}

}  // namespace penstock
