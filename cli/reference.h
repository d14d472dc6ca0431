// `penstock reference` and `penstock schema`: the pages that are made from the declarations of components and settings.
#pragma once

#include "cli/exit.h"

namespace CLI {
class App;
}

namespace penstock::cli {

void add_reference(CLI::App& app, Exit& exit);
void add_schema(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
