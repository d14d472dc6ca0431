#include "topology/read_test_rows.h"

#include "topology/hint.h"
#include "topology/test_value.h"

namespace penstock::topology {

void TestRowReader::wrong(Place place, std::string text, std::string hint) {
  diagnostics_.error(place, "wrong-type", std::move(text), std::move(hint));
}

std::optional<size_t> TestRowReader::find_column(const Entry& entry, const SchemaPtr& schema, const std::string& of) {
  if (!schema)
    return std::nullopt;
  const auto column = schema->index_of(entry.key);
  if (!column)
    diagnostics_.error(entry.key_place, "unknown-column", of + " has no column \"" + entry.key + "\"",
                       nearest_hint(entry.key, schema->names(), "its columns are"));
  return column;
}

void TestRowReader::check_value(const Entry& entry, Type type, bool comes_in) {
  if (!entry.value.broken && !fits(entry.value, type, comes_in))
    wrong(entry.value.place, entry.key + " is of type " + std::string(type_name(type)),
          "write " + expected_value(type) + (comes_in ? "; or the whole record as text, if it is to be wrong" : ""));
}

void TestRowReader::read_given(const Node& node, const SchemaPtr& schema, Given& given) {
  if (node.broken)
    return;
  if (node.kind == Node::Kind::kScalar) {
    given.rows.push_back({node.place, node.text, true});
    return;
  }
  if (node.kind != Node::Kind::kMap)
    return wrong(node.place, "a row is a map from columns to values, or the text of a record",
                 "such as {id: 1} or '{\"id\": \"broken\"'");
  std::string text;
  for (const Entry& entry : node.entries) {
    const auto column = find_column(entry, schema, given.source);
    if (!column)
      continue;
    const Type type = schema->field(*column).type;
    check_value(entry, type, true);
    Node key;
    key.kind = Node::Kind::kScalar;
    key.text = entry.key;
    text += (text.empty() ? "" : ",") + to_json(key, Type::kString) + ":" + to_json(entry.value, type);
  }
  std::vector<std::string> missing;
  for (size_t i = 0; schema && i < schema->size(); ++i)
    if (const Field& field = schema->field(i); field.required && node.find(field.name) == nullptr)
      missing.push_back(field.name);
  if (!missing.empty())
    diagnostics_.error(node.place, "missing-key", "a row of " + given.source + " needs " + joined(missing),
                       "give them values, or write the whole record as text, if it is to be wrong");
  given.rows.push_back({node.place, "{" + text + "}", false});
}

void TestRowReader::read_expected(const Node& node, const SchemaPtr& schema, ExpectedRows& out) {
  for (const Node& item : node.items) {
    if (item.kind != Node::Kind::kMap) {
      if (!item.broken)
        wrong(item.place, "a row is a map from columns to values", "such as {user: 1}");
      continue;
    }
    ExpectedRow& row = out.rows.emplace_back();
    row.place = item.place;
    for (const Entry& entry : item.entries) {
      const auto column = find_column(entry, schema, out.name);
      if (!column)
        continue;
      const Type type = schema->field(*column).type;
      check_value(entry, type, false);
      ExpectedCell& cell = row.cells.emplace_back();
      cell.place = entry.value.place;
      cell.column = entry.key;
      cell.quoted = type == Type::kString || type == Type::kTimestamp;
      if (entry.value.kind != Node::Kind::kNull && fits(entry.value, type, false))
        cell.value = comparable(entry.value, type);
    }
  }
}

}  // namespace penstock::topology
