#include "messages/schema.h"

#include <array>

namespace penstock {
namespace {

constexpr std::array<std::pair<Type, std::string_view>, 6> kTypeNames = {{{Type::kBool, "bool"},
                                                                          {Type::kInt64, "int64"},
                                                                          {Type::kFloat64, "float64"},
                                                                          {Type::kString, "string"},
                                                                          {Type::kTimestamp, "timestamp"},
                                                                          {Type::kJson, "json"}}};

}  // namespace

std::string_view type_name(Type type) {
  for (const auto& [value, name] : kTypeNames)
    if (value == type)
      return name;
  return "unknown";
}

std::optional<Type> parse_type(std::string_view name) {
  for (const auto& [value, known] : kTypeNames)
    if (known == name)
      return value;
  return std::nullopt;
}

std::optional<size_t> Schema::index_of(std::string_view name) const {
  for (size_t i = 0; i < fields_.size(); ++i)
    if (fields_[i].name == name)
      return i;
  return std::nullopt;
}

std::vector<std::string> Schema::names() const {
  std::vector<std::string> out;
  for (const Field& field : fields_)
    out.push_back(field.name);
  return out;
}

std::string Schema::to_string() const {
  std::string out;
  for (const Field& field : fields_) {
    if (!out.empty())
      out += ", ";
    out += field.name + " " + std::string(type_name(field.type)) + (field.required ? "!" : "");
  }
  return out;
}

}  // namespace penstock
