#include "actors/aggregators/bandit.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "actors/aggregators/bandit_situation.h"
#include "actors/aggregators/id_text.h"
#include "actors/sources/impressions.h"
#include "actors/stages/reject.h"
#include "messages/byte_io.h"

namespace penstock {
namespace {

constexpr char kArmKey = 'a';
constexpr std::string_view kJoinKeys = "j";
constexpr size_t kMostArms = 10'000;
constexpr size_t kMostArmBytes = 400;

double number_at(const Column& column, size_t i) {
  switch (column.type()) {
    case Type::kInt64: return static_cast<double>(column.int64s()[i]);
    case Type::kBool: return column.bools()[i] != 0 ? 1 : 0;
    default: return column.float64s()[i];
  }
}

void add_errors(std::string_view property, const sql::Evaluated& evaluated, std::vector<sql::RowError>& errors) {
  for (const sql::RowError& error : evaluated.errors)
    errors.push_back({error.row, std::string(property) + ": " + error.message});
}

const Column& column_of(const RecordBatch& impressions, ImpressionColumn column) {
  return *impressions.column(static_cast<size_t>(column));
}

void append_numbers(const std::vector<double>& numbers, std::string& out) {
  for (const double number : numbers)
    append_number(number, out);
}

std::string pack(const std::vector<double>& x) {
  std::string out;
  append_numbers(x, out);
  return out;
}

std::vector<double> unpack(std::string_view bytes) {
  std::vector<double> out(bytes.size() / sizeof(double));
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = load_number<double>(bytes.data() + i * sizeof(double));
  return out;
}

}  // namespace

Bandit::Bandit(BanditPlan plan)
    : plan_(std::move(plan)),
      join_(
          {plan_.within, false, true},
          [this](const std::string&, const OutcomeJoin::Impression& shown, const OutcomeJoin::Outcome& outcome) {
            learn(shown.item, unpack(shown.payload), outcome.value);
          },
          [this](const std::string&, const OutcomeJoin::Impression& shown) {
            learn(shown.item, unpack(shown.payload), 0);
          }) {
  publish();
}

Status Bandit::open(StoredKeys stored, MemoryShare share) {
  PENSTOCK_TRY(Aggregator::open(std::move(stored), share));
  share_ = std::move(share);
  publish();
  return ok();
}

void Bandit::learn(const std::string& arm, std::span<const double> x, double reward) {
  if (!plan_.arms.empty() && std::find(plan_.arms.begin(), plan_.arms.end(), arm) == plan_.arms.end())
    return;  // an arm of an earlier declaration
  const std::unique_lock lock(mutex_);
  if (!learnt_.contains(arm) && learnt_.size() >= kMostArms)
    return;
  touched_.push_back(arm);
  const bool fits = x.size() == plan_.context.dimension();  // else noted under other features
  learnt_[arm].learn(plan_.options.linear() && fits ? x : std::span<const double>(), reward);
}

Status Bandit::process(const BatchPtr& batch, StageOutput& out) {
  if (*batch->schema() == *plan_.outcomes)
    read_outcomes(batch->compact(), out);
  else if (plan_.decision)
    read_impressions(*batch->compact());
  return ok();
}

void Bandit::read_impressions(const RecordBatch& batch) {
  const Column &ids = column_of(batch, ImpressionColumn::kImpression), &times = column_of(batch, ImpressionColumn::kAt);
  const Column &models = column_of(batch, ImpressionColumn::kModel), &arms = column_of(batch, ImpressionColumn::kItem);
  const Column& contexts = column_of(batch, ImpressionColumn::kContext);
  for (size_t i = 0; i < batch.rows(); ++i) {
    if (models.is_null(i) || models.string(i) != plan_.id)
      continue;
    const auto x = read_situation(plan_.context, contexts.is_null(i) ? std::string_view() : contexts.string(i));
    join_.shown(std::string(ids.string(i)),
                {{times.int64s()[i]}, std::string(arms.string(i)), x.ok() ? pack(*x) : std::string()});
  }
}

std::vector<double> Bandit::situation(const RecordBatch& batch, size_t row) const {
  std::vector<double> x = plan_.context.empty();
  for (size_t f = 0; f < plan_.columns.size(); ++f) {
    if (!plan_.columns[f])
      continue;
    const Column& column = *batch.column(*plan_.columns[f]);
    if (column.is_null(row))
      continue;
    if (column.type() == Type::kString)
      plan_.context.set(f, column.string(row), x);
    else if (column.type() == Type::kBool && plan_.context.features()[f].kind != ContextFeature::Kind::kNumeric)
      plan_.context.set(f, std::string_view(column.bools()[row] != 0 ? "true" : "false"), x);
    else
      plan_.context.set(f, number_at(column, row), x);
  }
  return x;
}

void Bandit::read_outcomes(const BatchPtr& batch, StageOutput& out) {
  const sql::Evaluated keys = plan_.decision ? plan_.decision->evaluate(*batch) : plan_.arm->evaluate(*batch);
  const sql::Evaluated rewards = plan_.reward->evaluate(*batch);
  const sql::Evaluated times = plan_.time ? plan_.time->evaluate(*batch) : sql::Evaluated{};
  std::vector<sql::RowError> errors;
  add_errors(plan_.decision ? "decision" : "arm", keys, errors);
  add_errors("reward", rewards, errors);
  add_errors("time", times, errors);
  std::vector<bool> bad(batch->rows());
  for (const sql::RowError& error : errors)
    bad[error.row] = true;
  const Timestamp ingested = plan_.clock       ? plan_.clock->now()
                             : batch->origin() ? batch->origin()->ingested
                                               : Timestamp{};
  for (size_t i = 0; i < batch->rows(); ++i) {
    if (bad[i] || rewards.column->is_null(i))
      continue;
    if (keys.column->is_null(i)) {
      if (!plan_.decision)
        errors.push_back({i, "the arm is null"});
      continue;  // an outcome of something else
    }
    const std::string key = id_text(*keys.column, i);
    const double reward = number_at(*rewards.column, i);
    if (!std::isfinite(reward) || (!plan_.options.linear() && (reward < 0 || reward > 1)))
      errors.push_back({i, "the reward is " + rewards.column->to_string(i) + ", but must be " +
                               (plan_.options.linear() ? "finite" : "from 0 to 1")});
    else if (key.empty() || key.size() > kMostArmBytes)
      errors.push_back({i, key.empty() ? "the id is empty" : "the id has over 400 bytes"});
    else if (plan_.decision)
      join_.happened(key, {times.column && !times.column->is_null(i) ? Timestamp{times.column->int64s()[i]} : ingested,
                           "", reward});
    else if (!plan_.arms.empty() && std::find(plan_.arms.begin(), plan_.arms.end(), key) == plan_.arms.end())
      errors.push_back({i, "there is no arm \"" + key + "\""});
    else
      learn(key, situation(*batch, i), reward);
  }
  reject_errors(batch, errors, "bandit", out.rejected);
}

std::string Bandit::encode(const BanditArm& arm) const {
  std::string out(1, kVersion);
  append_number(arm.trials, out);
  append_number(arm.reward, out);
  append_numbers(arm.xx, out);
  append_numbers(arm.xr, out);
  return out;
}

Status Bandit::restore(std::string_view key, std::string_view value) {
  if (key.starts_with(kJoinKeys))
    return join_.restore(key.substr(kJoinKeys.size()), value);
  ByteReader reader(value);
  if (!key.starts_with(kArmKey) || reader.number<char>() != kVersion)
    return data_loss("an arm's state has an unknown format version");
  BanditArm arm;
  arm.trials = reader.number<uint64_t>();
  arm.reward = reader.number<double>();
  if (reader.failed() || reader.left() % sizeof(double) != 0)
    return data_loss("an arm's state has the wrong length");
  const std::vector<double> sums = unpack(reader.bytes(reader.left()));
  const size_t d = plan_.context.dimension(), triangle = d * (d + 1) / 2;
  if (plan_.options.linear() && sums.size() == triangle + d) {
    arm.xx.assign(sums.begin(), sums.begin() + static_cast<ptrdiff_t>(triangle));
    arm.xr.assign(sums.begin() + static_cast<ptrdiff_t>(triangle), sums.end());
  }
  const std::unique_lock lock(mutex_);
  learnt_[std::string(key.substr(1))] = std::move(arm);
  return ok();
}

Status Bandit::end_epoch(StageOutput& out) {
  join_.end_epoch(kJoinKeys, out.changes);  // may learn what earned nothing
  std::sort(touched_.begin(), touched_.end());
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  for (const std::string& name : touched_) {
    solved_.erase(name);
    out.changes.emplace_back(kArmKey + name, encode(learnt_.at(name)));
  }
  if (!touched_.empty())
    publish();
  touched_.clear();
  if (share_.report)
    share_.report(memory());
  return ok();
}

// Arms that did not change keep their solution.
void Bandit::publish() {
  auto arms = std::make_shared<Arms>();
  arms->names = plan_.arms;
  if (arms->names.empty())
    for (const auto& [name, arm] : learnt_)
      arms->names.push_back(name);
  for (const std::string& name : arms->names) {
    const auto known = learnt_.find(name);
    ArmPosteriorPtr& solved = solved_[name];
    if (!solved)
      solved =
          std::make_shared<const ArmPosterior>(known == learnt_.end() ? BanditArm{} : known->second, plan_.options);
    arms->posteriors.push_back(solved);
    arms->trials += known == learnt_.end() ? 0 : known->second.trials;
  }
  const std::unique_lock lock(mutex_);
  published_ = std::move(arms);
}

std::shared_ptr<const Bandit::Arms> Bandit::arms() const {
  const std::shared_lock lock(mutex_);
  return published_;
}

}  // namespace penstock
