#include "messages/json_lines.h"

#include <simdjson.h>

#include <catch2/catch.hpp>

#include "messages/json_writer.h"
#include "tests/messages/support.h"

using namespace penstock;
using penstock::testing::schema;

namespace {

SchemaPtr everything() {
  return schema({{"ok", Type::kBool},
                 {"user", Type::kInt64, true},
                 {"score", Type::kFloat64},
                 {"title", Type::kString},
                 {"at", Type::kTimestamp},
                 {"extra", Type::kJson}});
}

std::string errors_of(const Decoded& decoded) {
  std::string out;
  for (const DecodeError& error : decoded.errors)
    out += error.to_string() + "\n";
  return out;
}

std::string decode_one(std::string_view line, SchemaPtr as = everything()) {
  JsonLinesDecoder decoder(std::move(as));
  const Decoded decoded = decoder.decode(line, 1, "f");
  return decoded.batch->to_string() + errors_of(decoded);
}

}  // namespace

TEST_CASE("members are read by name into columns of their types") {
  JsonLinesDecoder decoder(everything());
  const Decoded decoded = decoder.decode(
      R"({"user": 196, "title": "Toy \"Story\" \u00e9\ud83c\udf55\n", "score": 3, "ok": true,)"
      R"( "at": "1997-12-04T15:55:49Z", "extra": {"a" : [1, 2.50]} })"
      "\n"
      R"({"at":881250949250,"other":[{"x":null}],"user":-9223372036854775808,"score":-1.5e2,"extra":"text","ok":false})"
      "\r\n\n   \n"
      R"({"user":1,"ok":null,"score":null,"title":null,"at":null,"extra":null})");
  CHECK(errors_of(decoded).empty());
  CHECK(decoded.batch->to_string() ==
        "true|196|3|Toy \"Story\" é🍕\n|1997-12-04T15:55:49Z|{\"a\":[1,2.50]}\n"
        "false|-9223372036854775808|-150|NULL|1997-12-04T15:55:49.250Z|\"text\"\n"
        "NULL|1|NULL|NULL|NULL|NULL\n");
}

TEST_CASE("mistakes in JSON name line, column, field, what was expected and what was found") {
  JsonLinesDecoder decoder(everything());
  const Decoded decoded = decoder.decode(
      "{\"user\":1}\n"
      "{\"user\": \"abc\"}\n"
      "{\"title\":\"no user\"}\n"
      "\n"
      "{\"user\":1.0}\n"
      "{\"user\":12345678901234567890}\n"
      "{\"user\":null}\n"
      "{\"user\":2,\"score\":\"1\"}\n"
      "{\"user\":3,\"ok\":1}\n"
      "{\"user\":4,\"at\":\"yesterday\"}\n"
      "{\"user\":5,\"title\":[1]}\n"
      "[1,2]\n"
      "{\"user\":6\n"
      "{\"user\":7} {\"user\":8}\n"
      "{\"user\":9,\"x\":{\"a\":1,,}}\n"
      "{\"user\":10,\"x\":[1]]}\n"
      "{\"user\":11,\"x\":tru}\n"
      "{\"user\":12}\n",
      10, "events.jsonl");
  CHECK(errors_of(decoded) ==
        "events.jsonl:11:10: user: expected int64, found \"abc\"\n"
        "events.jsonl:12: user: expected int64, found no such member\n"
        "events.jsonl:14:9: user: expected int64, found 1.0\n"
        "events.jsonl:15:9: user: expected int64, found 12345678901234567890\n"
        "events.jsonl:16:9: user: expected int64, found null\n"
        "events.jsonl:17:19: score: expected float64, found \"1\"\n"
        "events.jsonl:18:16: ok: expected bool, found 1\n"
        "events.jsonl:19:16: at: expected timestamp (ISO 8601, or a number in ms), found \"yesterday\"\n"
        "events.jsonl:20:19: title: expected string, found an array\n"
        "events.jsonl:21:1: expected an object, found an array\n"
        "events.jsonl:22:10: expected ',' or '}', found the end of the record\n"
        "events.jsonl:23:12: expected the end of the record, found an object\n"
        "events.jsonl:24:22: expected a member's name, found ,\n"
        "events.jsonl:25:19: expected ',' or '}', found ]\n"
        "events.jsonl:26:16: expected a value, found tru\n");
  CHECK(decoded.batch->to_string() == "NULL|1|NULL|NULL|NULL|NULL\nNULL|12|NULL|NULL|NULL|NULL\n");
  CHECK(decoded.errors.front().record == "{\"user\": \"abc\"}");
}

