// The last step of supervision: what cannot be mended inside the process is mended by a new one.
#pragma once

#include <functional>
#include <string>

namespace penstock {

/// Called when nothing but a new process helps; from any thread, perhaps while others hang.
using GiveUp = std::function<void(const std::string& reason)>;

/// Says why on stderr and ends the process at once with kExitSoftware. Waits for no lock and runs no destructor, since
/// whoever holds one may hang; the store loses nothing by that.
[[noreturn]] void end_process(const std::string& reason);

}  // namespace penstock
