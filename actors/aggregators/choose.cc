#include "actors/aggregators/choose.h"

#include <algorithm>

#include "actors/aggregators/bandit_situation.h"
#include "actors/aggregators/id_text.h"
#include "actors/sources/impressions.h"
#include "actors/stages/reject.h"
#include "messages/json_writer.h"
#include "messages/key.h"

namespace penstock {
namespace {

// What the log of impressions would say of a choice; of its columns only those that a bandit reads, and those required.
void note(const std::string& model, const std::string& decision, const std::string& arm, Timestamp at,
          const std::string& context, BatchBuilder& notes) {
  const auto column = [&](ImpressionColumn which) -> ColumnBuilder& {
    return notes.column(static_cast<size_t>(which));
  };
  column(ImpressionColumn::kImpression).append_string(decision);
  column(ImpressionColumn::kAt).append_int64(at.micros);
  column(ImpressionColumn::kItem).append_string(arm);
  column(ImpressionColumn::kPosition).append_int64(1);
  column(ImpressionColumn::kModel).append_string(model);
  column(ImpressionColumn::kContext).append_string(context);
  for (const ImpressionColumn unknown :
       {ImpressionColumn::kUser, ImpressionColumn::kScore, ImpressionColumn::kStrategy, ImpressionColumn::kModelVersion,
        ImpressionColumn::kRecommender, ImpressionColumn::kExperiment, ImpressionColumn::kVariant,
        ImpressionColumn::kPropensity})
    column(unknown).append_null();
}

}  // namespace

Choose::Choose(ChoosePlan plan, const Clock& clock) : plan_(std::move(plan)), clock_(clock), bandit_(plan_.bandit) {}

Choose::Allowed Choose::allowed(const RecordBatch& rows, std::vector<sql::RowError>& errors) const {
  Allowed allowed;
  for (const ChoosePlan::Arm& arm : plan_.arms) {
    const sql::Selected selected = arm.where.front().select(rows);
    for (const sql::RowError& error : selected.errors)
      errors.push_back({error.row, arm.name + ": " + error.message});
    std::vector<bool>& may = allowed.emplace_back(rows.physical_rows());
    for (const uint32_t row : selected.rows)
      may[row] = true;
  }
  return allowed;
}

std::string Choose::situation(const RecordBatch& rows, size_t row) const {
  std::string json = "{";
  for (size_t f = 0; f < plan_.features.size(); ++f) {
    const Column& column = *rows.column(plan_.features[f]);
    if (column.is_null(row))
      continue;
    json += json.size() == 1 ? "" : ",";
    append_json_string(plan_.bandit.context.features()[f].name, json);
    json += ':';
    append_value_json(column, row, json);
  }
  return json + "}";
}

Status Choose::process_input(size_t input, const BatchPtr& batch, StageOutput& out) {
  if (batch->rows() == 0)
    return ok();
  if (input == ChoosePlan::kOutcomes)
    return bandit_.process(batch, out);
  const BatchPtr rows = batch->compact();
  std::vector<sql::RowError> errors;
  (void)allowed(*rows, errors);
  for (size_t i = 0; i < rows->rows(); ++i)
    if (rows->column(plan_.decision)->is_null(i))
      errors.push_back({i, rows->schema()->field(plan_.decision).name + " is null"});
  const BatchPtr good = reject_errors(rows, errors, "choose", out.rejected)->compact();
  return good->rows() == 0 ? ok() : choose_each(good, out);
}

Status Choose::choose_each(const BatchPtr& rows, StageOutput& out) {
  std::vector<sql::RowError> none_left;
  const Allowed may = allowed(*rows, none_left);
  const auto known = bandit_.arms();
  const Timestamp now = clock_.now();
  BatchBuilder notes(impressions_schema());
  ColumnBuilder arms(Type::kString), chances(Type::kFloat64), contexts(Type::kJson);
  Selection chosen, unchosen;
  for (size_t i = 0; i < rows->rows(); ++i) {
    const std::string context = situation(*rows, i);
    PENSTOCK_ASSIGN(const std::vector<double> x, read_situation(plan_.bandit.context, context));
    std::vector<size_t> candidates;
    std::vector<ArmBelief> beliefs;
    for (size_t arm = 0; arm < plan_.arms.size(); ++arm)
      if (may[arm][i]) {
        candidates.push_back(arm);
        beliefs.push_back(known->posteriors[arm]->at(x));
      }
    if (candidates.empty()) {
      unchosen.push_back(static_cast<uint32_t>(i));
      continue;
    }
    const std::string decision = id_text(*rows->column(plan_.decision), i);
    const BanditChoice choice = penstock::choose(beliefs, plan_.bandit.options, hash_key(decision));
    const std::string& name = plan_.arms[candidates[choice.arm]].name;
    chosen.push_back(static_cast<uint32_t>(i));
    arms.append_string(name);
    chances.append_float64(choice.propensities[choice.arm]);
    contexts.append_string(context);
    note(plan_.bandit.id, decision, name, now, context, notes);
  }
  if (!unchosen.empty())
    out.sides.emplace_back(ChoosePlan::kNone, rows->select(std::move(unchosen)));
  if (chosen.empty())
    return ok();
  const BatchPtr with = rows->select(std::move(chosen))->compact();
  std::vector<ColumnPtr> columns = with->columns();
  columns.push_back(arms.finish());
  columns.push_back(chances.finish());
  columns.push_back(contexts.finish());
  out.batches.push_back(with->with_columns(plan_.output, std::move(columns)));
  return bandit_.process(notes.finish(), out);
}

}  // namespace penstock
