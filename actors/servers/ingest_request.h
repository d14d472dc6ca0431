// What a client asks a node to take in, and what became of it. Plain values; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/status.h"
#include "core/trace_context.h"
#include "core/units.h"
#include "messages/record_batch.h"
#include "messages/timestamp_unit.h"
#include "messages/unknown_fields.h"

namespace penstock {

/// How the records of a source are read from a request.
struct IngestFormat {
  std::string source;
  SchemaPtr schema;
  TimestampUnits timestamp_units;
  Bytes max_decoded;  // of a body, decompressed
  UnknownFields unknown_fields = {};
};

/// A path of the API at which a source takes records in.
struct IngestPath {
  std::string path;
  std::string source;
};

/// One of a request's records that cannot be taken.
struct WrongRecord {
  std::string pointer;  // where in the body: `/3/user`, or `line 4/user`
  std::string detail;   // `expected int64, found "x"`
  std::string record;   // the original text
};

struct IngestRequest {
  std::string source;
  BatchPtr records;  // the good ones; never null
  std::vector<WrongRecord> wrong;
  bool atomic = false;                    // one wrong record refuses all
  std::string idempotency_key;            // empty: none
  std::string fingerprint;                // of the content: a request with the same key must have the same one
  uint64_t bytes = 0;                     // of the body
  std::optional<TraceParent> trace = {};  // that the client asks to be followed under
};

/// Answered when all of it is durable.
struct IngestAnswer {
  static constexpr size_t kMostErrors = 100;  // told one by one

  enum class Outcome : uint8_t {
    kTaken,      // good records are in the log, wrong ones in the dead letters
    kRefused,    // no record is good, or one is wrong and the request is atomic: nothing was taken
    kKeyReused,  // the key came with other content before: nothing was taken
  };
  struct Place {
    Partition partition;
    Offset first;
    uint64_t records = 0;
    bool operator==(const Place&) const = default;
  };
  struct Error {
    std::string pointer, detail;
    bool operator==(const Error&) const = default;
  };

  Outcome outcome = Outcome::kTaken;
  std::string log;
  uint64_t accepted = 0;
  uint64_t rejected = 0;    // wrong
  uint64_t duplicates = 0;  // good, but taken before
  std::vector<Place> places;
  std::vector<Error> errors;     // the first kMostErrors of the wrong ones
  bool replayed = false;         // it is what the first request with this key was answered
  std::string traceparent = {};  // of the first record, if the records are followed as the client asked
};
using IngestDone = std::function<void(Result<IngestAnswer>)>;

}  // namespace penstock
