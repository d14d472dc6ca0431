#include "actors/testing/given_rows.h"

#include "actors/file_format.h"
#include "actors/sources/record_properties.h"
#include "messages/csv.h"
#include "messages/json_lines.h"

namespace penstock {
namespace {

Result<Decoded> decode_csv(const topology::BoundComponent& source, const std::string& line) {
  const topology::Component& component = source.component;
  CsvOptions options;
  options.delimiter = delimiter_of(component);
  options.columns = component.has("columns") ? component.texts("columns") : source.binding.output->names();
  options.timestamp_units = timestamp_units(component);
  options.unknown_fields = unknown_fields(component);
  CsvDecoder decoder(source.binding.output, options);
  const std::string whole = line + "\n";
  std::string_view rest = whole;
  PENSTOCK_ASSIGN(Decoded decoded, decoder.decode(rest));
  if (decoded.batch->rows() > 0 || !decoded.errors.empty())
    return decoded;
  return decoder.finish();
}

Result<Decoded> decode(const topology::BoundComponent& source, const topology::GivenRow& row) {
  if (row.raw && file_format(source.component) == FileFormat::kCsv)
    return decode_csv(source, row.text);
  JsonLinesDecoder decoder(source.binding.output,
                           {timestamp_units(source.component), unknown_fields(source.component)});
  return decoder.decode(row.text);
}

}  // namespace

Result<IngestRequest> given_request(const topology::BoundComponent& source, const topology::GivenRow& row) {
  PENSTOCK_ASSIGN(Decoded decoded, decode(source, row));
  IngestRequest request;
  request.source = source.component.id;
  request.records = std::move(decoded.batch);
  request.bytes = row.text.size();
  for (DecodeError& error : decoded.errors)
    request.wrong.push_back({error.field.empty() ? "" : "/" + error.field,
                             "expected " + error.expected + (error.found.empty() ? "" : ", found " + error.found),
                             std::move(error.record)});
  return request;
}

}  // namespace penstock
