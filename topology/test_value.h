// Values of tests: from a node of the file by the type of its column, to JSON (what comes in) or to text that compares (what
// is to come out). Pure.
#pragma once

#include <optional>
#include <string>

#include "messages/schema.h"
#include "topology/value.h"

namespace penstock::topology {

/// The node as a JSON value: of a text column a string whatever it looks like, else what it looks like.
std::string to_json(const Node& node, std::optional<Type> type = std::nullopt);

/// Whether a column of that type can hold it; null always. Numbers do for a timestamp only where they may `come_in`, since
/// only a source says what they count.
bool fits(const Node& node, Type type, bool comes_in);
/// `a whole number`, `a time such as 2026-01-01T00:00:00Z`.
std::string expected_value(Type type);

/// The text that Column::to_string gives for an equal value (of json a text of an equal value).
/// Requires: fits() and not null.
std::string comparable(const Node& node, Type type);

}  // namespace penstock::topology
