// Record batches as the Protobuf message penstock.contract.RecordBatch (messages/penstock.proto), for programs in other
// languages. Inside Penstock batch_codec.h is used: it is several times smaller and faster. The origin is not included.
#pragma once

#include <string>
#include <string_view>

#include "core/status.h"
#include "messages/record_batch.h"

namespace penstock {

/// The serialised message with the batch's rows (the selected ones, if it has a selection). Requires: less than 2 GiB.
std::string encode_protobuf_batch(const RecordBatch& batch);

/// Checks everything: as many columns as fields, as many values as rows, texts in UTF-8, json that is JSON, no nulls
/// where the field is required. `expected` may be null; else the message's schema must be equal to it but for the order
/// of fields.
/// Errors: invalid_argument, naming the column and what is wrong with it.
Result<BatchPtr> decode_protobuf_batch(std::string_view bytes, SchemaPtr expected);

}  // namespace penstock
