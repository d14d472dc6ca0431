// The command line. Each verb is one file that adds itself: `void add_<verb>(CLI::App& app, Exit& exit)` declares the
// verb's options and, in its callback, does the work and leaves the outcome in `exit`.
#pragma once

#include <string>

#include "cli/exit.h"

namespace CLI {
class App;
}

namespace penstock::cli {

/// Parses the command line, runs the verb, and gives the exit code. Throws nothing.
int run_command_line(int argc, const char* const* argv);

/// A verb with its help. `examples`: one command line each, shown at the end of its `--help`.
CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& summary, const std::string& examples);

}  // namespace penstock::cli
