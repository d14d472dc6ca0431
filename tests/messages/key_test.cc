#include "messages/key.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <set>

#include "tests/messages/support.h"

using namespace penstock;
using penstock::testing::random_batch;
using penstock::testing::random_column;
using penstock::testing::schema;

namespace {

std::string key_of(const ColumnPtr& column, size_t row) {
  const BatchPtr batch = RecordBatch::make(schema({{"x", column->type()}}), {column});
  const size_t first = 0;
  std::string out;
  append_key(*batch, {&first, 1}, row, out);
  return out;
}

// The slow obvious order: null first, then by value; NaN last, as in SQL.
int compare(const Column& column, size_t a, size_t b) {
  if (column.is_null(a) || column.is_null(b))
    return static_cast<int>(column.is_null(b)) - static_cast<int>(column.is_null(a));
  const auto order = [](const auto& x, const auto& y) { return x < y ? -1 : (y < x ? 1 : 0); };
  switch (column.type()) {
    case Type::kBool: return order(column.bools()[a], column.bools()[b]);
    case Type::kInt64:
    case Type::kTimestamp: return order(column.int64s()[a], column.int64s()[b]);
    case Type::kFloat64: {
      const double x = column.float64s()[a], y = column.float64s()[b];
      if (std::isnan(x) || std::isnan(y))
        return static_cast<int>(std::isnan(x)) - static_cast<int>(std::isnan(y));
      return order(x, y);
    }
    default: return order(column.string(a), column.string(b));
  }
}

int sign(int x) { return x < 0 ? -1 : (x > 0 ? 1 : 0); }

}  // namespace

TEST_CASE("keys sort as the values do, null first") {
  Random random(7);
  for (const Type type : penstock::testing::all_types())
    for (int round = 0; round < 8; ++round) {
      const ColumnPtr column = random_column(type, 60, true, random);
      for (size_t a = 0; a < column->size(); ++a)
        for (size_t b = 0; b < column->size(); ++b)
          REQUIRE(sign(key_of(column, a).compare(key_of(column, b))) == compare(*column, a, b));
    }
}

TEST_CASE("keys of extreme numbers sort as the numbers do, equal numbers have one key") {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const ColumnPtr floats = Column::float64s({-inf, -1e308, -1, -5e-324, -0.0, 0.0, 5e-324, 1, 1e308, inf, nan, -nan});
  for (size_t a = 0; a < floats->size(); ++a)
    for (size_t b = 0; b < floats->size(); ++b)
      CHECK(sign(key_of(floats, a).compare(key_of(floats, b))) == compare(*floats, a, b));
  const ColumnPtr ints =
      Column::int64s({std::numeric_limits<int64_t>::min(), -1, 0, 1, std::numeric_limits<int64_t>::max()});
  for (size_t a = 0; a + 1 < ints->size(); ++a)
    CHECK(key_of(ints, a) < key_of(ints, a + 1));
}

TEST_CASE("a key of several columns reads back as the values it was made of") {
  Random random(11);
  const BatchPtr batch = random_batch(200, random);
  std::vector<size_t> columns;
  for (size_t c = 0; c < batch->columns().size(); ++c)
    columns.push_back(c);
  BatchBuilder out(batch->schema());
  std::vector<ColumnBuilder*> builders;
  for (const size_t c : columns)
    builders.push_back(&out.column(c));
  for (size_t row = 0; row < batch->rows(); ++row) {
    std::string key;
    append_key(*batch, columns, row, key);
    REQUIRE(decode_key(key, builders).ok());
  }
  CHECK(out.finish()->to_string() == batch->to_string());
}

TEST_CASE("keys of several columns do not run into each other") {
  const auto strings = [](std::initializer_list<std::string_view> values) {
    ColumnBuilder builder(Type::kString);
    for (const std::string_view value : values)
      builder.append_string(value);
    return builder.finish();
  };
  using namespace std::string_view_literals;
  const BatchPtr batch =
      RecordBatch::make(schema({{"a", Type::kString}, {"b", Type::kString}}),
                        {strings({"ab", "a", "", "ab\0"sv, "ab"}), strings({"c", "bc", "abc", "c", "\0c"sv})});
  const std::vector<size_t> columns = {0, 1};
  std::set<std::string> keys;
  for (size_t row = 0; row < batch->rows(); ++row) {
    std::string key;
    append_key(*batch, columns, row, key);
    keys.insert(key);
  }
  CHECK(keys.size() == batch->rows());
}

TEST_CASE("a broken key is refused and says what is wrong") {
  using namespace std::string_view_literals;
  const auto decode = [](std::string_view key, Type type) {
    ColumnBuilder builder(type);
    ColumnBuilder* one = &builder;
    return decode_key(key, {&one, 1}).to_string();
  };
  CHECK(decode(""sv, Type::kInt64) == "data_loss: broken key: its end where a value of type int64 belongs");
  CHECK(decode("\x02"sv, Type::kInt64) ==
        "data_loss: broken key: an unknown marker where a value of type int64 belongs");
  CHECK(decode("\x01\0\0"sv, Type::kInt64) ==
        "data_loss: broken key: too few bytes where a value of type int64 belongs");
  CHECK(decode("\x01\x02"sv, Type::kBool) ==
        "data_loss: broken key: neither 0 nor 1 where a value of type bool belongs");
  CHECK(decode("\x01"
               "ab"sv,
               Type::kString) == "data_loss: broken key: text without its end where a value of type string belongs");
  CHECK(decode("\x01"
               "a\0b"sv,
               Type::kString) == "data_loss: broken key: a wrong escape where a value of type string belongs");
  CHECK(decode("\0\0"sv, Type::kBool) == "data_loss: broken key: 1 bytes behind its last value");
}

TEST_CASE("the hash of a key never changes, for it decides where stored keys live") {
  CHECK(hash_key("") == 0x2d06800538d394c2ULL);
  CHECK(hash_key("penstock") == 0xfb5a0b813e4c7327ULL);
}

TEST_CASE("routing spreads keys evenly and stays below the count") {
  std::vector<size_t> counts(7);
  for (int64_t i = 0; i < 70'000; ++i) {
    const uint32_t worker = route_key(key_of(Column::int64s({i}), 0), 7);
    REQUIRE(worker < 7);
    ++counts[worker];
  }
  for (const size_t count : counts)
    CHECK(std::abs(static_cast<double>(count) - 10'000) < 500);
  CHECK(route_key("anything", 1) == 0);
}
