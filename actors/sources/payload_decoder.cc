#include "actors/sources/payload_decoder.h"

#include "actors/sources/payload_text.h"
#include "messages/protobuf_batch.h"
#include "messages/protobuf_rows.h"

namespace penstock {
namespace {

class ProtobufPayloads final : public PayloadDecoder {
 public:
  ProtobufPayloads(ProtobufTypePtr type, SchemaPtr schema, const PayloadFormat& format)
      : rows_(std::move(type), std::move(schema), format.paths, format.timestamp_units) {}

  Out decode(std::span<const std::string_view> payloads) override {
    Out out;
    DecodeError error;
    for (size_t i = 0; i < payloads.size(); ++i) {
      if (rows_.append(payloads[i], error))
        out.payload_of_row.push_back(static_cast<uint32_t>(i));
      else
        out.errors.emplace_back(static_cast<uint32_t>(i), std::move(error));
    }
    out.batch = rows_.finish();
    return out;
  }

 private:
  ProtobufRows rows_;
};

/// A payload is a penstock.contract.RecordBatch.
class BatchPayloads final : public PayloadDecoder {
 public:
  explicit BatchPayloads(SchemaPtr schema) : schema_(std::move(schema)) {}

  Out decode(std::span<const std::string_view> payloads) override {
    Out out;
    std::vector<BatchPtr> parts;
    for (size_t i = 0; i < payloads.size(); ++i) {
      auto batch = decode_protobuf_batch(payloads[i], schema_);
      if (batch.ok()) {
        out.payload_of_row.insert(out.payload_of_row.end(), (*batch)->rows(), static_cast<uint32_t>(i));
        parts.push_back(std::move(*batch));
        continue;
      }
      DecodeError error;
      error.expected = "a penstock.contract.RecordBatch with the schema (" + schema_->to_string() + ")";
      error.found = batch.status().message();
      out.errors.emplace_back(static_cast<uint32_t>(i), std::move(error));
    }
    out.batch = joined_payloads(schema_, parts);
    return out;
  }

 private:
  SchemaPtr schema_;
};

}  // namespace

Result<std::unique_ptr<PayloadDecoder>> make_payload_decoder(const PayloadFormat& format, SchemaPtr schema) {
  using Decoder = std::unique_ptr<PayloadDecoder>;
  switch (format.kind) {
    case PayloadFormat::Kind::kJson: return Decoder(std::make_unique<JsonPayloads>(std::move(schema), format));
    case PayloadFormat::Kind::kCsv: return Decoder(std::make_unique<CsvPayloads>(std::move(schema), format));
    case PayloadFormat::Kind::kRaw:
      if (schema->size() != 1 || schema->field(0).type != Type::kString)
        return invalid_argument("a raw payload is one string column, and the schema has (" + schema->to_string() + ")");
      return Decoder(std::make_unique<RawPayloads>(std::move(schema)));
    case PayloadFormat::Kind::kProtobuf: break;
  }
  if (format.descriptor.empty())
    return Decoder(std::make_unique<BatchPayloads>(std::move(schema)));
  const auto wrong = [&](const Status& status) { return status.with_context("the descriptor " + format.descriptor); };
  const auto bytes = read_descriptor(format.descriptor);
  if (!bytes.ok())
    return wrong(bytes.status());
  auto type = ProtobufType::read(*bytes, format.message);
  if (!type.ok())
    return wrong(type.status());
  const std::vector<ProtobufMisfit> misfits = protobuf_misfits(**type, *schema, format.paths);
  if (!misfits.empty())
    return wrong(invalid_argument("column " + misfits[0].column + ": " + misfits[0].what));
  return Decoder(std::make_unique<ProtobufPayloads>(std::move(*type), std::move(schema), format));
}

}  // namespace penstock
