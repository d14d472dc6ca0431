#include "actors/testing/match_rows.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "messages/json_writer.h"
#include "messages/number_text.h"

namespace penstock {
namespace {

using topology::ExpectedCell;
using topology::ExpectedRow;
using topology::ExpectedRows;

bool near(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b)) ||
         std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)});
}

bool same_json(const std::string& a, std::string_view b) {
  rapidjson::Document left, right;
  left.Parse(a.data(), a.size());
  right.Parse(b.data(), b.size());
  return !left.HasParseError() && !right.HasParseError() && left == right;
}

class Matcher {
 public:
  Matcher(const ExpectedRows& expectation, const BatchPtr& rows) : expectation_(expectation), rows_(rows) {}

  std::vector<TestDifference> run() {
    const size_t there = rows_ ? rows_->rows() : 0;
    if (expectation_.count) {
      if (there == *expectation_.count)
        return {};
      TestDifference difference{
          expectation_.place, rows_text(there) + " instead of " + std::to_string(*expectation_.count), {}, {}};
      for (size_t i = 0; i < std::min<size_t>(there, 10); ++i)
        difference.unwanted.push_back(row_to_json(*rows_, i));
      return {std::move(difference)};
    }
    pair_up();
    TestDifference difference{expectation_.place, "", {}, {}};
    size_t right = 0;
    for (size_t e = 0; e < expectation_.rows.size(); ++e) {
      if (partner_[e] != kNone) {
        ++right;
        continue;
      }
      if (difference.missing.empty())
        difference.place = expectation_.rows[e].place;
      difference.missing.push_back(shown(expectation_.rows[e]));
    }
    if (expectation_.mode == ExpectedRows::Mode::kExactly)
      for (size_t i = 0; i < there; ++i)
        if (!taken_[i])
          difference.unwanted.push_back(shown(i));
    if (difference.missing.empty() && difference.unwanted.empty())
      return {};
    difference.what = std::to_string(right) + " of " + rows_text(expectation_.rows.size()) +
                      (expectation_.rows.size() == 1 ? " is there" : " are there");
    if (!difference.unwanted.empty())
      difference.what += ", and " + std::to_string(difference.unwanted.size()) +
                         (difference.missing.empty() ? " more" : " other") +
                         (difference.unwanted.size() == 1 ? " row" : " rows");
    return {std::move(difference)};
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  static std::string rows_text(size_t count) { return std::to_string(count) + (count == 1 ? " row" : " rows"); }

  bool equal(const ExpectedCell& cell, size_t row) const {
    const auto index = rows_->schema()->index_of(cell.column);
    if (!index)
      return false;
    const Column& column = *rows_->column(*index);
    if (column.is_null(row) || !cell.value)
      return column.is_null(row) && !cell.value;
    if (column.type() == Type::kFloat64) {
      double expected = 0;
      return parse_float64(*cell.value, expected) && near(expected, column.float64s()[row]);
    }
    if (column.type() == Type::kJson)
      return same_json(*cell.value, column.string(row));
    if (expectation_.name == "dead_letters" && cell.column == "reason")
      return column.string(row).find(*cell.value) != std::string_view::npos;
    return column.to_string(row) == *cell.value;
  }

  bool matches(const ExpectedRow& expected, size_t i) const {
    return std::ranges::all_of(expected.cells, [&](const ExpectedCell& cell) { return equal(cell, rows_->row(i)); });
  }

  // Rows that name few columns match many: so pairs are found by augmenting paths (Kuhn 1955).
  void pair_up() {
    const size_t there = rows_ ? rows_->rows() : 0;
    partner_.assign(expectation_.rows.size(), kNone);
    taken_.assign(there, false);
    std::vector<size_t> owner(there, kNone);
    for (size_t e = 0; e < expectation_.rows.size(); ++e) {
      std::vector<bool> visited(there, false);
      (void)find_partner(e, visited, owner);
    }
    for (size_t i = 0; i < there; ++i)
      if (owner[i] != kNone) {
        partner_[owner[i]] = i;
        taken_[i] = true;
      }
  }

  bool find_partner(size_t expected, std::vector<bool>& visited, std::vector<size_t>& owner) const {
    for (size_t i = 0; i < owner.size(); ++i) {
      if (visited[i] || !matches(expectation_.rows[expected], i))
        continue;
      visited[i] = true;
      if (owner[i] == kNone || find_partner(owner[i], visited, owner)) {
        owner[i] = expected;
        return true;
      }
    }
    return false;
  }

  static std::string shown(const ExpectedRow& expected) {
    std::string out;
    for (const ExpectedCell& cell : expected.cells) {
      out += out.empty() ? "" : ",";
      append_json_string(cell.column, out);
      out += ":" + shown(cell);
    }
    return "{" + out + "}";
  }

  static std::string shown(const ExpectedCell& cell) {
    if (!cell.value)
      return "null";
    if (!cell.quoted)
      return *cell.value;
    std::string out;
    append_json_string(*cell.value, out);
    return out;
  }

  // Of the columns that some expected row names; all where none does.
  std::string shown(size_t i) const {
    std::set<std::string> compared;
    for (const ExpectedRow& row : expectation_.rows)
      for (const ExpectedCell& cell : row.cells)
        compared.insert(cell.column);
    if (compared.empty())
      return row_to_json(*rows_, i);
    std::string out;
    for (size_t c = 0; c < rows_->schema()->size(); ++c) {
      if (!compared.contains(rows_->schema()->field(c).name))
        continue;
      out += out.empty() ? "" : ",";
      append_json_string(rows_->schema()->field(c).name, out);
      out += ":";
      append_value_json(*rows_->column(c), rows_->row(i), out);
    }
    return "{" + out + "}";
  }

  const ExpectedRows& expectation_;
  const BatchPtr& rows_;
  std::vector<size_t> partner_;  // by expected row
  std::vector<bool> taken_;      // by row
};

}  // namespace

std::vector<TestDifference> match_rows(const ExpectedRows& expectation, const BatchPtr& rows) {
  return Matcher(expectation, rows).run();
}

}  // namespace penstock
