#include "actors/servers/ingest_body.h"

#include <catch2/catch.hpp>

#include "actors/servers/media_type.h"
#include "messages/protobuf_batch.h"
#include "tests/support/compress.h"

namespace penstock {
namespace {

const SchemaPtr kSchema = std::make_shared<const Schema>(
    std::vector<Field>{{"user", Type::kInt64, true}, {"item", Type::kString, true}, {"at", Type::kTimestamp, false}});

HttpRequest request(const std::string& body, const std::string& type, const std::string& coding = {}) {
  HttpRequest out;
  out.method = "POST";
  out.path = "/ingest/orders";
  out.body = body;
  out.headers = {{"content-type", type}};
  if (!coding.empty())
    out.headers.emplace_back("content-encoding", coding);
  return out;
}

/// The rows, then each wrong record; or the status and body of a refusal.
std::string read(const HttpRequest& sent, uint64_t max_decoded = 1 << 20, TimestampUnits units = {}) {
  IngestRequest out;
  if (const auto refused = read_ingest_body(sent, {"orders", kSchema, units, Bytes{max_decoded}}, out)) {
    for (const auto& [name, value] : refused->headers)
      UNSCOPED_INFO(name << ": " << value);
    return std::to_string(refused->status) + " " + refused->body;
  }
  CHECK(out.bytes == sent.body.size());
  CHECK_FALSE(out.fingerprint.empty());
  std::string text = out.records->to_string();
  for (const WrongRecord& wrong : out.wrong)
    text += "(" + wrong.pointer + ": " + wrong.detail + " | " + wrong.record + ")\n";
  return text;
}
std::string read(const std::string& body, const std::string& type, const std::string& coding = {}) {
  return read(request(body, type, coding));
}

TEST_CASE("a body may be JSON, JSON Lines, CSV, tab separated or Protobuf") {
  const std::string rows = "1|a|NULL\n2|b|1970-01-01T00:00:00.005Z\n";
  const std::string lines = "{\"user\":1,\"item\":\"a\"}\n{\"item\":\"b\",\"user\":2,\"at\":5}\n";
  CHECK(read(lines, "application/x-ndjson") == rows);
  CHECK(read(lines, "application/jsonl; charset=\"UTF-8\"") == rows);
  CHECK(read(R"([{"user":1,"item":"a"},{"user":2,"item":"b","at":5}])", "application/json") == rows);
  CHECK(read("item,x,user,at\na,y,1,\nb,y,2,5\n", "text/csv") == rows);
  CHECK(read("item,user,at\r\n\"a\",1,\r\nb,2,5", "text/csv; header=present") == rows);
  CHECK(read("1,a,\n2,b,5", "text/csv;header=absent") == rows);
  CHECK(read("user\titem\tat\n1\ta\t\n2\tb\t5\n", "text/tab-separated-values") == rows);
  IngestRequest parsed;
  REQUIRE_FALSE(read_ingest_body(request(lines, "application/jsonl"), {"orders", kSchema, {}, Bytes{1 << 20}}, parsed));
  const std::string message = encode_protobuf_batch(*parsed.records);
  CHECK(read(message, "application/protobuf") == rows);
  CHECK(read(message, "application/x-protobuf") == rows);
}

TEST_CASE("timestamps are read in the unit that the source declares") {
  const TimestampUnits seconds{TimestampUnit::kSeconds, {}};
  const std::string row = "1|a|1970-01-01T00:00:05Z\n";
  CHECK(read(request(R"({"user":1,"item":"a","at":5})", "application/json"), 1000, seconds) == row);
  CHECK(read(request(R"({"user":1,"item":"a","at":5})", "application/jsonl"), 1000, seconds) == row);
  CHECK(read(request("user,item,at\n1,a,5", "text/csv"), 1000, seconds) == row);
  CHECK(read(request("user,item,at\n1,a,1970-01-01T00:00:05Z", "text/csv"), 1000, seconds) == row);
}

TEST_CASE("a body may be packed with gzip or zstd") {
  const std::string body = R"({"user":1,"item":"a"})";
  for (const char* coding : {"gzip", "x-gzip", "GZIP"})
    CHECK(read(test::gzip(body), "application/json", coding) == "1|a|NULL\n");
  CHECK(read(test::zstd(body), "application/json", "zstd") == "1|a|NULL\n");
  CHECK(read(body, "application/json", "identity") == "1|a|NULL\n");
}

TEST_CASE("other codings are refused, and told what is read") {
  CHECK_THAT(read("x", "application/json", "br"),
             Catch::StartsWith("415 ") && Catch::Contains("\\\"br\\\" is not read here; send gzip, zstd or none"));
  HttpRequest twice = request("x", "application/json", "gzip");
  twice.headers.emplace_back("Content-Encoding", "gzip");
  CHECK_THAT(read(twice), Catch::StartsWith("415 ") && Catch::Contains("gzip, gzip"));
}

TEST_CASE("packed bodies that are cut off, damaged or a bomb are refused") {
  const std::string body = "{\"user\":1,\"item\":\"" + std::string(5000, 'a') + "\"}";
  for (const auto& [coding, packed] : {std::pair("gzip", test::gzip(body)), std::pair("zstd", test::zstd(body))}) {
    INFO(coding);
    CHECK_THAT(read(packed.substr(0, packed.size() - 3), "application/json", coding),
               Catch::StartsWith("400 ") && Catch::Contains("cut off at byte"));
    CHECK_THAT(read("", "application/json", coding), Catch::StartsWith("400 ") && Catch::Contains("cut off"));
    CHECK_THAT(read(body, "application/json", coding), Catch::StartsWith("400 ") && Catch::Contains("corrupt"));
  }
  const std::string zeros(20 << 20, ' ');
  CHECK_THAT(read(test::gzip(zeros), "application/json", "gzip"),
             Catch::StartsWith("413 ") && Catch::Contains("more than 1MiB"));
  CHECK_THAT(read(test::zstd(zeros), "application/json", "zstd"),
             Catch::StartsWith("413 ") && Catch::Contains("more than 1MiB"));
  CHECK_THAT(read(request(body, "application/json"), 4096),
             Catch::StartsWith("413 ") && Catch::Contains("4KiB") && Catch::Contains("orders"));
}

TEST_CASE("wrong records are named by their place, with their text; the rest is read") {
  CHECK(read(R"([{"user":1,"item":"a"},7,{"user":1,"item":5}])", "application/json") ==
        "1|a|NULL\n(/1: expected an object, found 7 | 7)\n(/2/item: expected string, found 5 | "
        "{\"user\":1,\"item\":5})\n");
  CHECK(read("{\"user\":1,\"item\":\"a\"}\n{\"user\":\n\n{\"user\":2,\"item\":\"b\"}\n", "application/jsonl") ==
        "1|a|NULL\n2|b|NULL\n(line 2/user: expected int64, found the end of the record | {\"user\":)\n");
  CHECK(read("user,item,at\n1,a,\nx,b,\n2\n3,c,yesterday\n", "text/csv") ==
        "1|a|NULL\n(line 3/user: expected int64, found \"x\" | x,b,)\n(line 4: expected 3 columns, found 1 | 2)\n"
        "(line 5/at: expected timestamp (ISO 8601, or a number in ms), found \"yesterday\" | 3,c,yesterday)\n");
}

TEST_CASE("a pointer escapes what RFC 6901 tells to") {
  const auto schema = std::make_shared<const Schema>(std::vector<Field>{{"a/b~c", Type::kInt64, true}});
  IngestRequest out;
  REQUIRE_FALSE(read_ingest_body(request("{}", "application/json"), {"s", schema, {}, Bytes{100}}, out));
  CHECK(out.wrong[0].pointer == "/a~1b~0c");
}

TEST_CASE("bodies that cannot be read as a whole are refused") {
  CHECK_THAT(read("[{\"user\":1,\"item\":\"a\"},{\"user\":2 \"item\"", "application/json"),
             Catch::StartsWith("400 ") && Catch::Contains("body:1:34: expected ',' or '}'"));
  CHECK_THAT(read("user,itm\n1,a\n", "text/csv"),
             Catch::StartsWith("400 ") && Catch::Contains("no column item") && Catch::Contains("did you mean itm"));
  CHECK_THAT(read("user,item,at\n1,\"a", "text/csv"), Catch::Contains("closing quote"));
  CHECK_THAT(read("{}", "application/protobuf"), Catch::StartsWith("400 ") && Catch::Contains("RecordBatch"));
  const auto other = std::make_shared<const Schema>(std::vector<Field>{{"user", Type::kString, true}});
  BatchBuilder builder(other);
  builder.column(0).append_string("x");
  CHECK_THAT(read(encode_protobuf_batch(*builder.finish()), "application/protobuf"),
             Catch::StartsWith("400 ") && Catch::Contains("expected (user"));
}

TEST_CASE("a body of no records is read as that") {
  CHECK(read("", "application/jsonl") == "");
  CHECK(read("", "text/csv") == "");
  CHECK(read("user,item,at\n", "text/csv") == "");
  CHECK(read("[]", "application/json") == "");
}

TEST_CASE("charsets other than UTF-8 are refused, but for Latin-1 in CSV") {
  CHECK(read("user,item,at\n1,\xe4,\n", "text/csv; charset=ISO-8859-1") == "1|\xc3\xa4|NULL\n");
  CHECK_THAT(read("{}", "application/json; charset=utf-16"),
             Catch::StartsWith("415 ") && Catch::Contains("utf-16") && Catch::Contains("send utf-8"));
  CHECK_THAT(read("{}", "application/json; charset=iso-8859-1"), Catch::StartsWith("415 "));
  CHECK_THAT(read("user,item\n", "text/csv; charset=koi8-r"),
             Catch::StartsWith("415 ") && Catch::Contains("utf-8 or iso-8859-1"));
}

TEST_CASE("a small body that stands for very many records is refused") {
  std::string array = "[", lines;
  for (int i = 0; i < 1'000'001; ++i) {
    array += i == 0 ? "{}" : ",{}";
    lines += "{}\n";
  }
  CHECK_THAT(read(request(array + "]", "application/json"), 1 << 30),
             Catch::StartsWith("413 ") && Catch::Contains("more than 1000000 elements"));
  CHECK_THAT(read(request(lines, "application/jsonl"), 1 << 30),
             Catch::StartsWith("413 ") && Catch::Contains("more than 1000000 lines"));
}

TEST_CASE("media types are read as RFC 9110 says") {
  const auto shown = [](std::string_view text) -> std::string {
    const auto type = parse_media_type(text);
    if (!type)
      return "none";
    std::string out = type->name;
    for (const auto& [name, value] : type->parameters)
      out += ";" + name + "=" + value;
    return out;
  };
  CHECK(shown("Text/CSV") == "text/csv");
  CHECK(shown(" text/csv ; Charset=\"UTF-\\8\" ;header=absent;") == "text/csv;charset=utf-8;header=absent");
  for (const char* wrong : {"", "text", "text/", "/csv", "text/csv charset=x", "text/csv; charset", "text/csv; a=\"b",
                            "text/csv; a=1; a=2", "text/csv; =1", "text/csv; a=\"\\"}) {
    INFO(wrong);
    CHECK(shown(wrong) == "none");
  }
}

}  // namespace
}  // namespace penstock
