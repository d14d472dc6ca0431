#include "messages/json_writer.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include <simdjson.h>

#include "tests/messages/support.h"

using namespace penstock;
using penstock::testing::schema;

TEST_CASE("a row is written as one JSON object in the schema's order") {
  BatchBuilder builder(schema({{"ok", Type::kBool},
                               {"user", Type::kInt64},
                               {"score", Type::kFloat64},
                               {"title", Type::kString},
                               {"at", Type::kTimestamp},
                               {"extra", Type::kJson}}));
  builder.column(0).append_bool(true);
  builder.column(1).append_int64(-9'007'199'254'740'993);
  builder.column(2).append_float64(0.1);
  builder.column(3).append_string("say \"hi\"\n\\ \x01 ü");
  builder.column(4).append_int64(881'250'949'250'000);
  builder.column(5).append_string(R"({"a":[1,2]})");
  for (size_t c = 0; c < 6; ++c)
    builder.column(c).append_null();
  const BatchPtr batch = builder.finish();
  CHECK(row_to_json(*batch, 0) ==
        R"({"ok":true,"user":-9007199254740993,"score":0.1,"title":"say \"hi\"\n\\ \u0001 ü",)"
        R"("at":"1997-12-04T15:55:49.250Z","extra":{"a":[1,2]}})");
  CHECK(row_to_json(*batch, 1) == R"({"ok":null,"user":null,"score":null,"title":null,"at":null,"extra":null})");
}

TEST_CASE("the row of a selected batch is counted among the selected ones") {
  const BatchPtr batch = RecordBatch::make(schema({{"n", Type::kInt64}}), {Column::int64s({10, 11, 12, 13})});
  std::string out = "[";
  append_row_json(*batch->select({1, 3}), 1, out);
  CHECK(out == R"([{"n":13})");
}

TEST_CASE("numbers that JSON cannot write become null") {
  const double inf = std::numeric_limits<double>::infinity();
  const ColumnPtr column = Column::float64s({std::nan(""), inf, -inf, 1e300, 4.0, -0.0});
  std::string out;
  for (size_t row = 0; row < column->size(); ++row) {
    append_value_json(*column, row, out);
    out += ' ';
  }
  CHECK(out == "null null null 1e+300 4 -0 ");
}

TEST_CASE("text that is not UTF-8 still gives valid JSON") {
  std::string out;
  append_json_string(std::string_view("a\xff"
                                      "b\xc3",
                                      4),
                     out);
  CHECK(out ==
        "\"a\xef\xbf\xbd"
        "b\xef\xbf\xbd\"");
}

TEST_CASE("every row of random batches is valid JSON") {
  Random random(3);
  simdjson::dom::parser parser;
  const BatchPtr batch = penstock::testing::random_batch(300, random);
  for (size_t i = 0; i < batch->rows(); ++i) {
    const std::string row = row_to_json(*batch, i);
    REQUIRE(parser.parse(row).error() == simdjson::SUCCESS);
    REQUIRE(row.find('\n') == std::string::npos);
  }
}
