#include "actors/aggregators/prediction_reader.h"

#include <cmath>

#include "actors/stages/reject.h"
#include "actors/trainers/feature_columns.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Kind;
using topology::PropertyValue;

constexpr const char* kNumeric = "numeric";

bool is_numeric(const PropertyValue& column) { return std::get<std::string>(column.find("type")->value) == kNumeric; }

double number_at(const Column& column, size_t i) {
  return column.type() == Type::kInt64 ? static_cast<double>(column.int64s()[i]) : column.float64s()[i];
}

void add_errors(std::string_view property, const sql::Evaluated& evaluated, std::vector<sql::RowError>& errors) {
  for (const sql::RowError& error : evaluated.errors)
    errors.push_back({error.row, std::string(property) + ": " + error.message});
}

}  // namespace

PredictionValue prediction_value(const Column& column, size_t row) {
  if (column.is_null(row))
    return {};
  switch (column.type()) {
    case Type::kBool: return column.bools()[row] != 0;
    case Type::kInt64:
    case Type::kTimestamp: return column.int64s()[row];
    case Type::kFloat64: return column.float64s()[row];
    default: return std::string(column.string(row));
  }
}

Result<PredictionReader> PredictionReader::make(const topology::Component& model, const SchemaPtr& input) {
  const auto compile = [&](const std::string& text) -> Result<sql::Expression> {
    auto compiled = sql::Expression::compile(text, input);
    if (!compiled.ok())
      return invalid_argument(model.id + ": " + compiled.problem().message);
    return std::move(compiled).value();
  };
  PENSTOCK_ASSIGN(sql::Expression label, compile(model.text("label")));
  PENSTOCK_ASSIGN(sql::Expression weight, compile(model.text("weight")));
  std::vector<PredictionColumn> columns;
  std::vector<size_t> indexes;
  for (const auto& [name, column] : model.map("features")) {
    const auto index = input->index_of(name);
    if (!index)
      return invalid_argument(model.id + ": there is no column " + name);
    indexes.push_back(*index);
    if (is_numeric(column))
      columns.push_back({{.name = name}, true});
    else
      columns.push_back({feature_column(name, column), false});
  }
  return PredictionReader(std::move(columns), std::move(indexes), std::move(label), std::move(weight));
}

void PredictionReader::read(const BatchPtr& given, std::vector<Rejected>& rejected,
                            const std::function<void(const LabelledRow&)>& visit) const {
  const BatchPtr batch = given->compact();
  const sql::Evaluated labels = label_.evaluate(*batch), weights = weight_.evaluate(*batch);
  std::vector<sql::RowError> errors;
  add_errors("label", labels, errors);
  add_errors("weight", weights, errors);
  std::vector<bool> bad(batch->rows());
  for (const sql::RowError& error : errors)
    bad[error.row] = true;
  std::vector<PredictionValue> values(columns_.size());
  for (size_t i = 0; i < batch->rows(); ++i) {
    if (bad[i] || labels.column->is_null(i) || weights.column->is_null(i))
      continue;
    const double weight = number_at(*weights.column, i);
    if (weight < 0 || !std::isfinite(static_cast<float>(weight))) {
      errors.push_back({i, "the weight is " + weights.column->to_string(i) + ", but must be 0 or more, and finite"});
      continue;
    }
    if (weight == 0)
      continue;
    for (size_t c = 0; c < columns_.size(); ++c)
      values[c] = prediction_value(*batch->column(indexes_[c]), i);
    visit({values, labels.column->bools()[i] != 0, static_cast<float>(weight)});
  }
  reject_errors(batch, errors, "prediction", rejected);
}

std::vector<topology::Property> prediction_properties() {
  std::vector<topology::Property> column = feature_column_properties();
  column.front().choices.emplace_back(kNumeric);
  return {
      {.name = "label",
       .kind = Kind::kExpression,
       .meaning = "What is to be foretold: a condition; rows for which it is null are passed over.",
       .required = true},
      {.name = "features",
       .kind = Kind::kMap,
       .meaning = "The columns of the input that the outcome is foretold from, and how each is read.",
       .required = true,
       .minimum = 1,
       .element = Kind::kGroup,
       .members = std::move(column),
       .scalar = "type"},
      {.name = "weight",
       .kind = Kind::kExpression,
       .meaning = "How much a row counts: a number; 0 and null do not count, negative ones are rejected.",
       .default_value = "1"},
  };
}

void check_prediction(const topology::Component& model, const SchemaPtr& input, topology::Diagnostics& diagnostics) {
  topology::compile_condition(model, "label", input, diagnostics);
  topology::compile_expression(model, "weight", {Type::kInt64, Type::kFloat64}, input, diagnostics);
  for (const auto& [name, column] : model.map("features")) {
    if (!is_numeric(column)) {
      check_feature_column(name, column, input, diagnostics);
      continue;
    }
    topology::check_column(name, column.key_place, input, diagnostics, {Type::kInt64, Type::kFloat64});
    for (const char* setting : {"separator", "boundaries", "buckets"})
      if (const PropertyValue* value = column.find(setting))
        diagnostics.error(value->place, "useless-key", std::string(setting) + " says nothing for a numeric column",
                          "remove it");
  }
}

}  // namespace penstock
