#include "actors/aggregators/interaction_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "actors/stages/reject.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Kind;

constexpr size_t kMostIdBytes = 1024;

// An id as text; int64 in decimal, which stays valid until the next call.
class IdColumn {
 public:
  explicit IdColumn(const Column& column) : column_(column) {}
  bool is_null(size_t i) const { return column_.is_null(i); }
  std::string_view text(size_t i) {
    if (column_.type() != Type::kInt64)
      return column_.string(i);
    const auto end = std::to_chars(digits_.data(), digits_.data() + digits_.size(), column_.int64s()[i]).ptr;
    return {digits_.data(), static_cast<size_t>(end - digits_.data())};
  }

 private:
  const Column& column_;
  std::array<char, 24> digits_;
};

// The input's only column of type timestamp, as an expression.
std::optional<std::string> only_timestamp(const Schema& schema) {
  std::optional<std::string> found;
  for (const Field& field : schema.fields()) {
    if (field.type != Type::kTimestamp)
      continue;
    if (found)
      return std::nullopt;
    found = '"' + field.name + '"';
  }
  return found;
}

double weight_at(const Column& weights, size_t i) {
  return weights.type() == Type::kInt64 ? static_cast<double>(weights.int64s()[i]) : weights.float64s()[i];
}

void add_errors(std::string_view property, const sql::Evaluated& evaluated, std::vector<sql::RowError>& errors) {
  for (const sql::RowError& error : evaluated.errors)
    errors.push_back({error.row, std::string(property) + ": " + error.message});
}

}  // namespace

Duration half_life_of(const topology::Component& model) {
  return model.has("half_life") ? model.duration("half_life") : Duration{};
}

Result<InteractionReader> InteractionReader::make(const topology::Component& model, const SchemaPtr& input) {
  const auto compile = [&](const std::string& text) -> Result<sql::Expression> {
    auto compiled = sql::Expression::compile(text, input);
    if (!compiled.ok())
      return invalid_argument(model.id + ": " + compiled.problem().message);
    return std::move(compiled).value();
  };
  PENSTOCK_ASSIGN(sql::Expression user, compile(model.text("user")));
  PENSTOCK_ASSIGN(sql::Expression item, compile(model.text("item")));
  PENSTOCK_ASSIGN(sql::Expression weight, compile(model.has("weight") ? model.text("weight") : "1"));
  const auto time = model.has("time") ? std::optional(model.text("time")) : only_timestamp(*input);
  if (!time)
    return InteractionReader(std::move(user), std::move(item), std::move(weight), std::nullopt, half_life_of(model));
  PENSTOCK_ASSIGN(sql::Expression at, compile(*time));
  return InteractionReader(std::move(user), std::move(item), std::move(weight), std::move(at), half_life_of(model));
}

void InteractionReader::read(const BatchPtr& given, std::vector<Rejected>& rejected,
                             const std::function<void(const InteractionView&)>& visit) const {
  const BatchPtr batch = given->compact();
  const sql::Evaluated users = user_.evaluate(*batch), items = item_.evaluate(*batch);
  const sql::Evaluated weights = weight_.evaluate(*batch);
  const sql::Evaluated times = time_ ? time_->evaluate(*batch) : sql::Evaluated{};
  std::vector<sql::RowError> errors;
  add_errors("user", users, errors);
  add_errors("item", items, errors);
  add_errors("weight", weights, errors);
  add_errors("time", times, errors);
  std::vector<bool> bad(errors.empty() ? 0 : batch->rows());
  for (const sql::RowError& error : errors)
    bad[error.row] = true;

  const Timestamp ingested = batch->origin() ? batch->origin()->ingested : Timestamp{};
  IdColumn user_ids(*users.column), item_ids(*items.column);
  for (size_t i = 0; i < batch->rows(); ++i) {
    if (!bad.empty() && bad[i])
      continue;
    if (user_ids.is_null(i) || item_ids.is_null(i)) {
      errors.push_back({i, user_ids.is_null(i) ? "the user is null" : "the item is null"});
      continue;
    }
    if (weights.column->is_null(i))
      continue;
    const double weight = weight_at(*weights.column, i);
    const InteractionView view{
        user_ids.text(i), item_ids.text(i), static_cast<float>(weight),
        times.column && !times.column->is_null(i) ? Timestamp{times.column->int64s()[i]} : ingested};
    if (view.user.empty() || view.item.empty())
      errors.push_back({i, view.user.empty() ? "the user is empty" : "the item is empty"});
    else if (std::max(view.user.size(), view.item.size()) > kMostIdBytes)
      errors.push_back({i, "an id has more than " + std::to_string(kMostIdBytes) + " bytes"});
    else if (weight < 0 || !std::isfinite(view.weight))
      errors.push_back({i, "the weight is " + weights.column->to_string(i) + ", but must be 0 or more, and finite"});
    else if (view.weight > 0)
      visit(view);
  }
  reject_errors(batch, errors, "interaction", rejected);
}

void InteractionReader::read(const BatchPtr& batch, std::vector<Rejected>& rejected,
                             std::vector<Interaction>& out) const {
  read(batch, rejected, [&](const InteractionView& view) {
    out.push_back({std::string(view.user), std::string(view.item), view.weight, view.at});
  });
}

std::vector<topology::Property> interaction_properties() {
  return {
      {.name = "user",
       .kind = Kind::kExpression,
       .meaning = "Who: a column or expression of type int64 or string.",
       .required = true},
      {.name = "item",
       .kind = Kind::kExpression,
       .meaning = "With what: a column or expression of type int64 or string.",
       .required = true},
      {.name = "weight",
       .kind = Kind::kExpression,
       .meaning = "How strongly: a number; 0 and null do not count, negative ones are rejected.",
       .default_value = "1"},
      {.name = "time",
       .kind = Kind::kExpression,
       .meaning = "When: a timestamp; default: the input's only timestamp column, or else the time of intake."},
      {.name = "half_life",
       .kind = Kind::kDuration,
       .meaning =
           "An interaction counts half as much when it is this much older than the user's newest; default: age does "
           "not matter.",
       .minimum = 1},
  };
}

void check_interactions(const topology::Component& model, const SchemaPtr& input, topology::Diagnostics& diagnostics) {
  topology::compile_expression(model, "user", {Type::kInt64, Type::kString}, input, diagnostics);
  topology::compile_expression(model, "item", {Type::kInt64, Type::kString}, input, diagnostics);
  topology::compile_expression(model, "weight", {Type::kInt64, Type::kFloat64}, input, diagnostics);
  topology::compile_expression(model, "time", {Type::kTimestamp}, input, diagnostics);
}

}  // namespace penstock
