// Payloads of messages, as a broker delivers them, into batches of one schema. One payload is one message; it holds one
// record, or several (JSON: an array; CSV: lines; Protobuf without a descriptor: a whole batch).
//
// A payload with anything wrong in it is an error as a whole: none of its records is in the batch. The payloads around it
// are not touched. One thread at a time calls a decoder.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/sources/payload_format.h"
#include "core/status.h"
#include "messages/decode_error.h"
#include "messages/record_batch.h"

namespace penstock {

class PayloadDecoder {
 public:
  struct Out {
    BatchPtr batch;                                        // never null; perhaps without rows
    std::vector<uint32_t> payload_of_row;                  // one a row, ascending: the number of its payload, from 0
    std::vector<std::pair<uint32_t, DecodeError>> errors;  // by payload, ascending; `record` is left empty
  };

  virtual ~PayloadDecoder() = default;
  /// The payloads' bytes are read during the call only. An empty one is an error in JSON and CSV, a value in the other
  /// formats. Requires: less than 1 GiB, fewer than 2^32 payloads.
  virtual Out decode(std::span<const std::string_view> payloads) = 0;
};

/// `schema`: of what the payloads hold; columns that come from elsewhere (a message's key, headers) are not in it.
/// Errors: invalid_argument, failed_precondition if the descriptor cannot be read or does not fit the schema.
Result<std::unique_ptr<PayloadDecoder>> make_payload_decoder(const PayloadFormat& format, SchemaPtr schema);

}  // namespace penstock
