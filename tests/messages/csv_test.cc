#include "messages/csv.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "messages/csv_writer.h"
#include "messages/input_file.h"
#include "tests/messages/support.h"

using namespace penstock;
using penstock::testing::schema;

namespace {

struct Outcome {
  std::string rows, errors, records;  // records: the text of those that are errors
  CsvPosition position;
};

// Feeds the text in steps of that many bytes.
Outcome decode(std::string_view text, SchemaPtr as, CsvOptions options = {}, size_t step = 1'000'000) {
  CsvDecoder decoder(std::move(as), std::move(options), "f");
  Outcome out;
  const auto add = [&](Result<Decoded> decoded) {
    if (!decoded.ok()) {
      out.errors = decoded.status().to_string() + "\n";
      return false;
    }
    out.rows += decoded->batch->to_string();
    for (const DecodeError& error : decoded->errors)
      out.errors += error.to_string() + "\n", out.records += error.record + "\n";
    return true;
  };
  for (size_t at = 0; at < text.size(); at += step)
    for (std::string_view chunk = text.substr(at, step); !chunk.empty();)
      if (!add(decoder.decode(chunk)))
        return out;
  add(decoder.finish());
  out.position = decoder.position();
  return out;
}

SchemaPtr two() { return schema({{"id", Type::kInt64, true}, {"name", Type::kString}}); }

}  // namespace

TEST_CASE("columns are found by the header's names, others are ignored") {
  const Outcome out =
      decode("name,junk,id\nToy Story,x,1\r\n\"GoldenEye, the \"\"film\"\"\",,2\n\n  spaces  ,,3\nlast,,4", two());
  CHECK(out.errors.empty());
  CHECK(out.rows == "1|Toy Story\n2|GoldenEye, the \"film\"\n3|  spaces  \n4|last\n");
}

TEST_CASE("any delimiter, no quotes, declared columns, latin-1") {
  CsvOptions options;
  options.delimiter = '|';
  options.quote = std::nullopt;
  options.columns = {"id", "name", ""};
  options.encoding = TextEncoding::kLatin1;
  CHECK(decode("1|Caf\xe9 \"5\"|\n2||\n", two(), options).rows == "1|Café \"5\"\n2|NULL\n");
  options = {};
  options.delimiter = '\t';
  options.columns = {"id", "name"};
  CHECK(decode("1\tone\n2\t\" two\t2\"\n", two(), options).rows == "1|one\n2| two\t2\n");
}

TEST_CASE("quoted text may hold line ends, and errors name the line where the record begins") {
  const Outcome out = decode("id,name\n1,\"a\nb\r\nc\"\nx,\"d\ne\"\n2\n3,\"\"\n", two());
  CHECK(out.rows == "1|a\nb\r\nc\n3|\n");
  CHECK(out.errors == "f:5: id: expected int64, found \"x\"\nf:7: expected 2 columns, found 1\n");
}

TEST_CASE("values of every type are read, empty ones are null") {
  const SchemaPtr all = schema({{"b", Type::kBool},
                                {"i", Type::kInt64},
                                {"f", Type::kFloat64},
                                {"t", Type::kTimestamp},
                                {"j", Type::kJson},
                                {"s", Type::kString}});
  CsvOptions options;
  options.timestamp_units.standard = TimestampUnit::kSeconds;
  const Outcome out = decode(
      "b,i,f,t,j,s\n"
      "TRUE, +7 ,1e3,881250949,\"{ \"\"a\"\" : 1 }\",x\n"
      "0,-1,NaN,2019-10-01 00:00:00 UTC,[],\"\"\n"
      ",,,,,\n",
      all, options);
  CHECK(out.errors.empty());
  CHECK(out.rows ==
        "true|7|1000|1997-12-04T15:55:49Z|{\"a\":1}|x\nfalse|-1|NaN|2019-10-01T00:00:00Z|[]|\nNULL|NULL|NULL|NULL|NULL|"
        "NULL\n");
  options.empty_is_null = false;
  CHECK(decode("b,i,f,t,j,s\n,,,,,\n", all, options).rows == "NULL|NULL|NULL|NULL|NULL|\n");
}

