// The verb `top`: a live view of a running node (docs/testing.md).
#pragma once

#include <ostream>
#include <string>

#include "cli/exit.h"
#include "cli/terminal.h"
#include "cli/top_figures.h"

namespace CLI {
class App;
}

namespace penstock::cli {

/// The view as lines. `height`: at most so many; 0: all.
void print_top(const TopFigures& figures, const Terminal& terminal, size_t height, std::ostream& out);

void add_top(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
