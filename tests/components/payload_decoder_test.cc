// Payloads of every format through the decoder that a source makes of its properties.
#include "actors/sources/payload_decoder.h"

#include <catch2/catch.hpp>

#include "core/random.h"
#include "messages/json_writer.h"
#include "messages/protobuf_batch.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using Payloads = std::vector<std::string_view>;

const SchemaPtr kSchema = test::schema({{"id", Type::kInt64, true}, {"name", Type::kString}});

std::string shown(const PayloadDecoder::Out& out) {
  REQUIRE(out.batch != nullptr);
  REQUIRE(out.batch->rows() == out.payload_of_row.size());
  std::string text;
  for (size_t i = 0; i < out.batch->rows(); ++i)
    text += std::to_string(out.payload_of_row[i]) + "> " + out.batch->slice(i, 1)->to_string();
  for (const auto& [payload, error] : out.errors)
    text += std::to_string(payload) + "! " + error.to_string() + "\n";
  return text;
}

std::string decoded(const PayloadFormat& format, const Payloads& payloads, const SchemaPtr& schema = kSchema) {
  auto decoder = make_payload_decoder(format, schema);
  REQUIRE(decoder.ok());
  const std::string first = shown((*decoder)->decode(payloads));
  CHECK(shown((*decoder)->decode(payloads)) == first);  // nothing of the last call is left
  return first;
}

PayloadFormat csv() {
  PayloadFormat format;
  format.kind = PayloadFormat::Kind::kCsv;
  return format;
}

TEST_CASE("a JSON payload is one object, on one line or several, or an array of objects") {
  CHECK(decoded({}, {R"({"id":1,"name":"a"})", "{\n  \"id\": 2\n}\n", R"( [{"id":3},{"id":4,"name":"d"}])", "[]",
                     R"({"id":5})"}) == "0> 1|a\n1> 2|NULL\n2> 3|NULL\n2> 4|d\n4> 5|NULL\n");
  CHECK(decoded({}, {}).empty());
}

TEST_CASE("a wrong JSON payload is an error by itself, with its place in the payload") {
  CHECK(decoded({}, {"{\"id\":1}", "{\"id\":\"x\"}", "", "  ", "{\n\"id\": 2,\n \"name\": 7}", "{\"id\":3}{\"id\":4}",
                     "[{\"id\":5},{\"id\":null}]", "[{\"id\":6}", "{\"id\":7,\"name\":\"a\nb\"}",
                     "{\"id\":8,\"name\":\"\xff\"}", "{\"id\":9", "17", "{\"id\":10}"}) ==
        "0> 1|NULL\n12> 10|NULL\n"
        "1! line 1:7: id: expected int64, found \"x\"\n"
        "2! expected an object, found an empty payload\n"
        "3! expected an object, found an empty payload\n"
        "4! line 3:10: name: expected string, found 7\n"
        "5! line 1:9: expected the end of the record, found an object\n"
        "6! record 1: id: expected int64, found null\n"
        "7! expected an array of objects, found line 1:10: expected ',' or ']', found the end\n"
        "8! line 1: expected no control characters in strings\n"
        "9! line 1:17: expected UTF-8 text, found \\xff\n"
        "10! line 1:8: expected ',' or '}', found the end of the record\n"
        "11! line 1:1: expected an object, found 17\n");
}

TEST_CASE("a CSV payload is one record or several, without a header") {
  CHECK(decoded(csv(), {"1,a", "2,\"b, \"\"c\"\"\"\n", "3,\n4,d\n", "5,\"e\nf\"", "6,g\r\n"}) ==
        "0> 1|a\n1> 2|b, \"c\"\n2> 3|NULL\n2> 4|d\n3> 5|e\nf\n4> 6|g\n");
  PayloadFormat format = csv();
  format.delimiter = '|';
  format.quote = std::nullopt;
  format.fields = {"name", "more", "id"};
  CHECK(decoded(format, {"\"a|x|1", "b||2"}) == "0> 1|\"a\n1> 2|b\n");
}