TEST_CASE("mistakes in CSV name line, column, field, what was expected and what was found") {
  const SchemaPtr all = schema({{"id", Type::kInt64, true},
                                {"b", Type::kBool},
                                {"t", Type::kTimestamp},
                                {"j", Type::kJson},
                                {"s", Type::kString}});
  const Outcome out = decode(
      "id,b,t,j,s\n1.5,,,,\n,,,,\n1,maybe,,,\n1,,01-Jan-1995,,\n1,,,{,\n1,,,,a\xff\n1,,,\n1,,,,,\n1,,,,ok\n", all);
  CHECK(out.rows == "1|NULL|NULL|NULL|ok\n");
  CHECK(out.errors ==
        "f:2:1: id: expected int64, found \"1.5\"\n"
        "f:3:1: id: expected int64, found nothing\n"
        "f:4:3: b: expected bool, found \"maybe\"\n"
        "f:5:4: t: expected timestamp (ISO 8601, or a number in ms), found \"01-Jan-1995\"\n"
        "f:6:5: j: expected json, found \"{\"\n"
        "f:7:6: s: expected UTF-8 text, found \"a\\xff\"\n"
        "f:8: expected 5 columns, found 4\n"
        "f:9: expected 5 columns, found 6\n");
}

TEST_CASE("a column that is not there is an error naming the nearest") {
  CHECK(decode("ident,nmae\n1,2\n", schema({{"name", Type::kString}})).errors ==
        "invalid_argument: f: header: no column name among the columns ident, nmae; did you mean nmae?\n");
  CHECK(decode("id,name,id\n1,2,3\n", two()).errors ==
        "invalid_argument: f: header: two columns are named id among the columns id, name, id\n");
  CsvOptions options;
  options.columns = {"id"};
  CHECK(decode("1\n", two(), options).errors ==
        "invalid_argument: f: declared columns: no column name among the columns id\n");
}

TEST_CASE("a byte order mark is no part of the first name") {
  CHECK(decode("\xef\xbb\xbfid,name\n1,x\n", two()).rows == "1|x\n");
}

TEST_CASE("a quote that is never closed is one error, the records after the limit go on") {
  CHECK(decode("id,name\n1,a\n2,\"b\n3,c\n", two()).errors ==
        "f:3: expected a closing quote, found the end of the file\n");
  CsvOptions options;
  options.max_record = 20;
  const Outcome out = decode("id,name\n1,a\n2,\"b\n3,cccccccc\n4,dddddddd\n5,e\n", two(), options);
  CHECK(out.rows == "1|a\n5|e\n");
  CHECK(out.errors == "f:3: expected a closing quote, found 26B of text without one, up to line 5\n");
}

