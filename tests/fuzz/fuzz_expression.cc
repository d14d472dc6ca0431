// SQL expressions: any text compiled against a schema of every type, evaluated over rows that are hard on arithmetic, text
// and time. The value of a batch must be that of its rows one by one, and of any part of it.
#include <cmath>
#include <limits>

#include "messages/timestamp.h"
#include "sql/expression.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace penstock::fuzz {
namespace {

const SchemaPtr& row_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{"id", Type::kInt64, true},
                                                                                    {"b", Type::kBool},
                                                                                    {"i", Type::kInt64},
                                                                                    {"j", Type::kInt64},
                                                                                    {"f", Type::kFloat64},
                                                                                    {"g", Type::kFloat64},
                                                                                    {"s", Type::kString},
                                                                                    {"t", Type::kString},
                                                                                    {"at", Type::kTimestamp},
                                                                                    {"until", Type::kTimestamp},
                                                                                    {"doc", Type::kJson}});
  return schema;
}

template <class T, size_t count>
const T& turn(const T (&values)[count], size_t row) {
  return values[row % count];
}

/// Every column goes round its values at another pace, with nulls between.
BatchPtr hard_rows() {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();
  constexpr int64_t kIntegers[] = {0, 1, -1, 3, kMost, kLeast, 1'700'000'000};
  constexpr double kFloats[] = {0.0, -0.0, 1.5, -2.5, 1e300, 5e-324, INFINITY, -INFINITY, NAN};
  static const std::string kTexts[] = {"",     "a",  "purchase", "Ärger \xf0\x9f\x8d\x95",
                                       "%_\\", "17", " x ",      "2024-02-29"};
  static const std::string kDocs[] = {"null", R"({"a":[1,"x",{"b":null}]})", "[]", "\"t\"", "1.50", R"({"":0})"};
  const int64_t moments[] = {0, parse_timestamp("0001-01-01")->micros, parse_timestamp("9999-12-31T23:59:59Z")->micros,
                             parse_timestamp("2024-02-29T12:34:56.789Z")->micros, -1};
  BatchBuilder builder(row_schema());
  for (size_t row = 0; row < 24; ++row) {
    const auto add = [&](size_t column, size_t every, auto value) {
      ColumnBuilder& out = builder.column(column);
      if (row % every == every - 1)
        out.append_null();
      else
        value(out);
    };
    builder.column(0).append_int64(static_cast<int64_t>(row));
    add(1, 3, [&](ColumnBuilder& out) { out.append_bool(row % 2 == 0); });
    add(2, 5, [&](ColumnBuilder& out) { out.append_int64(turn(kIntegers, row)); });
    add(3, 4, [&](ColumnBuilder& out) { out.append_int64(turn(kIntegers, row / 2)); });
    add(4, 7, [&](ColumnBuilder& out) { out.append_float64(turn(kFloats, row)); });
    add(5, 6, [&](ColumnBuilder& out) { out.append_float64(turn(kFloats, row / 2)); });
    add(6, 9, [&](ColumnBuilder& out) { out.append_string(turn(kTexts, row)); });
    add(7, 8, [&](ColumnBuilder& out) { out.append_string(turn(kTexts, row / 3)); });
    add(8, 6, [&](ColumnBuilder& out) { out.append_int64(turn(moments, row)); });
    add(9, 7, [&](ColumnBuilder& out) { out.append_int64(turn(moments, row / 2)); });
    add(10, 7, [&](ColumnBuilder& out) { out.append_string(turn(kDocs, row)); });
  }
  return builder.finish();
}

/// One line a row: its value, or its error.
std::vector<std::string> values(const sql::Expression& expression, const RecordBatch& batch) {
  const sql::Evaluated evaluated = expression.evaluate(batch);
  require(evaluated.column->size() == batch.rows(), "there is a value for each row");
  require(evaluated.column->type() == expression.type(), "the column has the type of the expression");
  const auto schema = std::make_shared<const Schema>(std::vector<Field>{{"value", expression.type()}});
  const RecordBatch shown(schema, {evaluated.column}, batch.rows());
  require_sound(shown);
  std::vector<std::string> out;
  auto error = evaluated.errors.begin();
  for (size_t i = 0; i < batch.rows(); ++i) {
    if (error != evaluated.errors.end() && error->row == i) {
      require(evaluated.column->is_null(i), "a row with an error is null");
      out.push_back("!" + (error++)->message);
    } else {
      require(expression.nullable() || !evaluated.column->is_null(i), "what cannot be null is not");
      out.push_back(exact_text(*shown.slice(i, 1)));
    }
  }
  require(error == evaluated.errors.end(), "errors are of rows, ascending");
  return out;
}

void check_select(const sql::Expression& expression, const RecordBatch& batch, const std::vector<std::string>& all) {
  const sql::Selected selected = expression.select(batch);
  auto chosen = selected.rows.begin();
  auto error = selected.errors.begin();
  for (size_t i = 0; i < all.size(); ++i) {
    if (chosen != selected.rows.end() && *chosen == batch.row(i)) {
      require(all[i] == "true|\n", "rows are chosen where the expression is true", all[i]);
      ++chosen;
    } else if (error != selected.errors.end() && error->row == i) {
      require(all[i] == "!" + error->message, "choosing has the same errors", all[i]);
      ++error;
    } else {
      require(all[i] != "true|\n", "no row is left out where the expression is true");
    }
  }
  require(chosen == selected.rows.end() && error == selected.errors.end(), "no row is chosen twice");
}

}  // namespace

void fuzz_expression(std::string_view text) {
  static const BatchPtr batch = hard_rows();
  const auto compiled = sql::Expression::compile(text, row_schema());
  if (!compiled.ok()) {
    require(compiled.problem().offset <= text.size(), "a problem has a place in the text", compiled.problem().message);
    require(!compiled.problem().message.empty(), "a problem says what is wrong");
    return;
  }
  for (size_t i = 0; i < compiled->columns().size(); ++i)
    require(compiled->columns()[i] < row_schema()->size() &&
                (i == 0 || compiled->columns()[i - 1] < compiled->columns()[i]),
            "the columns that are read ascend");
  const std::vector<std::string> all = values(*compiled, *batch);
  Selection odd;
  for (uint32_t row = 1; row < batch->rows(); row += 2)
    odd.push_back(row);
  const std::vector<std::string> some = values(*compiled, *batch->select(odd));
  for (size_t i = 0; i < odd.size(); ++i)
    require(some[i] == all[odd[i]], "a selection has the values of its rows", some[i] + " and " + all[odd[i]]);
  for (uint32_t row = 0; row < batch->rows(); ++row) {
    const std::vector<std::string> one = values(*compiled, *batch->select({row}));
    require(one.front() == all[row], "a row alone has the value that it has among others",
            one.front() + " and " + all[row]);
  }
  if (compiled->type() == Type::kBool)
    check_select(*compiled, *batch, all);
}

}  // namespace penstock::fuzz
