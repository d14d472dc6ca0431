#include "cli/version.h"

#include "cli/commit.h"  // generated at every build

namespace penstock::cli {

const char* version() { return PENSTOCK_VERSION; }
const char* commit() { return PENSTOCK_COMMIT; }

std::string version_line() {
  return std::string("penstock ") + version() + " (commit " + commit() + ", " + PENSTOCK_BUILD_TYPE + ")";
}

}  // namespace penstock::cli
