// Stage `validate`: passes the records that keep every declared rule and sets the others aside, each once, with every rule
// that it breaks: `rating: expected 1 to 5, found 7; email: expected a match of @, found "x"`. Rules of columns look at one
// value; SQL rules at the whole row, and as in a CHECK of SQL null keeps a rule. Works column by column, rule by rule.
// Columns may be cast on the way and missing values filled in; rules see the result. The output `rejected` has the rows that
// were set aside, as they came. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/stages/column_check.h"
#include "actors/stages/stage.h"
#include "sql/expression.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

/// What is asked of one column.
struct ValidateColumn {
  enum class Missing { kKeep, kReject, kDefault };

  std::string name;
  size_t index = 0;  // in the input
  Type type = Type::kString;
  std::optional<sql::Expression> cast = {};  // to `type`, where the input's is another
  Missing missing = Missing::kKeep;
  ColumnPtr fallback = {};  // one row: what a missing value becomes
  std::vector<ColumnCheckPtr> checks = {};
};

struct ValidateRule {
  sql::Expression check;
  std::string message;  // empty: what the check is
};

struct ValidatePlan {
  std::vector<ValidateColumn> columns;
  std::vector<ValidateRule> rules;
  std::vector<size_t> forbidden;  // columns of the input in which no value may be
  SchemaPtr checked;              // the input's columns after casts; the rules' schema
  std::vector<size_t> kept;       // columns of `checked` that go on
  SchemaPtr output;
};

class Validate final : public Stage {
 public:
  static constexpr const char* kRejected = "rejected";  // the output

  explicit Validate(ValidatePlan plan) : plan_(std::move(plan)) {}
  Status process(const BatchPtr& batch, StageOutput& out) override;

 private:
  ColumnPtr check_column(const ValidateColumn& rules, const RecordBatch& dense, std::vector<Fault>& faults) const;
  void check_rules(const RecordBatch& checked, std::vector<Fault>& faults) const;
  BatchPtr result(const BatchPtr& checked) const;

  ValidatePlan plan_;
};

/// Without an output schema if anything is wrong, which was reported.
ValidatePlan plan_validate(const topology::Component& component, const SchemaPtr& input,
                           topology::Diagnostics& diagnostics);

topology::ComponentType validate_type();
Result<StagePtr> make_validate(const MakeContext& context);

}  // namespace penstock
