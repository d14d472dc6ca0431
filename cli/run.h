// `penstock run FILE`: runs a topology until it is told to stop.
#pragma once

#include "cli/exit.h"

namespace CLI {
class App;
}

namespace penstock::cli {

void add_run(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
