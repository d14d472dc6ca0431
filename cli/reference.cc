#include "cli/reference.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "actors/components.h"
#include "cli/app.h"
#include "config/settings.h"
#include "topology/json_schema.h"
#include "topology/reference.h"

namespace penstock::cli {

void add_reference(CLI::App& app, Exit& /*exit*/) {
  CLI::App* verb = add_verb(app, "reference", "Print the reference page of topology files, in Markdown.",
                            "  penstock reference >docs/reference.md\n");
  verb->callback([] { std::fputs(topology::reference(catalogue(), settings_type()).c_str(), stdout); });
}

void add_schema(CLI::App& app, Exit& /*exit*/) {
  CLI::App* verb = add_verb(app, "schema", "Print the JSON Schema of topology files, for editors.",
                            "  penstock schema >topology.schema.json\n");
  verb->callback([] { std::fputs(topology::json_schema(catalogue(), settings_type()).c_str(), stdout); });
}

}  // namespace penstock::cli
