#include "cli/plan.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "actors/components.h"
#include "cli/app.h"
#include "cli/terminal.h"
#include "config/settings.h"
#include "topology/explain.h"
#include "topology/load.h"
#include "topology/render.h"

namespace penstock::cli {

int plan(const PlanOptions& options, const topology::Catalogue& catalogue, std::ostream& out, std::ostream& err) {
  const auto file = topology::read_topology_file(options.file);
  if (!file.ok()) {
    err << "penstock: " << file.status().message() << "\n";
    return exit_code(file.status().code());
  }
  auto result =
      topology::check(file->text, options.file, file->folder, catalogue, settings_type(), options.environment);
  const topology::Text text(file->text);
  for (const topology::Diagnostic& diagnostic : result.diagnostics.list())
    err << render(diagnostic, text, options.colour);
  if (!result.topology)
    return Exit::kBadInput;
  const topology::Plan planned = topology::make_plan(std::move(*result.topology));
  out << (options.format == "dot"       ? explain_dot(planned)
          : options.format == "mermaid" ? explain_mermaid(planned)
          : options.format == "json"    ? explain_json(planned)
                                        : explain_text(planned));
  return Exit::kOk;
}

void add_plan(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<PlanOptions>();
  CLI::App* verb =
      add_verb(app, "plan", "Show how a topology would run: logs, regions, stages, edges, workers, memory.",
               "  penstock plan config/topologies/demo.yaml\n"
               "  penstock plan shop.yaml --format mermaid\n");
  verb->add_option("FILE", options->file, "The topology file")->required();
  verb->add_option("--format", options->format, "text, dot, mermaid or json")
      ->check(CLI::IsMember({"text", "dot", "mermaid", "json"}))
      ->capture_default_str();
  verb->callback([options, &exit] {
    options->colour = Terminal::of(stderr).colour;
    exit.code = plan(*options, catalogue(), std::cout, std::cerr);
    std::cout.flush();
  });
}

}  // namespace penstock::cli