TEST_CASE("a broken string or encoding costs its own line only") {
  JsonLinesDecoder decoder(schema({{"s", Type::kString}}));
  const Decoded decoded = decoder.decode(
      "{\"s\":\"good 1\"}\n"
      "{\"s\":\"no end}\n"
      "{\"s\":\"good 2\"}\n"
      "{\"s\":\"bad \xff\"}\n"
      "{\"s\":\"tab\tin it\"}\n"
      "{\"s\":\"wrong \\x escape\"}\n"
      "{\"s\":\"half \\ud83c pair\"}\n"
      "\xef\xbb\xbf{\"s\":\"good 3\"}\n",
      1, "f");
  CHECK(errors_of(decoded) ==
        "f:2: expected a closing quote, found the end of the record\n"
        "f:4:11: expected UTF-8 text, found \\xff\n"
        "f:5: expected no control characters in strings\n"
        "f:6:6: s: expected a valid escape in the string, found \"wrong \\x escape\"\n"
        "f:7:6: s: expected a valid escape in the string, found \"half \\ud83c pair\"\n"
        "f:8:1: expected an object, found \xef\xbb\xbf\n");
  CHECK(decoded.batch->to_string() == "good 1\ngood 2\n");
}

TEST_CASE("of two members with the same name the first counts, and the second must be sound") {
  CHECK(decode_one(R"({"user":1,"user":2})") == "NULL|1|NULL|NULL|NULL|NULL\n");
  CHECK(decode_one(R"({"user":1,"user":"x"})") == "NULL|1|NULL|NULL|NULL|NULL\n");
  CHECK(decode_one(R"({"us\u0065r":1})") == "NULL|1|NULL|NULL|NULL|NULL\n");
  CHECK(decode_one(R"({"user":1,"user":2x})") == "f:1:18: expected a value, found 2x\n");
  CHECK(decode_one(R"({"":5,"user":1,"":6})") == "NULL|1|NULL|NULL|NULL|NULL\n");
}

TEST_CASE("numbers in a timestamp's place are in the declared unit") {
  const SchemaPtr two = schema({{"a", Type::kTimestamp}, {"b", Type::kTimestamp}});
  JsonLinesDecoder decoder(two, {{TimestampUnit::kSeconds, {{"b", TimestampUnit::kMicros}}}});
  const Decoded decoded =
      decoder.decode("{\"a\":881250949,\"b\":881250949000001}\n{\"a\":1.5}\n{\"a\":1e300}\n{\"b\":-62135596800000001}");
  CHECK(decoded.batch->to_string() ==
        "1997-12-04T15:55:49Z|1997-12-04T15:55:49.000001Z\n1970-01-01T00:00:01.500Z|NULL\n");
  CHECK(errors_of(decoded) ==
        "line 3:6: a: expected timestamp (ISO 8601, or a number in s), found 1e300\n"
        "line 4:6: b: expected timestamp (ISO 8601, or a number in us), found -62135596800000001\n");
}

