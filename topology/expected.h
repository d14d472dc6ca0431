// What a component is expected to hold at a given size of the world: each type says it next to the code that allocates.
// Plain values; `explain_expected` (expect.h) adds them up.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/schema.h"

namespace penstock::topology {

struct Component;
struct Input;

/// How large the world is.
struct Scale {
  uint64_t users = 0;
  uint64_t items = 0;
  double items_per_user = 50;                 // different ones that a user has to do with
  std::optional<double> events_a_day = {};    // of each source
  std::map<std::string, uint64_t> keys = {};  // of a stage, where its columns do not tell
};

struct Expected {
  enum class Kind {
    kState,     // memory, which spills to disk
    kMemory,    // memory
    kTraining,  // memory while a training runs
    kDisk,      // of a table
  };
  Kind kind = Kind::kMemory;
  std::string what;  // groups, histories, snapshot
  double count = 0;  // of what
  double each = 0;   // bytes
  double bytes() const { return count * each; }
};

/// What a type may look at.
struct ExpectContext {
  const Component& component;
  const std::vector<Input>& inputs;
  const Scale& scale;
  double keys;  // rows of the component's view; of a component without one, of its input's
};
using Expect = std::function<std::vector<Expected>(const ExpectContext&)>;

/// Bytes that a value of the type takes as part of a key, and encoded in a log, about. Texts: as short ids.
double key_bytes(Type type);
double stored_bytes(Type type);

}  // namespace penstock::topology
