#include "messages/json_writer.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>

#include "messages/timestamp.h"
#include "messages/utf8.h"

namespace penstock {
namespace {

using Buffer = rapidjson::StringBuffer;
using Writer = rapidjson::Writer<Buffer>;

void write_string(std::string_view text, Writer& writer) {
  if (valid_utf8(text)) {
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  } else {
    const std::string repaired = replace_invalid_utf8(text);
    writer.String(repaired.data(), static_cast<rapidjson::SizeType>(repaired.size()));
  }
}

void write_value(const Column& column, size_t row, Writer& writer) {
  if (column.is_null(row)) {
    writer.Null();
    return;
  }
  switch (column.type()) {
    case Type::kBool: writer.Bool(column.bools()[row] != 0); return;
    case Type::kInt64: writer.Int64(column.int64s()[row]); return;
    case Type::kFloat64: {
      const double value = column.float64s()[row];
      if (!std::isfinite(value)) {
        writer.Null();
        return;
      }
      const std::string text = format_float64(value);
      writer.RawValue(text.data(), text.size(), rapidjson::kNumberType);
      return;
    }
    case Type::kTimestamp: write_string(format_timestamp({column.int64s()[row]}), writer); return;
    case Type::kString: write_string(column.string(row), writer); return;
    case Type::kJson: {
      const std::string_view text = column.string(row);
      writer.RawValue(text.data(), text.size(), rapidjson::kObjectType);
      return;
    }
  }
}

// Runs `write` with a writer on a buffer that keeps its memory from call to call.
template <class Write>
void append(std::string& out, Write&& write) {
  thread_local Buffer buffer;
  buffer.Clear();
  Writer writer(buffer);
  write(writer);
  out.append(buffer.GetString(), buffer.GetSize());
}

}  // namespace

std::string row_to_json(const RecordBatch& batch, size_t i) {
  std::string out;
  append_row_json(batch, i, out);
  return out;
}

void append_row_json(const RecordBatch& batch, size_t i, std::string& out) {
  append(out, [&](Writer& writer) {
    const size_t row = batch.row(i);
    writer.StartObject();
    for (size_t c = 0; c < batch.columns().size(); ++c) {
      write_string(batch.schema()->field(c).name, writer);
      write_value(*batch.column(c), row, writer);
    }
    writer.EndObject();
  });
}

void append_value_json(const Column& column, size_t row, std::string& out) {
  append(out, [&](Writer& writer) { write_value(column, row, writer); });
}

void append_json_string(std::string_view text, std::string& out) {
  append(out, [&](Writer& writer) { write_string(text, writer); });
}

}  // namespace penstock
