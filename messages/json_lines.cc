#include "messages/json_lines.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "messages/json_cursor.h"
#include "messages/json_rows.h"
#include "messages/json_tokens.h"
#include "messages/utf8.h"

namespace penstock {
namespace {

// Text whose tokens are found in one go: large enough to make the call cheap, small enough to stay in the first caches.
constexpr size_t kWindow = 64 * 1024;

size_t line_end(std::string_view text, size_t from) {
  const void* found = std::memchr(text.data() + from, '\n', text.size() - from);
  return found == nullptr ? text.size() : static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

bool has_backslash(std::string_view text) { return std::memchr(text.data(), '\\', text.size()) != nullptr; }

std::string_view without_line_end(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n'))
    text.remove_suffix(1);
  return text;
}

std::string found_at(const JsonCursor& cursor) {
  switch (cursor.peek()) {
    case '\0': return cursor.at_end() ? "the end of the record" : shorten(cursor.token_text());
    case '{': return "an object";
    case '[': return "an array";
    default: return shorten(cursor.token_text());
  }
}

// What is wrong with a text in which no tokens could be found.
DecodeError error_of(JsonTokens::Fault fault, std::string_view text) {
  DecodeError error;
  if (fault == JsonTokens::Fault::kControlCharacter) {
    error.expected = "no control characters in strings";
  } else if (fault == JsonTokens::Fault::kUnclosedString) {
    error.expected = "a closing quote";
    error.found = "the end of the record";
  } else if (fault == JsonTokens::Fault::kUtf8) {
    size_t at = 0;
    for (size_t length = 0; at < text.size() && (length = utf8_length(text.substr(at))) != 0; at += length) {
    }
    error.expected = "UTF-8 text";
    error.column = at + 1;
    error.found = shorten(text.substr(at, 1));
  } else {
    error.expected = "a shorter text";
  }
  return error;
}

}  // namespace

class JsonLinesDecoder::Impl {
 public:
  Impl(SchemaPtr schema, const JsonOptions& options)
      : rows_(std::move(schema), options.timestamp_units, options.unknown_fields) {}

  Decoded decode(std::string_view lines, uint64_t first_line, std::string_view file);
  Result<Decoded> decode_value(std::string_view text, std::string_view name, size_t max_records);

 private:
  void decode_window(std::string_view window);
  void decode_broken_window(std::string_view window);
  void decode_line(JsonCursor cursor, std::string_view line);
  void decode_element(JsonCursor& cursor, std::string_view text, std::optional<uint64_t> index);
  DecodeError row_error(const JsonCursor& cursor) const;
  void add(DecodeError error, std::string_view record);
  Decoded take() { return {rows_.finish(), std::exchange(errors_, {})}; }

