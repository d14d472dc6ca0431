// JSON: our decoder against simdjson's DOM, which knows nothing of schemas, line by line; then what must be the same
// however the text is cut, and the way back through the writer.
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <optional>

#include "messages/json_lines.h"
#include "messages/json_text.h"
#include "messages/json_writer.h"
#include "messages/number_text.h"
#include "messages/timestamp.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace penstock::fuzz {
namespace {

namespace dom = simdjson::dom;

/// Whether the DOM takes the value for the field, with the value as exact_text() shows it. Nothing: the DOM cannot tell.
struct Reading {
  bool good = false;
  std::string text;
  bool unknown = false;
};

Reading good(std::string text) { return {true, std::move(text)}; }

Reading read_value(dom::element value, const Field& field) {
  if (value.is_null())
    return {!field.required, "-"};
  switch (field.type) {
    case Type::kBool: {
      bool out = false;
      return value.get_bool().get(out) == simdjson::SUCCESS ? good(out ? "true" : "false") : Reading{};
    }
    case Type::kInt64: {
      int64_t out = 0;
      return value.type() == dom::element_type::INT64 && value.get_int64().get(out) == simdjson::SUCCESS
                 ? good(std::to_string(out))
                 : Reading{};
    }
    case Type::kFloat64: {
      double out = 0;
      if (value.get_double().get(out) != simdjson::SUCCESS)
        return {};
      if (out == 0 && value.type() != dom::element_type::DOUBLE)
        return {true, "", true};  // the DOM has lost the sign of `-0`
      return good(std::to_string(std::bit_cast<uint64_t>(out)));
    }
    case Type::kString: {
      std::string_view out;
      return value.get_string().get(out) == simdjson::SUCCESS ? good(std::string(out)) : Reading{};
    }
    case Type::kTimestamp: {
      std::string_view out;
      if (value.get_string().get(out) != simdjson::SUCCESS)
        return {value.is_number(), "", value.is_number()};  // the DOM has lost how the number was written
      const auto moment = parse_timestamp(out);
      return moment ? good(std::to_string(moment->micros)) : Reading{};
    }
    case Type::kJson: return {true, "", true};
  }
  return {};
}

/// The row as exact_text() shows it, unless there is something `unknown` in it; nothing if the line must be refused.
std::optional<std::string> read_row(dom::object object, const Schema& schema, bool& unknown) {
  std::string out;
  for (const Field& field : schema.fields()) {
    Reading reading{!field.required, "-"};
    for (const auto& [name, value] : object)
      if (name == field.name) {
        reading = read_value(value, field);
        break;
      }
    unknown = unknown || reading.unknown;
    if (!reading.good && !reading.unknown)
      return std::nullopt;
    out += reading.text + "|";
  }
  return out;
}

void against_dom(std::string_view line, const SchemaPtr& schema, JsonLinesDecoder& decoder) {
  static dom::parser parser;
  const Decoded ours = decoder.decode(line);
  const simdjson::padded_string padded(line);
  dom::element element;
  const simdjson::error_code error = parser.parse(padded).get(element);
  const bool blank = line.find_first_not_of(" \t\r") == std::string_view::npos;
  require(ours.batch->rows() + ours.errors.size() == (blank ? 0 : 1), "a line is one record or one error", line);
  const bool taken = ours.batch->rows() == 1;
  if (blank)
    return;
  if (error != simdjson::SUCCESS) {
    // It refuses numbers that no 64 bits hold, and nests less deep; we take both where nobody asked for them.
    const bool stricter =
        error == simdjson::NUMBER_ERROR || error == simdjson::DEPTH_ERROR || error == simdjson::CAPACITY;
    require(!taken || stricter, "what is no JSON is refused", line);
    return;
  }
  dom::object object;
  if (element.get_object().get(object) != simdjson::SUCCESS) {
    require(!taken, "what is no object is refused", line);
    return;
  }
  bool unknown = false;
  const auto expected = read_row(object, *schema, unknown);
  const bool deep = !taken && ours.errors.front().expected.find("levels of nesting") != std::string::npos;
  if (!expected)
    require(!taken, "a row that does not fit is refused", line);
  else if (!unknown)
    require(deep || (taken && exact_text(*ours.batch) == *expected + "\n"), "the row is as simdjson reads it",
            *expected + " " + exact_text(*ours.batch));
}

/// Rows and errors as one text; without places, which depend on what was decoded together.
std::string shown(const Decoded& decoded) {
  std::string out = exact_text(*decoded.batch);
  for (const DecodeError& error : decoded.errors)
    out += std::to_string(error.line) + " " + error.field + " " + error.expected + " " + error.found + "\n";
  return out;
}

void cut_anywhere(std::string_view text, size_t cut, JsonLinesDecoder& decoder) {
  const std::string whole = shown(decoder.decode(text));
  const size_t first = cut_after_lines(text, cut);
  const Decoded a = decoder.decode(text.substr(0, first));
  const uint64_t lines =
      static_cast<uint64_t>(std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(first), '\n'));
  const Decoded b = decoder.decode(text.substr(first), lines + 1);
  Decoded both{a.batch->rows() == 0   ? b.batch
               : b.batch->rows() == 0 ? a.batch
                                      : concatenate({a.batch, b.batch}),
               a.errors};
  both.errors.insert(both.errors.end(), b.errors.begin(), b.errors.end());
  require(shown(both) == whole, "lines decode the same whatever they come with",
          shown(both) + "\n--- whole:\n" + whole);
}

void there_and_back(const Decoded& decoded, JsonLinesDecoder& decoder) {
  std::string lines, array = "[";
  for (size_t i = 0; i < decoded.batch->rows(); ++i) {
    append_row_json(*decoded.batch, i, lines);
    append_row_json(*decoded.batch, i, array);
    lines += '\n';
    array += i + 1 < decoded.batch->rows() ? ", " : "";
  }
  const Decoded again = decoder.decode(lines);
  // Moments outside the years 1 to 9999 cannot be here, since no text reads as one.
  require(again.errors.empty() && exact_text(*again.batch) == exact_text(*decoded.batch), "written rows read the same",
          lines);
  const auto elements = decoder.decode_value(array + "]");
  require(elements.ok() && elements->errors.empty() && exact_text(*elements->batch) == exact_text(*decoded.batch),
          "an array reads as its elements do", array);
}

}  // namespace

void fuzz_json(std::string_view bytes) {
  Input input(bytes);
  const SchemaPtr& schema = schema_of(input.below(kSchemas));
  const size_t cut = input.below(8);
  const std::string_view text = input.rest();

  JsonLinesDecoder decoder(schema);  // one for all: what it learnt from one text must not show in the next
  for (Input lines(text); !lines.done();)
    against_dom(lines.line(), schema, decoder);
  const Decoded decoded = decoder.decode(text, 1, "fuzz");
  require_sound(*decoded.batch);
  for (const DecodeError& error : decoded.errors)
    (void)error.to_string();
  cut_anywhere(text, cut, decoder);
  there_and_back(decoded, decoder);

  const auto value = decoder.decode_value(text, "fuzz", 1000);
  if (value.ok()) {
    require_sound(*value->batch);
    require(minify_json(text).ok(), "a value that decodes is JSON", text);
  }
  if (const auto small = minify_json(text); small.ok()) {
    const auto again = minify_json(*small);
    require(again.ok() && *again == *small, "minified text stays as it is", *small);
  }
}

}  // namespace penstock::fuzz