TEST_CASE("an HTTP body may be an object or an array of objects, mistakes carry the index") {
  JsonLinesDecoder decoder(schema({{"user", Type::kInt64, true}, {"s", Type::kString}}));
  auto one = decoder.decode_value(" {\n \"user\" : 1 } ", "body");
  REQUIRE(one.ok());
  CHECK(one->batch->to_string() == "1|NULL\n");
  auto many = decoder.decode_value(
      "[{\"user\":1}, {\"user\":\"x\", \"y\":[{}]}, 5, {\"s\":\"t\"} , {\"user\":2,\"s\":\"t\"}]\n", "body");
  REQUIRE(many.ok());
  CHECK(many->batch->to_string() == "1|NULL\n2|t\n");
  CHECK(errors_of(*many) ==
        "body: record 1: user: expected int64, found \"x\"\n"
        "body: record 2: expected an object, found 5\n"
        "body: record 3: user: expected int64, found no such member\n");
  CHECK(many->errors[0].record == "{\"user\":\"x\", \"y\":[{}]}");
  CHECK(many->errors[1].record == "5");
  REQUIRE(decoder.decode_value("[]").ok());
  CHECK(errors_of(*decoder.decode_value("{}", "body")) == "body: user: expected int64, found no such member\n");
  CHECK(decoder.decode_value("[{\"user\":1},{}]", "body", 2)->batch->rows() == 1);
  CHECK(decoder.decode_value("[{\"user\":1},{}]", "body", 1).status().to_string() ==
        "resource_exhausted: the array has more than 1 elements");
  CHECK(decoder.decode_value("[{\"user\":2}]")->batch->to_string() == "2|NULL\n");  // nothing is left behind
  const auto message = [&](std::string_view text) { return decoder.decode_value(text, "body").status().to_string(); };
  CHECK(message("") == "invalid_argument: body:1:1: expected an object or an array of objects, found the end");
  CHECK(message("5") == "invalid_argument: body:1:1: expected an object or an array of objects, found 5");
  CHECK(message("{\n \"user\": }") == "invalid_argument: body:2:10: expected a value, found }");
  CHECK(message("[{}") == "invalid_argument: body:1:4: expected ',' or ']', found the end");
  CHECK(message("{} {}") == "invalid_argument: body:1:4: expected the end, found an object");
  CHECK(message("{\"a\":\"\xff\"}") == "invalid_argument: body:1:7: expected UTF-8 text, found \\xff");
  CHECK(message("{\"a\":\"b") == "invalid_argument: body:1:8: expected a closing quote, found the end of the record");
}

