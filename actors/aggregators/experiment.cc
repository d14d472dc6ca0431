#include "actors/aggregators/experiment.h"

#include <cmath>
#include <mutex>

#include "actors/aggregators/id_text.h"
#include "actors/sources/impressions.h"
#include "actors/stages/reject.h"
#include "messages/byte_io.h"

namespace penstock {
namespace {

constexpr char kUserKey = 'u';
constexpr std::string_view kJoinKeys = "j";
constexpr size_t kMostIdBytes = 400;
constexpr size_t kBytesAUser = 240;  // about, beside the id

void append_text(std::string_view text, std::string& out) {
  append_number(static_cast<uint32_t>(text.size()), out);
  out += text;
}

const Column& column_of(const RecordBatch& impressions, ImpressionColumn column) {
  return *impressions.column(static_cast<size_t>(column));
}

double number_at(const Column& column, size_t i) {
  return column.type() == Type::kInt64 ? static_cast<double>(column.int64s()[i]) : column.float64s()[i];
}

void add_errors(std::string_view property, const sql::Evaluated& evaluated, std::vector<sql::RowError>& errors) {
  for (const sql::RowError& error : evaluated.errors)
    errors.push_back({error.row, std::string(property) + ": " + error.message});
}

}  // namespace

Experiment::Experiment(ExperimentPlan plan)
    : plan_(std::move(plan)),
      join_(
          {plan_.within, plan_.item.has_value(), false},
          [this](const std::string& user, const OutcomeJoin::Impression& shown, const OutcomeJoin::Outcome& outcome) {
            change(user, shown.payload, [&](Seen& seen) {
              ++seen.outcomes;
              seen.value += outcome.value;
            });
          },
          [](const std::string&, const OutcomeJoin::Impression&) {}),
      sums_(plan_.variants.size()) {}

SchemaPtr Experiment::view_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{"variant", Type::kString, true},
                                                                                    {"users", Type::kInt64, true},
                                                                                    {"impressions", Type::kInt64, true},
                                                                                    {"converted", Type::kInt64, true},
                                                                                    {"outcomes", Type::kInt64, true},
                                                                                    {"value", Type::kFloat64, true}});
  return schema;
}

Status Experiment::open(StoredKeys stored, MemoryShare share) {
  PENSTOCK_TRY(Aggregator::open(std::move(stored), share));
  share_ = std::move(share);
  return ok();
}

VariantSums* Experiment::sums_of(std::string_view variant) {
  for (size_t i = 0; i < plan_.variants.size(); ++i)
    if (plan_.variants[i].name == variant)
      return &sums_[i];
  return nullptr;  // of an earlier declaration
}

template <class Change>
void Experiment::change(const std::string& user, const std::string& variant, Change change) {
  const auto [known, fresh_user] = users_.try_emplace(user);
  user_bytes_ += fresh_user ? kBytesAUser + user.size() : 0;
  const auto [seen, fresh] = known->second.try_emplace(variant);
  const Seen before = seen->second;
  change(seen->second);
  touched_.insert(user);
  const std::unique_lock lock(mutex_);
  VariantSums* sums = sums_of(variant);
  if (sums == nullptr)
    return;
  if (!fresh)
    sums->add(static_cast<double>(before.impressions), static_cast<double>(before.outcomes), before.value, -1);
  sums->add(static_cast<double>(seen->second.impressions), static_cast<double>(seen->second.outcomes),
            seen->second.value);
}

Status Experiment::process(const BatchPtr& batch, StageOutput& out) {
  if (*batch->schema() == *impressions_schema())
    read_impressions(*batch->compact());
  else
    read_outcomes(batch->compact(), out);
  return ok();
}

void Experiment::read_impressions(const RecordBatch& batch) {
  using C = ImpressionColumn;
  const Column &users = column_of(batch, C::kUser), &experiments = column_of(batch, C::kExperiment);
  const Column &items = column_of(batch, C::kItem), &variants = column_of(batch, C::kVariant);
  const Column& times = column_of(batch, C::kAt);
  for (size_t i = 0; i < batch.rows(); ++i) {
    if (experiments.is_null(i) || experiments.string(i) != plan_.id || users.is_null(i) || variants.is_null(i))
      continue;
    const std::string user(users.string(i)), variant(variants.string(i));
    if (user.size() > kMostIdBytes)
      continue;
    change(user, variant, [](Seen& seen) { ++seen.impressions; });
    join_.shown(user, {{times.int64s()[i]}, plan_.item ? std::string(items.string(i)) : std::string(), variant});
  }
}