  JsonTokens tokens_;
  JsonRows rows_;
  std::vector<DecodeError> errors_;
  std::string_view file_;
  uint64_t line_ = 0;
  size_t bytes_a_row_ = 256;  // of the last text: for how many rows to make room
  size_t tokens_a_line_ = 0;  // of the last line: the next one most likely has as many
};

Decoded JsonLinesDecoder::Impl::decode(std::string_view lines, uint64_t first_line, std::string_view file) {
  file_ = file;
  line_ = first_line;
  rows_.reserve(lines.size() / bytes_a_row_ + 1);
  const size_t size_before = lines.size();
  while (!lines.empty()) {
    size_t size = lines.size() <= kWindow ? lines.size() : cut_at_last_newline(lines.substr(0, kWindow));
    if (size == 0)  // one long line
      size = std::min(lines.size(), line_end(lines, kWindow) + 1);
    decode_window(lines.substr(0, size));
    lines.remove_prefix(size);
  }
  Decoded decoded = take();
  bytes_a_row_ = std::max<size_t>(size_before / (decoded.batch->rows() + 1), 16);
  return decoded;
}

void JsonLinesDecoder::Impl::decode_window(std::string_view window) {
  if (tokens_.find(window) != JsonTokens::Fault::kNone)
    return decode_broken_window(window);
  std::span<const uint32_t> positions = tokens_.positions();
  const bool escapes = has_backslash(window);
  for (size_t begin = 0; begin < window.size(); ++line_) {
    const size_t end = line_end(window, begin);
    size_t tokens = tokens_a_line_;
    if (tokens == 0 || tokens >= positions.size() || positions[tokens - 1] >= end || positions[tokens] < end)
      tokens = static_cast<size_t>(std::lower_bound(positions.begin(), positions.end() - 1, end) - positions.begin());
    tokens_a_line_ = tokens;
    const std::string_view line = window.substr(begin, end - begin);
    if (tokens > 0)
      decode_line(JsonCursor(window, positions.first(tokens + 1), escapes && has_backslash(line)), line);
    positions = positions.subspan(tokens);
    begin = end + 1;
  }
}

// Some line is broken in a way that hides where tokens are: looks at each line alone.
void JsonLinesDecoder::Impl::decode_broken_window(std::string_view window) {
  for (size_t begin = 0; begin < window.size(); ++line_) {
    const size_t end = line_end(window, begin);
    const std::string_view line = window.substr(begin, end - begin);
    const JsonTokens::Fault fault = tokens_.find(line);
    if (fault != JsonTokens::Fault::kNone) {
      DecodeError error = error_of(fault, line);
      error.line = line_;
      add(std::move(error), line);
    } else if (tokens_.positions().size() > 1) {
      decode_line(JsonCursor(line, tokens_.positions()), line);
    }
    begin = end + 1;
  }
}

void JsonLinesDecoder::Impl::decode_line(JsonCursor cursor, std::string_view line) {
  if (rows_.append(cursor, true))
    return;
  DecodeError error = row_error(cursor);
  error.line = line_;
  if (!rows_.missing())
    error.column = std::min(line.size(), static_cast<size_t>(cursor.here() - line.data())) + 1;
  add(std::move(error), line);
}

DecodeError JsonLinesDecoder::Impl::row_error(const JsonCursor& cursor) const {
  DecodeError error;
  error.field = rows_.field();
  error.expected = rows_.expected();
  error.found = rows_.missing() ? "no such member" : found_at(cursor);
  return error;
}

void JsonLinesDecoder::Impl::add(DecodeError error, std::string_view record) {
  error.file = file_;
  error.record = without_line_end(record).substr(0, DecodeError::kMaxRecord);
  errors_.push_back(std::move(error));
}

Result<Decoded> JsonLinesDecoder::Impl::decode_value(std::string_view text, std::string_view name, size_t max_records) {
  file_ = name;
  const auto wrong = [&](DecodeError error, size_t position) {
    const std::string_view before = text.substr(0, std::min(position, text.size()));
    error.file = name;
    error.line = static_cast<uint64_t>(std::count(before.begin(), before.end(), '\n')) + 1;
    error.column = before.size() - (before.rfind('\n') + 1) + 1;
    return invalid_argument(error.to_string());
  };
  if (const JsonTokens::Fault fault = tokens_.find(text); fault != JsonTokens::Fault::kNone) {
    DecodeError error = error_of(fault, text);
    const size_t position = error.column == 0 ? text.size() : error.column - 1;
    return wrong(std::move(error), position);
  }
  JsonCursor cursor(text, tokens_.positions());
  const bool array = cursor.peek() == '[';
  const bool sound = array || cursor.peek() == '{' ? cursor.skip_value() && (cursor.at_end() || cursor.fail("the end"))
                                                   : cursor.fail("an object or an array of objects");
  if (!sound) {
    DecodeError error;
    error.expected = cursor.expected();
    error.found = cursor.at_end() ? "the end" : found_at(cursor);
    return wrong(std::move(error), cursor.position());
  }
  cursor.seek(0);
  if (!array) {
    decode_element(cursor, text, std::nullopt);
    return take();
  }
  cursor.take('[');
  for (uint64_t index = 0; !cursor.take(']'); ++index) {
    if (index == max_records) {
      (void)take();
      return resource_exhausted("the array has more than " + std::to_string(max_records) + " elements");
    }
    decode_element(cursor, text, index);
    cursor.take(',');
  }
  return take();
}

// An element of text that is known to be sound.
void JsonLinesDecoder::Impl::decode_element(JsonCursor& cursor, std::string_view text, std::optional<uint64_t> index) {
  const size_t start = cursor.token();
  if (rows_.append(cursor, false))
    return;
  DecodeError error = row_error(cursor);
  error.index = index;
  cursor.seek(start);
  const size_t begin = cursor.position();
  cursor.skip_value();
  cursor.seek(cursor.token() - 1);
  const size_t end = cursor.position() + cursor.token_text().size();
  cursor.seek(cursor.token() + 1);
  add(std::move(error), text.substr(begin, end - begin));
}

JsonLinesDecoder::JsonLinesDecoder(SchemaPtr schema, JsonOptions options)
    : impl_(std::make_unique<Impl>(std::move(schema), options)) {}
JsonLinesDecoder::~JsonLinesDecoder() = default;
JsonLinesDecoder::JsonLinesDecoder(JsonLinesDecoder&&) noexcept = default;
JsonLinesDecoder& JsonLinesDecoder::operator=(JsonLinesDecoder&&) noexcept = default;

Decoded JsonLinesDecoder::decode(std::string_view lines, uint64_t first_line, std::string_view file) {
  return impl_->decode(lines, first_line, file);
}

Result<Decoded> JsonLinesDecoder::decode_value(std::string_view text, std::string_view name, size_t max_records) {
  return impl_->decode_value(text, name, max_records);
}

size_t cut_at_last_newline(std::string_view text) {
  const size_t last = text.rfind('\n');
  return last == std::string_view::npos ? 0 : last + 1;
}

size_t cut_after_lines(std::string_view text, size_t count) {
  size_t end = 0;
  for (size_t i = 0; i < count && end < text.size(); ++i)
    end = std::min(text.size(), line_end(text, end) + 1);
  return end;
}

}  // namespace penstock
