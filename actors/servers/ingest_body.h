// The records in the body of a request, whatever they are written in: JSON (an object or an array of objects), JSON Lines,
// CSV (RFC 4180) or a Protobuf message penstock.contract.RecordBatch; as they are, or packed with gzip or zstd. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/servers/http_message.h"
#include "actors/servers/ingest_request.h"

namespace penstock {

/// Content types that are read: as the first of each kind, and the other names it goes by.
const std::vector<std::string>& ingest_content_types();

/// Fills records, wrong, fingerprint and bytes of `out`. A body that holds no records is as good as any. Gives the refusal
/// of a body that cannot be read as a whole: 400 (damaged, no JSON, a CSV header that lacks a column), 413 (more than is
/// taken, once decompressed) or 415 (its type, charset or coding is not read here).
std::optional<HttpResponse> read_ingest_body(const HttpRequest& request, const IngestFormat& format,
                                             IngestRequest& out);

}  // namespace penstock
