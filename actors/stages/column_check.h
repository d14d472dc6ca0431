// What one value of a column must be like: within bounds, one of a list, a match of a pattern, of a length. Checked over a
// whole column at once; only a value that is wrong costs a message. Null values are not looked at. Immutable; any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "actors/stages/pattern.h"
#include "messages/column.h"

namespace penstock {

/// A rule that a row breaks.
struct Fault {
  size_t row;
  std::string text;  // `rating: expected 1 to 5, found 7`
};

/// `expected 1 to 5, found 7` for a value of a column.
std::string expected_found(const std::string& expected, const Column& column, size_t row);

class ColumnCheck {
 public:
  virtual ~ColumnCheck() = default;
  /// Adds a fault, `name: expected ..., found ...`, for each row that is wrong. Requires: a column of the check's type.
  void check(const std::string& name, const Column& column, std::vector<Fault>& faults) const;

 protected:
  explicit ColumnCheck(std::string expected) : expected_(std::move(expected)) {}
  virtual void find(const Column& column, std::vector<size_t>& wrong) const = 0;

 private:
  std::string expected_;
};
using ColumnCheckPtr = std::shared_ptr<const ColumnCheck>;

// The bounds and allowed values are columns of the checked type: one row for a bound (null pointer: open), any number for a list.
/// Requires: int64, float64 or timestamp. NaN is in no range.
ColumnCheckPtr range_check(const ColumnPtr& least, const ColumnPtr& most);
ColumnCheckPtr one_of_check(const ColumnPtr& allowed);
/// Requires of both: string. Lengths are counted in characters.
ColumnCheckPtr pattern_check(std::shared_ptr<const Pattern> pattern);
ColumnCheckPtr length_check(size_t least, size_t most);

}  // namespace penstock