TEST_CASE("hostile lines are errors, and the decoder goes on") {
  const SchemaPtr small = schema({{"n", Type::kInt64}, {"j", Type::kJson}});
  JsonLinesDecoder decoder(small);
  std::string deep = "{\"x\":";
  deep.append(100'000, '[');
  std::string deep_ok = "{\"n\":1,\"j\":" + std::string(500, '[') + std::string(500, ']') + "}";
  std::string nul("{\"n\":\0}", 7);
  std::string huge = "{\"n\":2,\"pad\":\"" + std::string(10'000'000, 'x') + "\"}";
  std::string binary;
  Random random(1);
  for (int i = 0; i < 100'000; ++i)
    if (const char c = static_cast<char>(random()); c != '\n')
      binary += c;
  const std::string text = deep + "\n" + deep_ok + "\n" + nul + "\n" + huge + "\n" + binary + "\n" + "{\"n\":3}\n";
  const Decoded decoded = decoder.decode(text, 1, "f");
  REQUIRE(decoded.batch->rows() == 3);
  CHECK(decoded.batch->column(0)->to_string(2) == "3");
  REQUIRE(decoded.errors.size() == 3);
  CHECK(decoded.errors[0].to_string() == "f:1:518: expected at most 512 levels of nesting, found an array");
  CHECK(decoded.errors[0].record.size() == DecodeError::kMaxRecord);
  CHECK(decoded.errors[1].to_string() == "f:3:6: n: expected int64, found \\x00");
  CHECK(decoded.errors[2].line == 5);
}

namespace {

// The slow obvious version: simdjson's DOM, one line at a time.
std::string reference(std::string_view lines, const Schema& as, size_t& refused) {
  simdjson::dom::parser parser;
  std::string out;
  for (size_t begin = 0; begin < lines.size();) {
    const size_t end = std::min(lines.find('\n', begin), lines.size());
    const simdjson::padded_string line(lines.substr(begin, end - begin));
    begin = end + 1;
    simdjson::dom::element root;
    const auto error = parser.parse(line).get(root);
    if (error == simdjson::EMPTY)
      continue;
    simdjson::dom::object object;
    std::string row;
    bool good = error == simdjson::SUCCESS && root.get(object) == simdjson::SUCCESS;
    for (size_t c = 0; good && c < as.size(); ++c) {
      simdjson::dom::element value;
      row += c == 0 ? "" : "|";
      if (object.at_key(as.field(c).name).get(value) != simdjson::SUCCESS || value.is_null()) {
        good = !as.field(c).required;
        row += "NULL";
      } else if (as.field(c).type == Type::kInt64) {
        good = value.is<int64_t>();
        row += good ? std::to_string(value.get_int64().value_unsafe()) : "";
      } else if (as.field(c).type == Type::kString) {
        good = value.is<std::string_view>();
        row += good ? std::string(value.get_string().value_unsafe()) : "";
      } else {
        good = value.is<bool>();
        row += good && value.get_bool().value_unsafe() ? "true" : "false";
      }
    }
    if (good)
      out += row + "\n";
    else
      ++refused;
  }
  return out;
}

}  // namespace

TEST_CASE("random and mutated lines are taken or refused exactly as simdjson's DOM does") {
  const SchemaPtr as = schema({{"a", Type::kInt64, true}, {"b", Type::kString}, {"c", Type::kBool}});
  Random random(9);
  const std::vector<std::string> values = {
      "1",          "-7",        "true", "false", "null", "\"x\"", "\"\\u00e9\\n\"",
      "[1,[2],{}]", "{\"a\":3}", "1.5",  "[]",    "{}",   "\"\"",  "0"};
  const std::vector<std::string> keys = {"a", "b", "c", "d", "a", "b"};
  const std::string noise = "{}[]\",:\\ \ttrue0-.eE1anul\xc3\xa9\xff\x01";
  size_t taken = 0, total_refused = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string text;
    for (uint64_t lines = 1 + random.below(8); lines > 0; --lines) {
      std::string line = random.below(3) == 0 ? "{" : "{\"a\":" + std::to_string(random.below(100)) + ",";
      for (uint64_t members = line.size() == 1 ? random.below(5) : 1 + random.below(4); members > 0; --members)
        line += "\"" + keys[random.below(keys.size())] + "\":" + values[random.below(values.size())] +
                (members > 1 ? "," : "");
      line += "}";
      for (uint64_t changes = random.below(3) == 0 ? 1 + random.below(2) : 0; changes > 0; --changes) {
        const size_t at = random.below(line.size());
        const char c = noise[random.below(noise.size())];
        if (random.below(2) == 0)
          line[at] = c;
        else
          line.insert(at, 1, c);
      }
      text += line + "\n";
    }
    JsonLinesDecoder decoder(as);
    const std::vector<char> exact(text.begin(), text.end());  // no byte to read behind its end
    const Decoded decoded = decoder.decode({exact.data(), exact.size()});
    size_t refused = 0;
    const std::string expected = reference(text, *as, refused);
    INFO(text);
    REQUIRE(decoded.batch->to_string() == expected);
    REQUIRE(decoded.errors.size() == refused);
    taken += decoded.batch->rows();
    total_refused += refused;
  }
  CHECK(taken > 1000);
  CHECK(total_refused > 1000);
}

TEST_CASE("rows written as JSON decode to the same rows") {
  Random random(4);
  for (int round = 0; round < 5; ++round) {
    const BatchPtr batch = penstock::testing::random_batch(400, random);
    std::string text;
    for (size_t i = 0; i < batch->rows(); ++i) {
      append_row_json(*batch, i, text);
      text += '\n';
    }
    // Timestamps of any int64 are outside the years that can be written.
    JsonLinesDecoder decoder(batch->schema());
    const Decoded decoded = decoder.decode(text);
    INFO(errors_of(decoded).substr(0, 500));
    if (decoded.errors.empty())
      CHECK(decoded.batch->to_string() == batch->to_string());
    else
      for (const DecodeError& error : decoded.errors)
        REQUIRE(error.field.starts_with("timestamp"));
  }
}

TEST_CASE("text is cut into complete lines") {
  CHECK(cut_at_last_newline("a\nb\nc") == 4);
  CHECK(cut_at_last_newline("abc") == 0);
  CHECK(cut_after_lines("a\nb\nc", 2) == 4);
  CHECK(cut_after_lines("a\nb\nc", 9) == 5);
  CHECK(cut_after_lines("", 1) == 0);
}