TEST_CASE("a wrong CSV payload, one whose quote is not closed included, does not touch the others") {
  CHECK(decoded(csv(), {"1,a", "x,b", "", "2,\"open", "3,c", "4", "5,\"d\"", "6,e\nx,f"}) ==
        "0> 1|a\n4> 3|c\n6> 5|d\n"
        "1! line 1:1: id: expected int64, found \"x\"\n"
        "2! expected a record, found an empty payload\n"
        "3! line 1: expected a closing quote, found the end of the payload\n"
        "5! line 1: expected 2 columns, found 1\n"
        "7! line 2:1: id: expected int64, found \"x\"\n");
}

TEST_CASE("a raw payload is the value of the only column") {
  PayloadFormat format;
  format.kind = PayloadFormat::Kind::kRaw;
  const SchemaPtr text = test::schema({{"line", Type::kString, true}});
  CHECK(decoded(format, {"a b", "", "x\xff"}, text) == "0> a b\n1> \n2! line: expected UTF-8 text, found x\\xff\n");
  CHECK(make_payload_decoder(format, kSchema).status().to_string() ==
        "invalid_argument: a raw payload is one string column, and the schema has (id int64!, name string)");
}

TEST_CASE("a Protobuf payload without a descriptor is a batch of records") {
  PayloadFormat format;
  format.kind = PayloadFormat::Kind::kProtobuf;
  const std::string two = encode_protobuf_batch(*test::rows(kSchema, "{\"id\":1}\n{\"id\":2,\"name\":\"b\"}\n"));
  const std::string none = encode_protobuf_batch(*RecordBatch::empty(kSchema));
  const std::string other = encode_protobuf_batch(*test::rows(test::schema({{"x", Type::kInt64}}), "{\"x\":1}"));
  CHECK_THAT(
      decoded(format, {two, none, "\xff", other, two}),
      Catch::StartsWith("0> 1|NULL\n0> 2|b\n4> 1|NULL\n4> 2|b\n2! expected a penstock.contract.RecordBatch with the "
                        "schema (id int64!, name string), found the 1 bytes are no") &&
          Catch::Contains("3! ") && Catch::Contains("the batch has the schema (x int64), expected"));
}

// The slow obvious way: every payload by itself.
TEST_CASE("many payloads decode as each would alone") {
  Random random(11);
  const std::vector<std::string> json = {
      "{\"id\":1}",      "{\"id\":2,\n\"name\":\"b\"}", "[{\"id\":3},{\"id\":4}]", "[", "", "{\"id\":\"",
      "{\"name\":\"c\"}"};
  const std::vector<std::string> lines = {"1,a", "2,\"b\"", "3,\"c",      "4,d\n5,e",
                                          "",    "x,y",     "6,\"f\ng\"", "7,\"h\"\"\""};
  for (int round = 0; round < 60; ++round) {
    const bool text = round % 2 == 0;
    Payloads payloads;
    for (uint64_t i = 0; i < random.below(40); ++i)
      payloads.push_back(text ? json[random.below(json.size())] : lines[random.below(lines.size())]);
    const PayloadFormat format = text ? PayloadFormat{} : csv();
    std::string rows, errors;
    auto decoder = *make_payload_decoder(format, kSchema);
    for (size_t i = 0; i < payloads.size(); ++i) {
      PayloadDecoder::Out out = decoder->decode({&payloads[i], 1});
      for (uint32_t& payload : out.payload_of_row)
        payload = static_cast<uint32_t>(i);
      for (auto& [payload, error] : out.errors) {
        payload = static_cast<uint32_t>(i);
        errors += std::to_string(i) + "! " + error.to_string() + "\n";
      }
      out.errors.clear();
      rows += shown(out);
    }
    CHECK(decoded(format, payloads) == rows + errors);
  }
}

}  // namespace
}  // namespace penstock
