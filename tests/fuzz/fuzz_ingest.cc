// Bodies of requests that bring records in: any bytes under any content type and coding. Refused as a whole with a 4xx
// that explains itself, or split into good and wrong records; the same however the body is packed.
#include "actors/servers/ingest_body.h"
#include "messages/json_text.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"
#include "tests/support/compress.h"

namespace penstock::fuzz {
namespace {

constexpr uint64_t kMostDecoded = 1 << 16;

constexpr std::string_view kTypes[] = {"application/json",
                                       "application/x-ndjson",
                                       "text/csv",
                                       "text/csv; header=absent; charset=iso-8859-1",
                                       "text/tab-separated-values",
                                       "application/protobuf",
                                       "application/json; charset=\"utf-8\"",
                                       "text/plain"};

struct Outcome {
  int refused = 0;
  std::string text;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(const HttpRequest& request, const IngestFormat& format) {
  IngestRequest out;
  if (const auto refusal = read_ingest_body(request, format, out)) {
    require(refusal->status == 400 || refusal->status == 413 || refusal->status == 415,
            "a refusal is the client's fault", std::to_string(refusal->status));
    require(minify_json(refusal->body).ok(), "a refusal is JSON", refusal->body);
    return {refusal->status, refusal->body};
  }
  require(out.records != nullptr && *out.records->schema() == *format.schema, "the records have the source's schema");
  require_sound(*out.records);
  require(out.bytes == request.body.size() && !out.fingerprint.empty(), "a request is counted and has a fingerprint");
  Outcome outcome{0, exact_text(*out.records)};
  for (const WrongRecord& wrong : out.wrong) {
    require(!wrong.detail.empty(), "a wrong record says what is wrong");
    outcome.text += wrong.pointer + " " + wrong.detail + " " + wrong.record + "\n";
  }
  outcome.text += out.fingerprint;
  return outcome;
}

}  // namespace

void fuzz_ingest(std::string_view bytes) {
  Input input(bytes);
  const IngestFormat format{"fuzz", schema_of(input.below(kSchemas)), {}, Bytes{kMostDecoded}};
  const std::string_view type = kTypes[input.below(std::size(kTypes))];
  const size_t coding = input.below(4);
  HttpRequest request;
  request.method = "POST";
  request.path = "/ingest/fuzz";
  request.body = input.rest();
  request.headers = {{"Content-Type", std::string(type)}};
  if (coding == 3) {  // the input itself is a header
    request.headers = {{"content-type", std::string(input.line())}};
    request.body = input.rest();
  }
  const HttpRequest plain = request;
  if (coding == 1 || coding == 2)
    request.headers.emplace_back("Content-Encoding", coding == 1 ? "gzip" : "zstd");
  (void)outcome_of(request, format);
  if (coding != 0 || plain.body.size() > kMostDecoded)
    return;
  const Outcome expected = outcome_of(plain, format);
  for (const bool gzip : {true, false}) {
    HttpRequest packed = plain;
    packed.body = gzip ? test::gzip(plain.body) : test::zstd(plain.body);
    packed.headers.emplace_back("Content-Encoding", gzip ? "gzip" : "zstd");
    const Outcome unpacked = outcome_of(packed, format);
    require(unpacked == expected, "a packed body is taken as it is unpacked",
            unpacked.text + "\n---\n" + expected.text);
  }
}

}  // namespace penstock::fuzz