void Experiment::read_outcomes(const BatchPtr& batch, StageOutput& out) {
  const auto evaluate = [&](const std::optional<sql::Expression>& expression) {
    return expression ? expression->evaluate(*batch) : sql::Evaluated{};
  };
  const sql::Evaluated users = evaluate(plan_.user), items = evaluate(plan_.item), values = evaluate(plan_.value);
  const sql::Evaluated times = evaluate(plan_.time);
  std::vector<sql::RowError> errors;
  add_errors("user", users, errors);
  add_errors("item", items, errors);
  add_errors("value", values, errors);
  add_errors("time", times, errors);
  std::vector<bool> bad(batch->rows());
  for (const sql::RowError& error : errors)
    bad[error.row] = true;
  const Timestamp ingested = batch->origin() ? batch->origin()->ingested : Timestamp{};
  for (size_t i = 0; i < batch->rows(); ++i) {
    if (bad[i] || users.column->is_null(i) || (items.column && items.column->is_null(i)) ||
        (values.column && values.column->is_null(i)))
      continue;  // nobody's, or no outcome
    OutcomeJoin::Outcome outcome{ingested, items.column ? id_text(*items.column, i) : std::string(),
                                 values.column ? number_at(*values.column, i) : 1};
    if (times.column && !times.column->is_null(i))
      outcome.at.micros = times.column->int64s()[i];
    const std::string user = id_text(*users.column, i);
    if (!std::isfinite(outcome.value))
      errors.push_back({i, "the value is " + values.column->to_string(i) + ", but must be finite"});
    else if (user.empty() || user.size() > kMostIdBytes)
      errors.push_back({i, user.empty() ? "the user is empty" : "the user has over 400 bytes"});
    else
      join_.happened(user, std::move(outcome));
  }
  reject_errors(batch, errors, "outcome", out.rejected);
}

Status Experiment::restore(std::string_view key, std::string_view value) {
  if (key.starts_with(kJoinKeys))
    return join_.restore(key.substr(kJoinKeys.size()), value);
  ByteReader reader(value);
  if (!key.starts_with(kUserKey) || reader.number<char>() != kVersion)
    return data_loss("a user of an experiment has an unknown format version");
  const std::string user(key.substr(1));
  for (auto left = reader.number<uint32_t>(); left > 0 && !reader.failed(); --left) {
    const std::string variant(reader.bytes(reader.number<uint32_t>()));
    Seen stored;
    stored.impressions = reader.number<uint64_t>();
    stored.outcomes = reader.number<uint64_t>();
    stored.value = reader.number<double>();
    change(user, variant, [&](Seen& seen) { seen = stored; });
  }
  touched_.erase(user);
  return reader.failed() || reader.left() > 0 ? data_loss("a user of an experiment has the wrong length") : ok();
}

Status Experiment::end_epoch(StageOutput& out) {
  join_.end_epoch(kJoinKeys, out.changes);
  for (const std::string& user : touched_) {
    const User& known = users_.at(user);
    std::string value(1, kVersion);
    append_number(static_cast<uint32_t>(known.size()), value);
    for (const auto& [variant, seen] : known) {
      append_text(variant, value);
      append_number(seen.impressions, value);
      append_number(seen.outcomes, value);
      append_number(seen.value, value);
    }
    out.changes.emplace_back(kUserKey + user, std::move(value));
  }
  touched_.clear();
  if (share_.report)
    share_.report(memory());
  return ok();
}

std::vector<VariantSums> Experiment::sums() const {
  const std::shared_lock lock(mutex_);
  return sums_;
}

void Experiment::append_row(size_t variant, BatchBuilder& rows) const {
  const VariantSums& sums = sums_[variant];
  rows.column(0).append_string(plan_.variants[variant].name);
  rows.column(1).append_int64(static_cast<int64_t>(sums.users));
  rows.column(2).append_int64(std::llround(sums.x));
  rows.column(3).append_int64(static_cast<int64_t>(sums.converted));
  rows.column(4).append_int64(std::llround(sums.y));
  rows.column(5).append_float64(sums.v);
}

Result<BatchPtr> Experiment::lookup(const std::vector<std::string>& key) const {
  if (key.size() != 1)
    return invalid_argument("the key has 1 values (variant), not " + std::to_string(key.size()));
  const std::shared_lock lock(mutex_);
  BatchBuilder rows(view_schema());
  for (size_t i = 0; i < plan_.variants.size(); ++i)
    if (plan_.variants[i].name == key.front())
      append_row(i, rows);
  return rows.rows() == 0 ? BatchPtr() : rows.finish();
}

Result<BatchPtr> Experiment::read_all(size_t limit) const {
  const std::shared_lock lock(mutex_);
  BatchBuilder rows(view_schema());
  for (size_t i = 0; i < plan_.variants.size() && i < limit; ++i)
    append_row(i, rows);
  return rows.finish();
}

size_t Experiment::keys() const { return users_.size(); }

size_t Experiment::memory() const { return user_bytes_ + join_.memory(); }

}  // namespace penstock
