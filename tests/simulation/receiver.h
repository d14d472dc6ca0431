// Sink `receiver`, of the simulation alone: gives rows to a receiver outside as sink `http` does, each with its stable id. The
// receiver takes each id once, is away at times, takes a delivery at times without the sink being told, and will never
// take a row whose JSON holds the text `refuses`. It outlives the process. One thread, one simulated world at a time.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actors/components.h"
#include "core/random.h"
#include "core/status.h"
#include "tests/simulation/faults.h"

namespace penstock::simulation {

class Receiver {
 public:
  using Rows = std::vector<std::pair<std::string, std::string>>;  // id, JSON

  /// All or nothing. Errors: unavailable; invalid_argument, for rows that hold `refuses`.
  Status post(const Rows& rows, const std::string& refuses);
  /// What was taken, by id.
  const std::map<std::string, std::string>& taken() const { return taken_; }
  /// An id that came with two different rows; empty: none.
  const std::string& contradiction() const { return contradiction_; }

  /// The receiver of that sink.
  static Receiver& of(const std::string& sink);
  /// All receivers have taken nothing and are reliable.
  static void forget_all();
  /// From now on they fail like that. `counts` outlives it.
  static void set_faults(uint64_t seed, double failure, FaultCounts* counts);

 private:
  std::map<std::string, std::string> taken_;
  std::string contradiction_;
};

topology::ComponentType receiver_type();
Result<SinkPtr> make_receiver(const MakeContext& context);

}  // namespace penstock::simulation
