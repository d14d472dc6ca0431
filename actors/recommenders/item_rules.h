// What a recommender lets through: conditions that must hold, conditions that exclude, and boosts. Immutable; any thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "actors/recommenders/condition.h"
#include "actors/recommenders/row_table.h"

namespace penstock {

struct Boost {
  Condition condition;
  float by;  // the score is multiplied by it
};

/// Which items an answer may hold.
struct AllowedRows {
  RowSet rows;            // of the item table
  bool strangers = true;  // whether items that the table does not have may be answered
};

struct ItemRules {
  std::vector<Condition> must = {};     // each has to be true, as in WHERE: an item without a row is ruled out
  std::vector<Condition> exclude = {};  // none may be true; one that cannot be computed excludes too
  std::vector<Boost> boosts = {};

  bool rules_out() const { return !must.empty() || !exclude.empty(); }
  /// What allowed() depends on beside the table: equal texts, equal answers.
  std::string key(const RecordBatch* user, const Condition* filter) const;
  /// `filter` (null: none) has to be true too.
  AllowedRows allowed(const RowTable& table, const RecordBatch* user, const Condition* filter) const;
};

/// Items of a snapshot, given each one's row in the table (-1: none), that are allowed.
ItemSet to_items(const AllowedRows& allowed, std::span<const int32_t> row_of_item);

}  // namespace penstock
