// The parts of docs/data_dictionary.md, each made from what the code itself says: so that a column, a message or a table that is
// added without a word about it does not pass the tests. Texts in Markdown. Errors: std::runtime_error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/schema.h"

namespace penstock::dictionary {

/// Messages of messages/penstock.proto, with the comments that stand there.
std::string contract_section();
/// What the API takes and answers, from its JSON Schemas.
std::string api_section();
/// Logs that the node fills itself, with their columns; tables that it keeps; and what components keep in theirs.
std::string stored_section();
/// The fields of a line of the log.
std::string log_line_section();

struct Described {
  std::string name;
  std::string meaning;
};

/// A log that the node fills: its schema, and what each column means, in the same order.
struct SystemLog {
  std::string name;
  std::string meaning;
  SchemaPtr schema;
  std::vector<Described> columns;
};
const std::vector<SystemLog>& system_logs();

/// A table that the node keeps for itself. A name that ends in `*` stands for all that begin so.
struct SystemTable {
  std::string name;
  std::string key, value;
  std::string meaning;
};
const std::vector<SystemTable>& system_tables();
/// Whether a table of a store is one of these.
bool is_system_table(std::string_view name);

/// Meanings of fields that have no description where they are declared: by `Schema.path`, or by the last name of the path.
const std::vector<Described>& words();
/// Empty if there is none.
std::string meaning_of(const std::string& schema, const std::string& path);

/// The fields that lines may have beside time, level and message.
const std::vector<Described>& log_fields();

}  // namespace penstock::dictionary
