#include "cli/check.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "actors/components.h"
#include "cli/app.h"
#include "cli/terminal.h"
#include "config/settings.h"
#include "topology/load.h"
#include "topology/render.h"

namespace penstock::cli {
namespace {

using topology::Diagnostic;

std::string counted(size_t n, const std::string& noun) { return std::to_string(n) + " " + noun + (n == 1 ? "" : "s"); }

// `food-delivery: 1 source, 2 stages, 1 model, 1 server`
std::string summary(const topology::CheckedTopology& checked) {
  using topology::Role;
  std::string out;
  for (const Role role : topology::kRoles) {
    size_t count = 0;
    for (const topology::BoundComponent& bound : checked.components)
      count += bound.component.role == role ? 1 : 0;
    if (count > 0)
      out += (out.empty() ? "" : ", ") + counted(count, std::string(role_name(role)));
  }
  return checked.name + ": " + out;
}

}  // namespace

int check(const CheckOptions& options, const topology::Catalogue& catalogue, std::ostream& out, std::ostream& err) {
  std::vector<Diagnostic> all;
  size_t errors = 0;
  int code = Exit::kOk;
  for (const std::string& path : options.files) {
    const auto file = topology::read_topology_file(path);
    if (!file.ok()) {
      err << "penstock: " << file.status().message() << "\n";
      if (code != Exit::kNoInput)
        code = exit_code(file.status().code());
      continue;
    }
    const auto result =
        topology::check(file->text, path, file->folder, catalogue, settings_type(), options.environment);
    const topology::Text text(file->text);
    for (const Diagnostic& diagnostic : result.diagnostics.list()) {
      errors += diagnostic.severity == Diagnostic::Severity::kError ? 1 : 0;
      all.push_back(diagnostic);
      if (!options.json)
        out << render(diagnostic, text, options.colour);
    }
    if (result.topology && !options.json)
      out << path << ": ok (" << summary(*result.topology) << ")\n";
    if (!result.topology && code == Exit::kOk)
      code = Exit::kBadInput;
  }
  if (options.json)
    out << topology::render_json(all);
  else if (!all.empty())
    out << counted(errors, "error") << ", " << counted(all.size() - errors, "warning") << "\n";
  return code;
}

void add_check(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<CheckOptions>();
  auto format = std::make_shared<std::string>("text");
  CLI::App* verb =
      add_verb(app, "check", "Name every mistake of a topology file, with its place and what would be right.",
               "  penstock check config/topologies/*.yaml\n"
               "  penstock check shop.yaml --format json\n");
  verb->add_option("FILE", options->files, "Topology files")->required();
  verb->add_option("--format", *format, "text or json")->check(CLI::IsMember({"text", "json"}))->capture_default_str();
  verb->callback([options, format, &exit] {
    options->json = *format == "json";
    options->colour = Terminal::of(stdout).colour;
    exit.code = check(*options, catalogue(), std::cout, std::cerr);
    std::cout.flush();
  });
}

}  // namespace penstock::cli
