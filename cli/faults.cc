#include "cli/faults.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdlib>
#include <iostream>

#include "cli/app.h"
#include "cli/table.h"
#include "core/fault_points.h"

namespace penstock::cli {
namespace {

constexpr const char* kSyntax =
    "\n"
    "Every build has these points, and all are off. PENSTOCK_FAULTS switches them on for one `penstock run`, to see "
    "what\n"
    "Penstock and what is around it make of a fault:\n"
    "\n"
    "  PENSTOCK_FAULTS=POINT:ACTION[:WHEN][,POINT:ACTION[:WHEN]]...\n"
    "\n"
    "  ACTION  fail            the step fails with an error\n"
    "          delay=DURATION  the step takes longer: 50ms, 10s, 1m\n"
    "          crash           the process ends there and then, as by SIGKILL\n"
    "  WHEN    0.01            one time in a hundred; PENSTOCK_FAULT_SEED=N chooses which (default 1)\n"
    "          @3              the third time only\n"
    "          without it: every time\n"
    "\n"
    "  PENSTOCK_FAULTS=store.sync:fail:0.01,sink.write:delay=2s penstock run shop.yaml\n";

Result<uint64_t> seed_from_environment() {
  const char* given = std::getenv(kFaultSeedVariable);
  if (given == nullptr)
    return uint64_t{1};
  const std::string text = given;
  uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size())
    return invalid_argument(std::string(kFaultSeedVariable) + ": expected a whole number, found \"" + text + "\"");
  return seed;
}

}  // namespace

void print_faults(std::ostream& out) {
  Table table({{"POINT"}, {"WHERE"}});
  for (const FaultPointInfo& info : kFaultPoints)
    table.add({std::string(info.name), std::string(info.meaning)});
  table.print(out);
  out << kSyntax;
}

Result<std::string> faults_from_environment() {
  const char* given = std::getenv(kFaultsVariable);
  if (given == nullptr || *given == '\0')
    return std::string();
  PENSTOCK_ASSIGN(const uint64_t seed, seed_from_environment());
  PENSTOCK_TRY(set_faults(given, seed).with_context(kFaultsVariable));
  return std::string(given);
}

void add_faults(CLI::App& app, Exit& /*exit*/) {
  CLI::App* verb = add_verb(app, "faults", "List the points at which a fault can be switched on, to try what happens.",
                            "  penstock faults\n");
  verb->callback([] { print_faults(std::cout); });
}

}  // namespace penstock::cli
