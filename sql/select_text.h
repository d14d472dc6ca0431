// A SELECT cut into the texts of its clauses, by its tokens. Internal to the room; the texts must have been parsed before, so that keywords
// stand where the grammar puts them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/parse.h"
#include "sql/select.h"

namespace penstock::sql {

/// Tokens [begin, end) of a statement.
struct Span {
  size_t begin = 0;
  size_t end = 0;
  bool empty() const { return begin == end; }
};

class SelectText {
 public:
  /// Both must outlive this.
  SelectText(std::string_view sql, const std::vector<Token>& tokens);

  /// Offset of the first of these keywords outside parentheses, or of the statement.
  size_t find(std::initializer_list<std::string_view> keywords) const;
  bool has(std::string_view keyword) const;

  // The clauses without their keywords; empty where there is none.
  Span items() const { return items_; }
  Span where() const { return where_; }
  Span group_by() const { return group_by_; }
  Span order_by() const { return order_by_; }

  /// Cut at the commas outside parentheses.
  std::vector<Span> split(Span span) const;
  /// Without the alias at the end: `x AS y`, `x y`.
  Span without_alias(Span item) const;
  /// Without ASC, DESC, NULLS FIRST, NULLS LAST at the end.
  Span without_direction(Span item) const;
  Text text(Span span) const;
  std::string_view word(size_t token) const {
    return sql_.substr(tokens_[token].begin, tokens_[token].end - tokens_[token].begin);
  }

 private:
  bool is(size_t token, std::string_view keyword) const;

  std::string_view sql_;
  const std::vector<Token>& tokens_;
  std::vector<int> depth_;  // of parentheses, one a token
  Span items_, where_, group_by_, order_by_;
};

}  // namespace penstock::sql
