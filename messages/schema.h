// The names and types of a batch's columns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// Numbers are part of stored formats and are never reused.
enum class Type : uint8_t {
  kBool = 1,
  kInt64 = 2,
  kFloat64 = 3,
  kString = 4,     // UTF-8
  kTimestamp = 5,  // microseconds UTC
  kJson = 6,       // the text of one valid JSON value
};

/// As written in a topology: bool, int64, float64, string, timestamp, json.
std::string_view type_name(Type type);
std::optional<Type> parse_type(std::string_view name);

struct Field {
  std::string name;
  Type type = Type::kString;
  bool required = false;  // never null; a record without it is refused when it is decoded
  bool operator==(const Field&) const = default;
};

/// Immutable once shared. Field names are unique.
class Schema {
 public:
  Schema() = default;
  explicit Schema(std::vector<Field> fields) : fields_(std::move(fields)) {}

  const std::vector<Field>& fields() const { return fields_; }
  const Field& field(size_t index) const { return fields_[index]; }
  size_t size() const { return fields_.size(); }
  std::optional<size_t> index_of(std::string_view name) const;
  std::vector<std::string> names() const;
  /// `user int64!, item int64!, note string` (`!` marks required).
  std::string to_string() const;
  bool operator==(const Schema&) const = default;

 private:
  std::vector<Field> fields_;
};

using SchemaPtr = std::shared_ptr<const Schema>;

}  // namespace penstock
