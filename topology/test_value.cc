#include "topology/test_value.h"

#include "messages/json_writer.h"
#include "messages/number_text.h"
#include "messages/timestamp.h"

namespace penstock::topology {
namespace {

bool is_literal(const Node& node) {
  return !node.quoted && (node.text == "true" || node.text == "false" || is_json_number(node.text));
}

}  // namespace

std::string to_json(const Node& node, std::optional<Type> type) {
  std::string out;
  const bool text = type == Type::kString;
  switch (node.kind) {
    case Node::Kind::kNull: return "null";
    case Node::Kind::kScalar:
      if (!text && is_literal(node))
        return node.text;
      append_json_string(node.text, out);
      return out;
    case Node::Kind::kList:
      for (const Node& item : node.items)
        out += (out.empty() ? "" : ",") + to_json(item);
      return "[" + out + "]";
    case Node::Kind::kMap:
      for (const Entry& entry : node.entries) {
        out += out.empty() ? "" : ",";
        append_json_string(entry.key, out);
        out += ":" + to_json(entry.value);
      }
      return "{" + out + "}";
  }
  return out;
}

bool fits(const Node& node, Type type, bool comes_in) {
  if (node.kind == Node::Kind::kNull || type == Type::kJson)
    return true;
  if (node.kind != Node::Kind::kScalar)
    return false;
  int64_t whole = 0;
  double number = 0;
  switch (type) {
    case Type::kBool: return !node.quoted && (node.text == "true" || node.text == "false");
    case Type::kInt64: return !node.quoted && parse_json_int64(node.text, whole);
    case Type::kFloat64: return !node.quoted && parse_json_float64(node.text, number);
    case Type::kTimestamp:
      return parse_timestamp(node.text) || (comes_in && !node.quoted && parse_json_int64(node.text, whole));
    case Type::kString:
    case Type::kJson: return true;
  }
  return false;
}

std::string expected_value(Type type) {
  switch (type) {
    case Type::kBool: return "true or false";
    case Type::kInt64: return "a whole number";
    case Type::kFloat64: return "a number";
    case Type::kString: return "text";
    case Type::kTimestamp: return "a time such as 2026-01-01T00:00:00Z";
    case Type::kJson: return "any value";
  }
  return "";
}

std::string comparable(const Node& node, Type type) {
  if (type == Type::kFloat64) {
    double number = 0;
    (void)parse_json_float64(node.text, number);
    return format_float64(number);
  }
  if (type == Type::kTimestamp)
    return format_timestamp(*parse_timestamp(node.text));
  return type == Type::kJson ? to_json(node) : node.text;
}

}  // namespace penstock::topology
