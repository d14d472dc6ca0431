// The section `tests:` of a topology, read and checked: what comes in, how time goes on, what dies, what is to come out.
// Plain values; actors/testing/ runs them. The words are those of docs/testing.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/units.h"
#include "topology/value.h"

namespace penstock::topology {

/// One record that comes in at a source. A map in the file has become JSON by the source's schema, and its columns exist; text
/// is taken as it is, right or wrong.
struct GivenRow {
  Place place;
  std::string text;
  bool raw = false;  // it was text: read as the source reads it
};

struct Given {
  std::string source;
  std::vector<GivenRow> rows;
};

/// Something dies when `rows` rows of the round have come in: the last of them has been handled as far as can be, and nothing
/// of that is committed yet.
struct Crash {
  Place place;
  size_t rows = 0;
  std::string component;  // whose actors die; empty: the process
};

/// A value that one column is to have, in a form that compares: see test_value.h.
struct ExpectedCell {
  Place place;
  std::string column;
  std::optional<std::string> value;  // none: null
  bool quoted = false;               // it is text or a time
};

struct ExpectedRow {
  Place place;
  std::vector<ExpectedCell> cells;  // of the columns that are compared
};

struct ExpectedRows {
  Place place;       // of the name
  std::string name;  // a view, source, stage, sink or model's log, or `dead_letters`
  enum class Mode { kExactly, kContains } mode = Mode::kExactly;
  bool emitted = false;           // of a view: the rows that it emitted instead of those that it holds
  std::optional<uint64_t> count;  // of rows, where that alone is said
  std::vector<ExpectedRow> rows;
};

/// Carried out in the order of the members.
struct TestRound {
  Place place;
  std::optional<Timestamp> at;
  std::vector<Given> given;
  std::vector<Crash> crashes;  // by rows
  std::optional<Duration> advance;
  std::vector<ExpectedRows> expect;
};

struct Test {
  std::string name;
  Place place;
  std::vector<TestRound> rounds;
};

/// When a test begins that does not say `at`.
inline constexpr Timestamp kTestBegin{1'767'225'600'000'000};  // 2026-01-01T00:00:00Z

}  // namespace penstock::topology
