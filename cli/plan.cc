#include "cli/plan.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <iostream>
#include <memory>

#include "actors/components.h"
#include "actors/supervision/machine_memory.h"
#include "cli/app.h"
#include "cli/terminal.h"
#include "config/settings.h"
#include "core/nearest.h"
#include "topology/expect.h"
#include "topology/explain.h"
#include "topology/load.h"
#include "topology/render.h"

namespace penstock::cli {
namespace {

// Each `STAGE=N` into the scale.
Status read_keys(const std::vector<std::string>& keys, const topology::Plan& plan, topology::Scale& scale) {
  std::vector<std::string> views;
  for (const topology::BoundComponent& bound : plan.topology.components)
    if (bound.binding.is_view)
      views.push_back(bound.component.id);
  for (const std::string& text : keys) {
    const size_t equals = std::min(text.find('='), text.size());
    const std::string stage = text.substr(0, equals), number = text.substr(std::min(text.size(), equals + 1));
    uint64_t count = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
    if (error != std::errc() || end != number.data() + number.size())
      return invalid_argument("--keys takes STAGE=N, such as per_shop=5000, not " + text);
    if (std::find(views.begin(), views.end(), stage) == views.end()) {
      const auto near = nearest(stage, views);
      return invalid_argument("--keys: the topology has no view " + stage +
                              (near ? "; did you mean " + *near + "?" : ""));
    }
    scale.keys[stage] = count;
  }
  return ok();
}

}  // namespace

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
  const std::string shown = options.format == "dot"       ? explain_dot(planned)
                            : options.format == "mermaid" ? explain_mermaid(planned)
                            : options.format == "json"    ? explain_json(planned)
                                                          : explain_text(planned);
  if (options.scale.users == 0 && options.scale.items == 0) {
    out << shown;
    return Exit::kOk;
  }
  topology::Scale scale = options.scale;
  if (const Status read = read_keys(options.keys, planned, scale); !read.ok()) {
    err << "penstock: " << read.message() << "\n";
    return Exit::kUsage;
  }
  const Settings settings = make_settings(planned.topology);
  const topology::Expectation expected =
      topology::expect(planned, catalogue, scale, settings.memory_budget.value_or(Bytes{default_memory_budget()}).count,
                       settings.disk_budget.count);
  if (options.format == "json")
    out << "{\"plan\": " << shown << ", \"expected\": " << topology::explain_expected_json(expected) << "}\n";
  else
    out << shown << (options.format == "text" ? topology::explain_expected(expected) : "");
  return Exit::kOk;
}

void add_plan(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<PlanOptions>();
  CLI::App* verb =
      add_verb(app, "plan", "Show how a topology would run: logs, regions, stages, edges, workers, memory.",
               "  penstock plan config/topologies/demo.yaml\n"
               "  penstock plan shop.yaml --format mermaid\n"
               "  penstock plan shop.yaml --users 1000000 --items 50000 --events 20000000\n");
  verb->add_option("FILE", options->file, "The topology file")->required();
  verb->add_option("--format", options->format, "text, dot, mermaid or json")
      ->check(CLI::IsMember({"text", "dot", "mermaid", "json"}))
      ->capture_default_str();
  verb->add_option("--users", options->scale.users, "Say also what memory and disk so many users need")
      ->check(CLI::Range(1.0, 1e12));
  verb->add_option("--items", options->scale.items, "The same for so many items")->check(CLI::Range(1.0, 1e12));
  verb->add_option("--items-per-user", options->scale.items_per_user, "Different items that a user has to do with")
      ->check(CLI::Range(0.0, 1e9))
      ->capture_default_str();
  verb->add_option("--events", options->scale.events_a_day, "Events a day, of each source")
      ->check(CLI::Range(0.0, 1e15));
  verb->add_option("--keys", options->keys, "Keys of a stage whose columns do not tell: STAGE=N");
  verb->callback([options, &exit] {
    options->colour = Terminal::of(stderr).colour;
    exit.code = plan(*options, catalogue(), std::cout, std::cerr);
    std::cout.flush();
  });
}

}  // namespace penstock::cli
