#include "messages/column.h"

#include <catch2/catch.hpp>

#include "tests/messages/support.h"

using namespace penstock;
using penstock::testing::all_types;
using penstock::testing::random_column;

namespace {

std::string text_of(const Column& column) {
  std::string out;
  for (size_t row = 0; row < column.size(); ++row)
    out += (row == 0 ? "" : "|") + column.to_string(row);
  return out;
}

// What the header promises of every column.
void check_layout(const Column& column) {
  REQUIRE((column.validity().empty() || column.validity().size() == (column.size() + 63) / 64));
  if (!column.validity().empty() && column.size() % 64 != 0)
    REQUIRE(column.validity().back() >> (column.size() % 64) == 0);
  for (size_t row = 0; row < column.size(); ++row) {
    if (!column.is_null(row))
      continue;
    switch (column.type()) {
      case Type::kBool: REQUIRE(column.bools()[row] == 0); break;
      case Type::kFloat64: REQUIRE(column.float64s()[row] == 0); break;
      case Type::kInt64:
      case Type::kTimestamp: REQUIRE(column.int64s()[row] == 0); break;
      case Type::kString:
      case Type::kJson: REQUIRE(column.string(row).empty()); break;
    }
  }
}

}  // namespace

TEST_CASE("a builder gives the rows that were appended, nulls from any row on") {
  for (const size_t first_null : {0, 1, 63, 64, 65, 127, 200}) {
    ColumnBuilder builder(Type::kInt64);
    std::string expected;
    for (size_t i = 0; i < 200; ++i) {
      const bool null = i == first_null || (i > first_null && i % 3 == 0);
      null ? builder.append_null() : builder.append_int64(static_cast<int64_t>(i));
      expected += (i == 0 ? "" : "|") + (null ? "NULL" : std::to_string(i));
    }
    const ColumnPtr column = builder.finish();
    CHECK(text_of(*column) == expected);
    CHECK(column->has_nulls() == (first_null < 200));
    check_layout(*column);
    CHECK(builder.size() == 0);
  }
}

TEST_CASE("random appends and pops agree with a list of texts") {
  Random random(1);
  for (const Type type : all_types())
    for (int round = 0; round < 10; ++round) {
      const ColumnPtr source = random_column(type, 300, true, random);
      ColumnBuilder builder(type);
      std::vector<std::string> expected;
      for (size_t row = 0; row < source->size(); ++row) {
        builder.append_from(*source, row);
        expected.push_back(source->to_string(row));
        for (uint64_t pops = random.below(4) == 0 ? random.below(3) : 0; pops > 0 && !expected.empty(); --pops) {
          builder.pop();
          expected.pop_back();
        }
      }
      const ColumnPtr column = builder.finish();
      REQUIRE(column->size() == expected.size());
      for (size_t row = 0; row < expected.size(); ++row)
        REQUIRE(column->to_string(row) == expected[row]);
      check_layout(*column);
    }
}

TEST_CASE("gathering takes the given rows in their order") {
  Random random(2);
  for (const Type type : all_types())
    for (const bool nulls : {false, true}) {
      const ColumnPtr source = random_column(type, 200, nulls, random);
      std::vector<uint32_t> rows(random.below(400));
      for (uint32_t& row : rows)
        row = static_cast<uint32_t>(random.below(200));
      const ColumnPtr column = source->gather(rows);
      REQUIRE(column->size() == rows.size());
      for (size_t i = 0; i < rows.size(); ++i)
        REQUIRE(column->to_string(i) == source->to_string(rows[i]));
      check_layout(*column);
    }
}

TEST_CASE("appending whole columns or some of their rows agrees with appending one by one") {
  Random random(3);
  for (const Type type : all_types())
    for (int round = 0; round < 20; ++round) {
      ColumnBuilder fast(type), slow(type);
      for (uint64_t parts = random.below(5); parts > 0; --parts) {
        const ColumnPtr part = random_column(type, random.below(150), random.below(2) == 0, random);
        if (random.below(2) == 0) {
          fast.append_all(*part);
          for (size_t row = 0; row < part->size(); ++row)
            slow.append_from(*part, row);
        } else {
          std::vector<uint32_t> rows;
          for (uint32_t row = 0; row < part->size(); ++row)
            if (random.below(3) > 0)
              rows.push_back(row);
          fast.append_rows(*part, rows);
          for (const uint32_t row : rows)
            slow.append_from(*part, row);
        }
      }
      const ColumnPtr column = fast.finish();
      check_layout(*column);
      REQUIRE(text_of(*column) == text_of(*slow.finish()));
    }
}

TEST_CASE("a column of nulls has a placeholder for each row") {
  for (const Type type : all_types()) {
    const ColumnPtr column = Column::nulls(type, 70);
    CHECK(column->size() == 70);
    CHECK(column->type() == type);
    CHECK(column->to_string(69) == "NULL");
    check_layout(*column);
  }
  CHECK(Column::nulls(Type::kString, 0)->size() == 0);
}
