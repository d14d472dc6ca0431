#include "actors/aggregators/view_key.h"

#include <charconv>
#include <numeric>

#include "messages/key.h"
#include "messages/timestamp.h"

namespace penstock {
namespace {

template <class T>
bool parse_number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool append_parsed(Type type, std::string_view text, ColumnBuilder& out) {
  int64_t whole = 0;
  double number = 0;
  switch (type) {
    case Type::kBool:
      if (text != "true" && text != "false")
        return false;
      out.append_bool(text == "true");
      return true;
    case Type::kInt64:
      if (!parse_number(text, whole))
        return false;
      out.append_int64(whole);
      return true;
    case Type::kFloat64:
      if (!parse_number(text, number))
        return false;
      out.append_float64(number);
      return true;
    case Type::kTimestamp: {
      const std::optional<Timestamp> at = parse_timestamp(text);
      if (at)
        out.append_int64(at->micros);
      return at.has_value();
    }
    case Type::kString:
    case Type::kJson: break;
  }
  out.append_string(text);
  return true;
}

}  // namespace

Status parse_value(const Field& field, std::string_view text, ColumnBuilder& out) {
  if (append_parsed(field.type, text, out))
    return ok();
  return invalid_argument(field.name + " is " + std::string(type_name(field.type)) + ", and \"" + std::string(text) +
                          "\" is none");
}

Result<std::string> parse_key(std::span<const Field> fields, std::span<const std::string> texts) {
  if (fields.size() != texts.size()) {
    std::string names;
    for (const Field& field : fields)
      names += (names.empty() ? "" : ", ") + field.name;
    return invalid_argument("the key has " + std::to_string(fields.size()) + " values (" + names + "), not " +
                            std::to_string(texts.size()));
  }
  if (fields.empty())
    return std::string(kOnlyKey);
  BatchBuilder builder(std::make_shared<Schema>(std::vector<Field>(fields.begin(), fields.end())));
  std::vector<size_t> columns(fields.size());
  std::iota(columns.begin(), columns.end(), 0);
  for (size_t i = 0; i < fields.size(); ++i)
    PENSTOCK_TRY(parse_value(fields[i], texts[i], builder.column(i)));
  std::string key;
  append_key(*builder.finish(), columns, 0, key);
  return key;
}

void row_key(const RecordBatch& batch, std::span<const size_t> columns, size_t physical_row, std::string& out) {
  out.clear();
  if (columns.empty())
    out = kOnlyKey;
  else
    append_key(batch, columns, physical_row, out);
}

Status read_key(std::string_view key, std::span<ColumnBuilder*> builders) {
  if (builders.empty())
    return key == kOnlyKey ? ok() : data_loss("a view without key columns has another key");
  return decode_key(key, builders);
}

}  // namespace penstock
