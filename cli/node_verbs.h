// The command lines of the verbs that talk to a running node: recommend, similar, status.
#pragma once

#include "cli/exit.h"

namespace CLI {
class App;
}

namespace penstock::cli {

void add_recommend(CLI::App& app, Exit& exit);
void add_similar(CLI::App& app, Exit& exit);
void add_status(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
