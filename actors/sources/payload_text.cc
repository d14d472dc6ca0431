#include "actors/sources/payload_text.h"

#include <algorithm>
#include <cstring>

#include "messages/utf8.h"

namespace penstock {
namespace {

constexpr size_t kMostCsvRecord = size_t{1} << 28;

using Errors = std::vector<DecodeError>;

size_t first_of_text(std::string_view payload) { return payload.find_first_not_of(" \t\r\n"); }

bool has_line_end(std::string_view payload) { return std::memchr(payload.data(), '\n', payload.size()) != nullptr; }

void take_rows(PayloadDecoder::Out& out, size_t rows, uint32_t payload) {
  out.payload_of_row.insert(out.payload_of_row.end(), rows, payload);
}

void take_error(PayloadDecoder::Out& out, uint32_t payload, DecodeError error) {
  error.record.clear();
  out.errors.emplace_back(payload, std::move(error));
}

// Of `count` payloads, one line each, all but those with errors, which `line_of` numbers from 0.
template <class LineOf>
void take_lines(PayloadDecoder::Out& out, uint32_t first, size_t count, Errors& errors, LineOf line_of) {
  size_t done = 0;
  for (DecodeError& error : errors) {
    const size_t line = line_of(error);
    for (; done < line; ++done)
      out.payload_of_row.push_back(first + static_cast<uint32_t>(done));
    done = line + 1;
    take_error(out, first + static_cast<uint32_t>(line), std::move(error));
  }
  for (; done < count; ++done)
    out.payload_of_row.push_back(first + static_cast<uint32_t>(done));
}

// Where in the payload, of which the decoder saw one long line, the error is.
void place(DecodeError& error, std::string_view payload) {
  error.line = 1;
  if (error.column == 0)
    return;
  const std::string_view before = payload.substr(0, error.column - 1);
  error.line += static_cast<uint64_t>(std::count(before.begin(), before.end(), '\n'));
  error.column = before.size() - (before.rfind('\n') + 1) + 1;
}

std::string_view without_last_line_end(std::string_view payload) {
  if (payload.ends_with('\n'))
    payload.remove_suffix(1);
  return payload;
}

}  // namespace

BatchPtr joined_payloads(const SchemaPtr& schema, std::vector<BatchPtr>& parts) {
  BatchPtr batch = parts.empty() ? RecordBatch::empty(schema) : parts.size() == 1 ? parts[0] : concatenate(parts);
  parts.clear();
  return batch;
}

JsonPayloads::JsonPayloads(SchemaPtr schema, const PayloadFormat& format)
    : schema_(schema), decoder_(std::move(schema), {format.timestamp_units, format.unknown_fields}) {}

PayloadDecoder::Out JsonPayloads::decode(std::span<const std::string_view> payloads) {
  Out out;
  out.payload_of_row.reserve(payloads.size());
  size_t begin = 0;  // of the payloads that are put together
  for (size_t i = 0; i < payloads.size(); ++i) {
    const size_t text = first_of_text(payloads[i]);
    if (text != std::string_view::npos && payloads[i][text] != '[')
      continue;
    decode_lines(payloads.subspan(begin, i - begin), static_cast<uint32_t>(begin), out);
    begin = i + 1;
    if (text != std::string_view::npos) {
      decode_array(payloads[i], static_cast<uint32_t>(i), out);
    } else {
      DecodeError error;
      error.expected = "an object";
      error.found = "an empty payload";
      take_error(out, static_cast<uint32_t>(i), std::move(error));
    }
  }
  decode_lines(payloads.subspan(begin), static_cast<uint32_t>(begin), out);
  out.batch = joined_payloads(schema_, parts_);
  return out;
}

// A line end inside a payload becomes a carriage return: white space too, and as wrong inside a string.
void JsonPayloads::decode_lines(std::span<const std::string_view> payloads, uint32_t first, Out& out) {
  if (payloads.empty())
    return;
  buffer_.clear();
  for (const std::string_view payload : payloads) {
    const size_t start = buffer_.size();
    buffer_.append(payload);
    if (has_line_end(payload))
      std::replace(buffer_.begin() + static_cast<std::ptrdiff_t>(start), buffer_.end(), '\n', '\r');
    buffer_.push_back('\n');
  }
  Decoded decoded = decoder_.decode(buffer_);
  take_lines(out, first, payloads.size(), decoded.errors, [&](DecodeError& error) {
    const size_t line = error.line - 1;
    place(error, payloads[line]);
    return line;
  });
  parts_.push_back(std::move(decoded.batch));
}

void JsonPayloads::decode_array(std::string_view payload, uint32_t number, Out& out) {
  auto decoded = decoder_.decode_value(payload);
  if (!decoded.ok() || !decoded->errors.empty()) {
    DecodeError error;
    if (decoded.ok()) {
      error = std::move(decoded->errors.front());
    } else {
      error.expected = "an array of objects";
      error.found = decoded.status().message();
    }
    return take_error(out, number, std::move(error));
  }
  take_rows(out, decoded->batch->rows(), number);
  parts_.push_back(std::move(decoded->batch));
}

CsvPayloads::CsvPayloads(SchemaPtr schema, const PayloadFormat& format) : schema_(std::move(schema)) {
  options_.delimiter = format.delimiter;
  options_.quote = format.quote;
  options_.columns = format.fields.empty() ? schema_->names() : format.fields;
  if (format.fields.empty())
    std::erase(options_.columns, format.unknown_fields.column);
  options_.timestamp_units = format.timestamp_units;
  options_.unknown_fields = format.unknown_fields;
  options_.max_record = kMostCsvRecord;
}

PayloadDecoder::Out CsvPayloads::decode(std::span<const std::string_view> payloads) {
  Out out;
  out.payload_of_row.reserve(payloads.size());
  size_t begin = 0;
  const auto take_until = [&](size_t end) {
    if (begin < end && !decode_lines(payloads.subspan(begin, end - begin), static_cast<uint32_t>(begin), out))
      for (size_t i = begin; i < end; ++i)
        decode_alone(payloads[i], static_cast<uint32_t>(i), out);
    begin = end + 1;
  };
  for (size_t i = 0; i < payloads.size(); ++i) {
    const std::string_view line = without_last_line_end(payloads[i]);
    if (first_of_text(line) != std::string_view::npos && !has_line_end(line))
      continue;
    take_until(i);
    decode_alone(payloads[i], static_cast<uint32_t>(i), out);
  }
  take_until(payloads.size());
  out.batch = joined_payloads(schema_, parts_);
  return out;
}

// False, with nothing taken, if the payloads are not one record each: a quote in one of them is not closed.
bool CsvPayloads::decode_lines(std::span<const std::string_view> payloads, uint32_t first, Out& out) {
  buffer_ = "\n";  // so that no byte order mark is taken off the first of them only
  for (const std::string_view payload : payloads)
    buffer_.append(without_last_line_end(payload)).push_back('\n');
  CsvDecoder decoder(schema_, options_);
  std::string_view rest = buffer_;
  auto decoded = decoder.decode(rest);
  if (!decoded.ok() || decoded->batch->rows() + decoded->errors.size() != payloads.size())
    return false;
  take_lines(out, first, payloads.size(), decoded->errors, [](DecodeError& error) {
    const size_t line = error.line - 2;
    error.line = 1;
    return line;
  });
  parts_.push_back(std::move(decoded->batch));
  return true;
}

void CsvPayloads::decode_alone(std::string_view payload, uint32_t number, Out& out) {
  CsvDecoder decoder(schema_, options_);
  std::vector<BatchPtr> parts;
  Errors errors;
  DecodeError broken;
  const auto take = [&](Result<Decoded> decoded) {
    if (!decoded.ok()) {
      broken.expected = "a record";
      broken.found = decoded.status().message();
      errors.push_back(broken);
      return;
    }
    parts.push_back(std::move(decoded->batch));
    errors.insert(errors.end(), decoded->errors.begin(), decoded->errors.end());
  };
  take(decoder.decode(payload));
  take(decoder.finish());
  const BatchPtr batch = joined_payloads(schema_, parts);
  if (errors.empty() && batch->rows() == 0) {
    broken.expected = "a record";
    broken.found = "an empty payload";
    errors.push_back(broken);
  }
  if (!errors.empty()) {
    if (errors.front().found == "the end of the file")
      errors.front().found = "the end of the payload";
    return take_error(out, number, std::move(errors.front()));
  }
  take_rows(out, batch->rows(), number);
  parts_.push_back(batch);
}

PayloadDecoder::Out RawPayloads::decode(std::span<const std::string_view> payloads) {
  Out out;
  ColumnBuilder column(Type::kString);
  column.reserve(payloads.size());
  for (size_t i = 0; i < payloads.size(); ++i) {
    if (valid_utf8(payloads[i])) {
      column.append_string(payloads[i]);
      out.payload_of_row.push_back(static_cast<uint32_t>(i));
      continue;
    }
    DecodeError error;
    error.field = schema_->field(0).name;
    error.expected = "UTF-8 text";
    error.found = shorten(payloads[i]);
    take_error(out, static_cast<uint32_t>(i), std::move(error));
  }
  out.batch = RecordBatch::make(schema_, {column.finish()});
  return out;
}

}  // namespace penstock