TEST_CASE("a line that is too long is one error, in chunks of any size") {
  CsvOptions options;
  options.max_record = 1000;
  const std::string text = "id,name\n1,a\n2," + std::string(100'000, 'x') + "\n3,c\n4," + std::string(5000, 'y');
  for (const size_t step : {1, 100, 4096, 1'000'000}) {
    const Outcome out = decode(text, two(), options, step);
    CHECK(out.rows == "1|a\n3|c\n");
    CHECK(out.records == "2," + std::string(999, 'x') + "\n4," + std::string(999, 'y') + "\n");
    CHECK(out.errors ==
          "f:3: expected a line of at most 1000B, found a longer one\nf:5: expected a line of at most 1000B, found a "
          "longer one\n");
    CHECK(out.position.offset == text.size());
    CHECK(out.position.record == 4);
  }
}

TEST_CASE("a header that is too long or not closed is no header, and no other line is") {
  CsvOptions options;
  options.max_record = 20;
  CHECK(decode("id,name,and,much,more\nid,name\n1,a\n", two(), options).errors ==
        "invalid_argument: f:1: expected a line of at most 20B, found a longer one as the header\n");
  CHECK(decode("id,\"name\n1,a\n", two()).errors ==
        "invalid_argument: f:1: expected a closing quote, found the end of the file as the header\n");
}

TEST_CASE("hostile bytes are errors, never crashes") {
  Random random(1);
  std::string binary = "id,name\n";
  for (int i = 0; i < 200'000; ++i)
    binary += static_cast<char>(random());
  const Outcome out = decode(binary, two(), {}, 10'000);
  CHECK(!out.errors.empty());
  CHECK(decode(std::string_view("id,name\n1,a\0b\n", 14), two()).rows == std::string("1|a\0b\n", 6));
}

namespace {

// The slow obvious version: RFC 4180 byte by byte over the whole text.
std::vector<std::vector<std::string>> reference(std::string_view text) {
  std::vector<std::vector<std::string>> records(1, std::vector<std::string>(1));
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string& field = records.back().back();
    if (quoted) {
      if (text[i] != '"')
        field += text[i];
      else if (i + 1 < text.size() && text[i + 1] == '"')
        field += text[++i];
      else
        quoted = false;
    } else if (text[i] == '"') {
      quoted = true;
    } else if (text[i] == ',') {
      records.back().emplace_back();
    } else if (text[i] == '\n') {
      records.emplace_back(1);
    } else if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') {
      field += text[i];
    }
  }
  records.pop_back();
  return records;
}

}  // namespace

TEST_CASE("random well-formed text is split as RFC 4180 says, in chunks of any size, and after any restart") {
  Random random(2);
  const std::vector<std::string> pieces = {"a",          " b ",      "é",    "\"x\"", "\"a,b\"",     "\"l1\nl2\"",
                                           "\"q\"\"q\"", "\"\r\n\"", "\"\"", "12",    "\"\n\n\"\"\""};
  const SchemaPtr as = schema({{"c0", Type::kString}, {"c1", Type::kString}, {"c2", Type::kString}});
  CsvOptions options;
  options.empty_is_null = false;
  for (int round = 0; round < 150; ++round) {
    std::string text = "c0,c1,c2\n";
    for (uint64_t rows = random.below(12); rows > 0; --rows)
      for (int c = 0; c < 3; ++c)
        text += (random.below(5) == 0 ? "" : pieces[random.below(pieces.size())]) + (c < 2                  ? ","
                                                                                     : random.below(2) == 0 ? "\n"
                                                                                                            : "\r\n");
    std::string expected;
    const auto records = reference(text);
    for (size_t i = 1; i < records.size(); ++i)
      expected += records[i][0] + "|" + records[i][1] + "|" + records[i][2] + "\n";
    for (const size_t step : {1, 3, 17, 100'000}) {
      const Outcome out = decode(text, as, options, step);
      REQUIRE(out.errors.empty());
      REQUIRE(out.rows == expected);
      REQUIRE(out.position.offset == text.size());
      REQUIRE(out.position.record == records.size() - 1);
    }
    // Stopped after every single record, gone on by another decoder.
    std::string rows;
    CsvPosition position;
    std::vector<std::string> header;
    for (size_t turn = 0; position.offset < text.size() && turn < 100; ++turn) {
      CsvDecoder decoder(as, options, "f");
      if (position.offset > 0)
        REQUIRE(decoder.resume(position, header).ok());
      for (std::string_view rest = std::string_view(text).substr(position.offset); !rest.empty();) {
        std::string_view chunk = rest.substr(0, 1 + random.below(9));
        const size_t before = chunk.size();
        auto decoded = decoder.decode(chunk, 1);
        REQUIRE(decoded.ok());
        rows += decoded->batch->to_string();
        rest.remove_prefix(before - chunk.size());
        if (decoded->batch->rows() == 1)
          break;
      }
      position = decoder.position();
      header = decoder.header();
      REQUIRE(position.line == 1 + static_cast<uint64_t>(std::count(
                                       text.begin(), text.begin() + static_cast<long>(position.offset), '\n')));
    }
    REQUIRE(rows == expected);
  }
}

TEST_CASE("rows written as CSV decode to the same rows") {
  Random random(3);
  for (const char delimiter : {',', '\t', '|'}) {
    const BatchPtr batch = penstock::testing::random_batch(300, random);
    std::string text;
    append_csv_header(*batch->schema(), text, delimiter);
    for (size_t i = 0; i < batch->rows(); ++i)
      append_row_csv(*batch, i, text, delimiter);
    CsvOptions options;
    options.delimiter = delimiter;
    const Outcome out = decode(text, batch->schema(), options, 1000);
    if (out.errors.empty())
      CHECK(out.rows == batch->to_string());
    else  // timestamps of any int64 are outside the years that can be read
      CHECK_THAT(out.errors, Catch::Contains("timestamp"));
  }
}

TEST_CASE("CSV is written with quotes where they are needed") {
  ColumnBuilder text(Type::kString);
  for (const char* value : {"plain", "a,b", "say \"hi\"", "two\nlines", ""})
    text.append_string(value);
  text.append_null();
  const BatchPtr batch = RecordBatch::make(schema({{"text, long", Type::kString}}), {text.finish()});
  std::string out;
  append_csv_header(*batch->schema(), out);
  for (size_t i = 0; i < batch->rows(); ++i)
    append_row_csv(*batch, i, out);
  CHECK(out == "\"text, long\"\nplain\n\"a,b\"\n\"say \"\"hi\"\"\"\n\"two\nlines\"\n\"\"\n\"\"\n");
}

namespace {

std::string data_folder() {
  const char* set = std::getenv("PENSTOCK_DATA");
  return set != nullptr ? set : std::string(PENSTOCK_SOURCE_DIR) + "/../shared/data";
}

// Rows and errors of a real file; nothing, with a warning, where it is not there.
std::optional<std::pair<size_t, size_t>> count(const std::string& name, SchemaPtr as, CsvOptions options = {}) {
  const std::string path = data_folder() + "/" + name;
  if (!std::filesystem::exists(path)) {
    WARN("skipped: " << path << " is not there (set PENSTOCK_DATA to the folder with the data sets)");
    return std::nullopt;
  }
  auto file = InputFile::open(path);
  REQUIRE(file.ok());
  CsvDecoder decoder(std::move(as), std::move(options), name);
  std::pair<size_t, size_t> out;
  const auto add = [&](Result<Decoded> decoded) {
    REQUIRE(decoded.ok());
    out.first += decoded->batch->rows();
    out.second += decoded->errors.size();
    for (size_t i = 0; i < decoded->errors.size() && out.second < 3; ++i)
      WARN(decoded->errors[i].to_string());
  };
  std::string buffer(100'000, '\0');
  for (;;) {
    auto got = (*file)->read(buffer.data(), buffer.size());
    REQUIRE(got.ok());
    if (*got == 0)
      break;
    std::string_view chunk(buffer.data(), *got);
    add(decoder.decode(chunk));
  }
  add(decoder.finish());
  return out;
}

}  // namespace

TEST_CASE("real files decode without a loss") {
  CsvOptions options;
  options.delimiter = '\t';
  options.columns = {"user", "item", "rating", "at"};
  options.timestamp_units.standard = TimestampUnit::kSeconds;
  const SchemaPtr ratings = schema({{"user", Type::kInt64, true},
                                    {"item", Type::kInt64, true},
                                    {"rating", Type::kFloat64, true},
                                    {"at", Type::kTimestamp, true}});
  if (const auto counts = count("movielens-100k/u.data", ratings, options))
    CHECK(*counts == std::pair<size_t, size_t>(100'000, 0));

  options = {};
  options.delimiter = '|';
  options.quote = std::nullopt;
  options.encoding = TextEncoding::kLatin1;
  options.columns = {"id", "title", "date", "video", "url"};
  for (int genre = 0; genre < 19; ++genre)
    options.columns.push_back("genre" + std::to_string(genre));
  if (const auto counts =
          count("movielens-100k/u.item",
                schema({{"id", Type::kInt64, true}, {"title", Type::kString, true}, {"genre5", Type::kBool}}), options))
    CHECK(*counts == std::pair<size_t, size_t>(1682, 0));

  options = {};
  options.encoding = TextEncoding::kLatin1;
  if (const auto counts = count("online-retail/OnlineRetail.csv.gz",
                                schema({{"InvoiceNo", Type::kString, true},
                                        {"Description", Type::kString},
                                        {"Quantity", Type::kInt64, true},
                                        {"CustomerID", Type::kInt64},
                                        {"UnitPrice", Type::kFloat64}}),
                                options))
    CHECK(*counts == std::pair<size_t, size_t>(541'909, 0));

  if (const auto counts = count(
          "deskdrop/users_interactions.csv",
          schema({{"timestamp", Type::kTimestamp}, {"personId", Type::kInt64, true}, {"userAgent", Type::kString}})))
    CHECK(*counts == std::pair<size_t, size_t>(72'312, 0));
  if (const auto counts =
          count("rees46-sample/2019-Oct-sample.csv",
                schema({{"event_time", Type::kTimestamp, true}, {"price", Type::kFloat64}, {"brand", Type::kString}})))
    CHECK(*counts == std::pair<size_t, size_t>(1000, 0));
}
