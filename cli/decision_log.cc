// The part of `penstock evaluate-policy` that reads what was logged.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "actors/aggregators/bandit.h"
#include "actors/aggregators/bandit_situation.h"
#include "actors/aggregators/bandit_type.h"
#include "actors/aggregators/id_text.h"
#include "actors/make_context.h"
#include "actors/sources/impressions.h"
#include "cli/evaluate_policy.h"
#include "core/clock.h"
#include "messages/input_file.h"
#include "messages/json_lines.h"

namespace penstock::cli {
namespace {

constexpr size_t kChunk = 1 << 20;

// Visits the file's rows in batches. The first line that is wrong ends it.
Status read_rows(const std::string& path, const SchemaPtr& schema,
                 const std::function<Status(const RecordBatch&)>& visit) {
  PENSTOCK_ASSIGN(const auto file, InputFile::open(path));
  JsonLinesDecoder decoder(schema);
  std::string text;
  uint64_t line = 1;
  for (bool more = true; more;) {
    const size_t before = text.size();
    text.resize(before + kChunk);
    PENSTOCK_ASSIGN(const size_t got, file->read(text.data() + before, kChunk));
    text.resize(before + got);
    more = got > 0;
    const size_t cut = more ? cut_at_last_newline(text) : text.size();
    if (cut == 0)
      continue;
    const Decoded decoded = decoder.decode(std::string_view(text).substr(0, cut), line, path);
    if (!decoded.errors.empty())
      return invalid_argument(decoded.errors.front().to_string());
    PENSTOCK_TRY(visit(*decoded.batch->compact()));
    line += static_cast<uint64_t>(std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(cut), '\n'));
    text.erase(0, cut);
  }
  return ok();
}

// A log of impressions, with a column for rewards.
SchemaPtr decisions_schema() {
  std::vector<Field> fields = impressions_schema()->fields();
  for (Field& field : fields)  // what a log from elsewhere may lack
    field.required = field.name == "item";
  fields.push_back({"reward", Type::kFloat64, false});
  return std::make_shared<const Schema>(std::move(fields));
}

double number_at(const Column& column, size_t i) {
  if (column.type() == Type::kBool)
    return column.bools()[i] != 0 ? 1 : 0;
  return column.type() == Type::kInt64 ? static_cast<double>(column.int64s()[i]) : column.float64s()[i];
}

using Rewards = std::unordered_map<std::string, double>;

Result<Rewards> read_rewards(const std::string& path, const BanditPlan& bandit) {
  Rewards rewards;
  if (!bandit.decision)
    return invalid_argument("the bandit " + bandit.id +
                            " declares no `decision`, so outcomes cannot be told apart; "
                            "put a column `reward` into the file of decisions instead");
  PENSTOCK_TRY(read_rows(path, bandit.outcomes, [&](const RecordBatch& batch) {
    const sql::Evaluated ids = bandit.decision->evaluate(batch), values = bandit.reward->evaluate(batch);
    for (size_t i = 0; i < batch.rows(); ++i)
      if (!ids.column->is_null(i) && !values.column->is_null(i))
        rewards.emplace(id_text(*ids.column, i), number_at(*values.column, i));
    return ok();
  }));
  return rewards;
}

Result<BanditPlan> find_bandit(const std::string& name, const topology::CheckedTopology& topology) {
  static const ManualClock clock;
  const topology::BoundComponent* found = nullptr;
  for (const topology::BoundComponent& bound : topology.components)
    if (bound.component.type == "bandit" && (name.empty() || bound.component.id == name)) {
      if (found != nullptr)
        return invalid_argument("the topology has several bandits: say which one with --model");
      found = &bound;
    }
  if (found == nullptr)
    return not_found(name.empty() ? "the topology has no model of type bandit"
                                  : "there is no bandit \"" + name + "\" in the topology");
  return bandit_plan(make_context(topology, found->component.id, clock));
}

}  // namespace

Result<ReadDecisions> read_decisions(const EvaluatePolicyOptions& options, const topology::CheckedTopology& topology) {
  using C = ImpressionColumn;
  PENSTOCK_ASSIGN(const BanditPlan bandit, find_bandit(options.model, topology));
  Rewards rewards;
  if (!options.outcomes.empty()) {
    PENSTOCK_ASSIGN(rewards, read_rewards(options.outcomes, bandit));
  }
  ReadDecisions out;
  out.options = bandit.options;
  out.arms = bandit.arms;
  const SchemaPtr schema = decisions_schema();
  PENSTOCK_TRY(read_rows(options.decisions, schema, [&](const RecordBatch& batch) -> Status {
    const auto column = [&](C which) -> const Column& { return *batch.column(static_cast<size_t>(which)); };
    const Column& own = *batch.column(schema->size() - 1);
    for (size_t i = 0; i < batch.rows(); ++i) {
      const Column &models = column(C::kModel), &propensities = column(C::kPropensity);
      if ((!models.is_null(i) && models.string(i) != bandit.id) || propensities.is_null(i)) {
        ++out.passed_over;
        continue;
      }
      LoggedDecision one;
      one.propensity = propensities.float64s()[i];
      if (!(one.propensity > 0) || one.propensity > 1)
        return invalid_argument("a propensity is " + propensities.to_string(i) + ", but must be over 0 and at most 1");
      const std::string arm(column(C::kItem).string(i));
      auto known = std::find(out.arms.begin(), out.arms.end(), arm);
      if (known == out.arms.end())
        known = out.arms.insert(known, arm);
      one.arm = static_cast<size_t>(known - out.arms.begin());
      const Column& contexts = column(C::kContext);
      PENSTOCK_ASSIGN(one.x, read_situation(bandit.context, contexts.is_null(i) ? "" : contexts.string(i)));
      if (!own.is_null(i))
        one.reward = own.float64s()[i];
      else if (const Column& ids = column(C::kImpression); !ids.is_null(i))
        if (const auto found = rewards.find(std::string(ids.string(i))); found != rewards.end())
          one.reward = found->second;
      out.log.push_back(std::move(one));
    }
    return ok();
  }));
  if (out.log.empty())
    return invalid_argument(options.decisions + " holds no decision of " + bandit.id + " with a propensity (" +
                            std::to_string(out.passed_over) + " rows were passed over)");
  return out;
}

}  // namespace penstock::cli
