#include "messages/csv_writer.h"

#include <array>
#include <charconv>
#include <string_view>

#include "messages/timestamp.h"

namespace penstock {
namespace {

void append_text(std::string_view text, char delimiter, std::string& out) {
  const std::array<char, 4> special = {delimiter, '"', '\n', '\r'};
  if (!text.empty() && text.find_first_of(std::string_view(special.data(), special.size())) == std::string_view::npos) {
    out.append(text);
    return;
  }
  out += '"';
  for (size_t quote = text.find('"'); quote != std::string_view::npos; quote = text.find('"')) {
    out.append(text.substr(0, quote + 1));
    out += '"';
    text.remove_prefix(quote + 1);
  }
  out.append(text);
  out += '"';
}

void append_value(const Column& column, size_t row, char delimiter, std::string& out) {
  if (column.is_null(row))
    return;
  switch (column.type()) {
    case Type::kBool: out += column.bools()[row] != 0 ? "true" : "false"; return;
    case Type::kInt64: {
      std::array<char, 24> text{};
      out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), column.int64s()[row]).ptr);
      return;
    }
    case Type::kFloat64: out += format_float64(column.float64s()[row]); return;
    case Type::kTimestamp: out += format_timestamp({column.int64s()[row]}); return;
    case Type::kString:
    case Type::kJson: append_text(column.string(row), delimiter, out); return;
  }
}

}  // namespace

void append_csv_header(const Schema& schema, std::string& out, char delimiter) {
  for (size_t i = 0; i < schema.size(); ++i) {
    if (i > 0)
      out += delimiter;
    append_text(schema.field(i).name, delimiter, out);
  }
  out += '\n';
}

void append_row_csv(const RecordBatch& batch, size_t i, std::string& out, char delimiter) {
  const size_t row = batch.row(i);
  const size_t start = out.size();
  for (size_t c = 0; c < batch.columns().size(); ++c) {
    if (c > 0)
      out += delimiter;
    append_value(*batch.column(c), row, delimiter, out);
  }
  if (out.size() == start)
    out += "\"\"";
  out += '\n';
}

}  // namespace penstock
