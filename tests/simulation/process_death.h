// Lets a part of a simulated process kill the whole process, as a SIGSEGV would: it asks for the death and throws, and the
// simulated node ends without letting anything else happen. One thread, one simulated process at a time.
#pragma once

#include <stdexcept>

namespace penstock::simulation {

class ProcessDeath {
 public:
  [[noreturn]] static void now() {
    wanted_ = true;
    throw std::runtime_error("the simulated process dies");
  }
  static bool wanted() { return wanted_; }
  static void over() { wanted_ = false; }

 private:
  static inline bool wanted_ = false;
};

}  // namespace penstock::simulation
