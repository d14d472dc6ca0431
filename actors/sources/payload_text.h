// Payloads that are text: JSON, CSV, and raw, where the whole payload is one value.
//
// JSON and CSV are decoded many payloads at a time, put one behind the other with line ends between them: that is several
// times as fast as one by one.
#pragma once

#include <string>

#include "actors/sources/payload_decoder.h"
#include "messages/csv.h"
#include "messages/json_lines.h"

namespace penstock {

/// A payload is one object, on one line or several, or an array of objects.
class JsonPayloads final : public PayloadDecoder {
 public:
  JsonPayloads(SchemaPtr schema, const PayloadFormat& format);
  Out decode(std::span<const std::string_view> payloads) override;

 private:
  void decode_lines(std::span<const std::string_view> payloads, uint32_t first, Out& out);
  void decode_array(std::string_view payload, uint32_t number, Out& out);

  SchemaPtr schema_;
  JsonLinesDecoder decoder_;
  std::string buffer_;
  std::vector<BatchPtr> parts_;
};

/// A payload is one record, or several, one a line; without a header.
class CsvPayloads final : public PayloadDecoder {
 public:
  CsvPayloads(SchemaPtr schema, const PayloadFormat& format);
  Out decode(std::span<const std::string_view> payloads) override;

 private:
  bool decode_lines(std::span<const std::string_view> payloads, uint32_t first, Out& out);
  void decode_alone(std::string_view payload, uint32_t number, Out& out);

  SchemaPtr schema_;
  CsvOptions options_;
  std::string buffer_;
  std::vector<BatchPtr> parts_;
};

/// A payload is the value of the schema's only column, a string.
class RawPayloads final : public PayloadDecoder {
 public:
  explicit RawPayloads(SchemaPtr schema) : schema_(std::move(schema)) {}
  Out decode(std::span<const std::string_view> payloads) override;

 private:
  SchemaPtr schema_;
};

/// The rows of several batches of one schema as one.
BatchPtr joined_payloads(const SchemaPtr& schema, std::vector<BatchPtr>& parts);

}  // namespace penstock
