#include "cli/load_topology.h"

#include <cstdio>

#include "actors/components.h"
#include "cli/terminal.h"
#include "config/settings.h"
#include "topology/load.h"
#include "topology/render.h"

namespace penstock::cli {

std::optional<topology::Plan> load_plan(const std::string& file, Exit& exit) {
  const auto read = topology::read_topology_file(file);
  if (!read.ok()) {
    exit.fail(read.status());
    return std::nullopt;
  }
  auto checked =
      topology::check(read->text, file, read->folder, catalogue(), settings_type(), topology::process_environment());
  const bool colour = Terminal::of(stderr).colour;
  const topology::Text text(read->text);
  for (const topology::Diagnostic& diagnostic : checked.diagnostics.list())
    std::fputs(topology::render(diagnostic, text, colour).c_str(), stderr);
  if (!checked.topology) {
    exit.fail(invalid_argument(file + " has mistakes; nothing was started"));
    return std::nullopt;
  }
  return topology::make_plan(std::move(*checked.topology));
}

}  // namespace penstock::cli
