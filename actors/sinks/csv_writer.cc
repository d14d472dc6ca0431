#include "actors/sinks/csv_writer.h"

namespace penstock {
namespace {

void append_text(std::string_view text, char delimiter, std::string& out) {
  const char special[] = {delimiter, '"', '\n', '\r'};
  if (!text.empty() && text.find_first_of(std::string_view(special, 4)) == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"')
      out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

void append_row_csv(const RecordBatch& batch, size_t i, char delimiter, std::string& out) {
  const size_t row = batch.row(i);
  for (size_t c = 0; c < batch.columns().size(); ++c) {
    if (c > 0)
      out += delimiter;
    const Column& column = *batch.column(c);
    if (column.is_null(row))
      continue;
    if (column.type() == Type::kString || column.type() == Type::kJson)
      append_text(column.string(row), delimiter, out);
    else
      out += column.to_string(row);
  }
  out += '\n';
}

void append_header_csv(const Schema& schema, char delimiter, std::string& out) {
  for (size_t c = 0; c < schema.size(); ++c) {
    if (c > 0)
      out += delimiter;
    append_text(schema.field(c).name, delimiter, out);
  }
  out += '\n';
}

}  // namespace penstock
