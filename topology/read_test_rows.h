// The rows of a test, each value checked against its column. Pure.
#pragma once

#include <optional>
#include <string>

#include "messages/schema.h"
#include "topology/diagnostic.h"
#include "topology/tests.h"

namespace penstock::topology {

class TestRowReader {
 public:
  /// `diagnostics` outlives it.
  explicit TestRowReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  // A null schema is one with mistakes of its own: then nothing is said of columns.
  /// One row that comes in.
  void read_given(const Node& node, const SchemaPtr& schema, Given& given);
  /// A list of rows that are to come out.
  void read_expected(const Node& node, const SchemaPtr& schema, ExpectedRows& out);

 private:
  void wrong(Place place, std::string text, std::string hint);
  std::optional<size_t> find_column(const Entry& entry, const SchemaPtr& schema, const std::string& of);
  void check_value(const Entry& entry, Type type, bool comes_in);

  Diagnostics& diagnostics_;
};

}  // namespace penstock::topology
