// CSV: the same records however the stream is cut, however many are asked for at once, and when another decoder goes on
// where the first one stopped; and the way back through the writer.
#include "messages/csv.h"
#include "messages/csv_writer.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace penstock::fuzz {
namespace {

/// Rows and errors as one text, of any number of parts.
struct Shown {
  std::string rows, errors;
  Status status;

  void add(const Result<Decoded>& part) {
    if (!part.ok()) {
      status = part.status();
      return;
    }
    require_sound(*part->batch);
    rows += exact_text(*part->batch);
    for (const DecodeError& error : part->errors)
      errors += error.to_string() + " of " + error.record + "\n";
  }
  bool operator==(const Shown& other) const {
    if (!status.ok() || !other.status.ok())
      return status.message() == other.status.message();
    return rows == other.rows && errors == other.errors;
  }
  std::string text() const { return rows + errors + status.to_string(); }
};

Shown whole(const SchemaPtr& schema, const CsvOptions& options, std::string_view text) {
  CsvDecoder decoder(schema, options, "fuzz");
  Shown out;
  out.add(decoder.decode(text));
  if (out.status.ok())
    out.add(decoder.finish());
  return out;
}

Shown in_pieces(const SchemaPtr& schema, const CsvOptions& options, std::string_view text, size_t piece, size_t rows) {
  CsvDecoder decoder(schema, options, "fuzz");
  Shown out;
  while (!text.empty() && out.status.ok()) {
    std::string_view chunk = text.substr(0, piece);
    text.remove_prefix(chunk.size());
    while (!chunk.empty() && out.status.ok())
      out.add(decoder.decode(chunk, rows));
  }
  if (out.status.ok())
    out.add(decoder.finish());
  return out;
}

/// Every few records another decoder, from the position of the one before.
Shown resumed(const SchemaPtr& schema, const CsvOptions& options, std::string_view text, size_t rows) {
  Shown out;
  CsvPosition position;
  std::vector<std::string> header;
  for (;;) {
    CsvDecoder decoder(schema, options, "fuzz");
    if (!header.empty()) {
      if (const Status status = decoder.resume(position, header); !status.ok()) {
        out.status = status;
        return out;
      }
    }
    std::string_view rest = text.substr(position.offset);
    out.add(decoder.decode(rest, rows));
    if (!out.status.ok())
      return out;
    if (rest.empty()) {
      out.add(decoder.finish());
      return out;
    }
    require(decoder.position().offset > position.offset, "a decoder gets on");
    position = decoder.position();
    header = decoder.header();
  }
}

}  // namespace

void fuzz_csv(std::string_view bytes) {
  Input input(bytes);
  const SchemaPtr& schema = schema_of(input.below(kSchemas));
  CsvOptions options;
  options.delimiter = std::string_view(",;\t|")[input.below(4)];
  if (input.flag())
    options.quote = std::nullopt;
  if (input.flag())
    options.columns = schema->names();
  if (input.flag())
    options.encoding = TextEncoding::kLatin1;
  options.empty_is_null = !input.flag();
  options.max_record = 64 + 64 * input.below(8);
  const size_t piece = 1 + input.below(32), rows = 1 + input.below(4);
  const std::string_view text = input.rest();

  const Shown all = whole(schema, options, text);
  const Shown pieces = in_pieces(schema, options, text, piece, rows);
  require(pieces == all, "a stream decodes the same in pieces", pieces.text() + "\n--- whole:\n" + all.text());
  const Shown again = resumed(schema, options, text, rows);
  require(again == all, "another decoder can go on", again.text() + "\n--- whole:\n" + all.text());

  CsvDecoder decoder(schema, options);
  std::string_view rest = text;
  const auto decoded = decoder.decode(rest);
  if (!decoded.ok() || decoded->batch->rows() == 0)
    return;
  std::string written;
  append_csv_header(*schema, written, options.delimiter);
  for (size_t i = 0; i < decoded->batch->rows(); ++i)
    append_row_csv(*decoded->batch, i, written, options.delimiter);
  CsvOptions plain;
  plain.delimiter = options.delimiter;
  plain.max_record = written.size() + 1;
  CsvDecoder reader(schema, plain);
  std::string_view lines = written;
  const auto back = reader.decode(lines);
  if (schema->size() > 1)  // a row of one empty column is an empty line
    require(back.ok() && back->errors.empty() && exact_text(*back->batch) == exact_text(*decoded->batch),
            "written rows read the same", written);
}

}  // namespace penstock::fuzz
