#include "models/prediction_encoder.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace penstock {
namespace {

constexpr double kMostDeviations = 5;  // one wild number must not decide alone

std::optional<double> number_of(const PredictionValue& value) {
  double number = 0;
  if (const auto* whole = std::get_if<int64_t>(&value))
    number = static_cast<double>(*whole);
  else if (const auto* given = std::get_if<double>(&value))
    number = *given;
  else
    return std::nullopt;
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

void encode_other(const FeatureColumn& column, const PredictionValue& value, std::vector<Feature>& out) {
  const std::optional<double> number = number_of(value);
  if (number && column.kind == FeatureColumn::Kind::kBuckets)
    return encode_number(column, *number, out);
  if (const auto* text = std::get_if<std::string>(&value))
    return encode_text(column, *text, out);
  if (const auto* whole = std::get_if<int64_t>(&value))
    return encode_text(column, std::to_string(*whole), out);
  if (const auto* flag = std::get_if<bool>(&value))
    return encode_text(column, *flag ? "true" : "false", out);
  if (number)
    return encode_number(column, *number, out);
  if (const auto* parts = std::get_if<std::vector<std::string>>(&value))
    for (const std::string& part : *parts)
      encode_text(column, part, out);
}

const char* wanted(const PredictionColumn& column) {
  if (column.numeric || column.column.kind == FeatureColumn::Kind::kBuckets)
    return "a number";
  switch (column.column.kind) {
    case FeatureColumn::Kind::kMulti: return "a text or a list of texts";
    case FeatureColumn::Kind::kText: return "a text";
    default: return "a text, number or bool";
  }
}

}  // namespace

void RunningScale::add(double value) {
  ++state_.count;
  const double from_mean = value - state_.mean;
  state_.mean += from_mean / state_.count;
  state_.squares += from_mean * (value - state_.mean);
}

double RunningScale::standardise(double value) const {
  if (!(state_.squares > 0))
    return 0;
  const double deviation = std::sqrt(state_.squares / state_.count);
  return std::clamp((value - state_.mean) / deviation, -kMostDeviations, kMostDeviations);
}

PredictionEncoder::PredictionEncoder(std::vector<PredictionColumn> columns)
    : columns_(std::move(columns)), scales_(columns_.size()) {}

void PredictionEncoder::encode(std::span<const PredictionValue> values, std::vector<Feature>& out) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    const size_t before = out.size();
    if (!columns_[i].numeric)
      encode_other(columns_[i].column, values[i], out);
    else if (const std::optional<double> number = number_of(values[i]))
      out.push_back({columns_[i].column.name, static_cast<float>(scales_[i].standardise(*number))});
    if (out.size() == before)
      out.push_back({columns_[i].column.name + "?", 1});
  }
}

void PredictionEncoder::learn(std::span<const PredictionValue> values) {
  for (size_t i = 0; i < columns_.size(); ++i)
    if (const std::optional<double> number = number_of(values[i]); columns_[i].numeric && number)
      scales_[i].add(*number);
}

Status PredictionEncoder::check(size_t at, const PredictionValue& value) const {
  const PredictionColumn& column = columns_[at];
  const bool number = column.numeric || column.column.kind == FeatureColumn::Kind::kBuckets;
  const bool list = std::holds_alternative<std::vector<std::string>>(value);
  const bool text = std::holds_alternative<std::string>(value);
  bool fits = std::holds_alternative<std::monostate>(value);
  if (number)
    fits = fits || number_of(value).has_value();
  else if (column.column.kind == FeatureColumn::Kind::kMulti)
    fits = fits || text || list;
  else if (column.column.kind == FeatureColumn::Kind::kText)
    fits = fits || text;
  else
    fits = fits || !list;
  return fits ? ok() : invalid_argument("feature `" + column.column.name + "` must be " + wanted(column));
}

}  // namespace penstock
