// Aggregates of a group's rows, each with an optional `FILTER (WHERE condition)`:
//
//   count(*) count(x) count(distinct x)   sum(x) avg(x) min(x) max(x)
//   first(x) last(x) first(x ORDER BY t)  by arrival, or by the ORDER BY, ties by arrival
//   variance(x) var_samp var_pop stddev stddev_samp stddev_pop     variance is var_samp, stddev is stddev_samp
//   approx_count_distinct(x)              sql/distinct_sketch.h says how exact
//   approx_percentile(x, 0.95) median(x)  percentile_cont; sql/quantile_sketch.h says how exact
//   top_k(x, 5)                           json [[value,count],...], most first; sql/aggregate_top_k.cc says how exact
//   decayed_sum(x, at, '1h') decayed_count(at, '1h')   weights halve with each hour before the latest `at` of the group
//
// Nulls are skipped, as in SQL; a group without any value gives null (counts give 0).
//
// AggregateCall is the compiled call: immutable, cheap to copy, thread safe. AggregateStates is what has been aggregated so
// far, one state a group, groups numbered from 0 by the caller; one owner, not thread safe. States merge: aggregating two
// halves of the rows and merging gives what aggregating all of them gives (top_k: up to its bound of different values). Float sums are kept to 106 bits, so that neither the
// order of the rows nor how they were divided shows in the result.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"
#include "messages/record_batch.h"
#include "sql/expression.h"
#include "sql/problem.h"

namespace penstock::sql {

/// A call's arguments computed for a batch: one value for each of its rows().
struct AggregateInput {
  size_t rows = 0;
  ColumnPtr values;                           // null for count(*)
  ColumnPtr order;                            // of `ORDER BY`, or the second argument (`at`); or null
  std::optional<std::vector<uint32_t>> kept;  // rows (i-th of rows()) that FILTER kept; absent means all
  std::vector<RowError> errors;               // those rows hold null, or are not kept
};

class AggregateStates {
 public:
  virtual ~AggregateStates() = default;

  /// Number of groups. New groups are empty; groups cut off are forgotten.
  virtual void resize(size_t groups) = 0;
  virtual size_t groups() const = 0;
  /// Takes a batch's rows in, row i into group group_of_row[i]. The errors are sums that would leave int64: such a
  /// row stays out of this aggregate. Requires: group_of_row.size() == input.rows, each below groups().
  virtual std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) = 0;
  /// Makes the group empty again.
  virtual void clear(size_t group) = 0;
  /// The group's value. Requires: `out` is of the call's type().
  virtual void append_result(size_t group, ColumnBuilder& out) const = 0;

  /// Appends the group's state as bytes that carry their own length.
  virtual void encode(size_t group, std::string& out) const = 0;
  /// Replaces the group's state by the one at the front of `bytes`, which moves past it. Errors: data_loss.
  Status decode(size_t group, std::string_view& bytes);
  /// Adds the state at the front of `bytes`, whose rows arrived after those of this one. Errors: data_loss;
  /// invalid_argument if an integer sum leaves int64 (the group is unchanged then).
  virtual Status merge(size_t group, std::string_view& bytes) = 0;

  /// Bytes of memory in use, about: of all groups, and of one.
  virtual size_t memory() const = 0;
  virtual size_t memory(size_t group) const = 0;
};

class AggregateCall {
 public:
  /// Errors: as Expression::compile; not an aggregate; an aggregate of that type does not exist.
  static Checked<AggregateCall> compile(std::string_view text, const SchemaPtr& schema);
  /// Whether `name` is an aggregate function's name (lower case).
  static bool is_aggregate(std::string_view name);

  /// Counts int64; sum, min, max, first, last as their argument; top_k json; all others float64.
  Type type() const;
  /// False only for counts.
  bool nullable() const;
  /// The columns of the schema that are read, ascending.
  std::vector<size_t> columns() const;

  /// Evaluates the arguments. Requires: the batch has the schema of compile().
  AggregateInput evaluate(const RecordBatch& batch) const;
  std::unique_ptr<AggregateStates> make_states() const;

  /// evaluate() and update() in one: `states` take the batch in. The errors of both, ascending by row.
  std::vector<RowError> update(AggregateStates& states, const RecordBatch& batch,
                               std::span<const uint32_t> group_of_row) const;

 private:
  struct Content;
  explicit AggregateCall(std::shared_ptr<const Content> content) : content_(std::move(content)) {}

  std::shared_ptr<const Content> content_;
};

}  // namespace penstock::sql
