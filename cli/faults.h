// `penstock faults`: the points at which a fault can be switched on, and how.
#pragma once

#include <ostream>
#include <string>

#include "cli/exit.h"
#include "core/status.h"

namespace CLI {
class App;
}

namespace penstock::cli {

/// The environment variable that switches faults on in `penstock run`.
inline constexpr const char* kFaultsVariable = "PENSTOCK_FAULTS";
/// The seed of their draws; by default 1.
inline constexpr const char* kFaultSeedVariable = "PENSTOCK_FAULT_SEED";

void add_faults(CLI::App& app, Exit& exit);
void print_faults(std::ostream& out);

/// Switches on what the environment says and gives its text; empty: nothing. Errors: invalid_argument, naming the variable.
Result<std::string> faults_from_environment();

}  // namespace penstock::cli
