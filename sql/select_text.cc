#include "sql/select_text.h"

#include <algorithm>

namespace penstock::sql {

SelectText::SelectText(std::string_view sql, const std::vector<Token>& tokens) : sql_(sql), tokens_(tokens) {
  int depth = 0;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const std::string_view text = word(i);
    depth -= text == ")" || text == "]";
    depth_.push_back(depth);
    depth += text == "(" || text == "[";
  }
  // Each clause reaches to the next one.
  Span from;
  Span* clause = nullptr;
  const auto begin = [&](Span& next, size_t token, size_t length) {
    if (clause)
      clause->end = token;
    clause = &next;
    next = {token + length, token + length};
  };
  size_t end = tokens_.size();
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const bool by = i + 1 < tokens_.size() && is(i + 1, "by");
    if (depth_[i] != 0)
      continue;
    if (i == 0)
      begin(items_, i, 1);
    else if (is(i, "from") && !is(i - 1, "distinct"))
      begin(from, i, 1);
    else if (is(i, "where"))
      begin(where_, i, 1);
    else if (is(i, "group") && by)
      begin(group_by_, i, 2);
    else if (is(i, "order") && by)
      begin(order_by_, i, 2);
    else if (is(i, "limit") || word(i) == ";") {
      end = i;
      break;
    }
  }
  if (clause)
    clause->end = end;
}

// A word after a dot or AS is a name, whatever it says.
bool SelectText::is(size_t token, std::string_view keyword) const {
  const std::string_view text = word(token);
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  if (!std::equal(text.begin(), text.end(), keyword.begin(), keyword.end(),
                  [&](char a, char b) { return lower(a) == b; }))
    return false;
  return token == 0 || (word(token - 1) != "." && !(keyword != "as" && is(token - 1, "as")));
}

size_t SelectText::find(std::initializer_list<std::string_view> keywords) const {
  for (size_t i = 0; i < tokens_.size(); ++i)
    for (const std::string_view keyword : keywords)
      if (depth_[i] == 0 && is(i, keyword) && !(keyword == "distinct" && i + 1 < tokens_.size() && is(i + 1, "from")))
        return tokens_[i].begin;
  return tokens_.empty() ? 0 : tokens_[0].begin;
}

bool SelectText::has(std::string_view keyword) const {
  for (size_t i = 0; i < tokens_.size(); ++i)
    if (depth_[i] == 0 && is(i, keyword))
      return true;
  return false;
}

std::vector<Span> SelectText::split(Span span) const {
  std::vector<Span> out;
  if (span.empty())
    return out;
  out.push_back({span.begin, span.begin});
  for (size_t i = span.begin; i < span.end; ++i) {
    if (depth_[i] == 0 && word(i) == ",")
      out.push_back({i + 1, i + 1});
    else
      out.back().end = i + 1;
  }
  return out;
}

Span SelectText::without_alias(Span item) const {
  --item.end;
  if (item.end > item.begin && is(item.end - 1, "as"))
    --item.end;
  return item;
}

Span SelectText::without_direction(Span item) const {
  if (item.end - item.begin > 2 && is(item.end - 2, "nulls"))
    item.end -= 2;
  if (item.end - item.begin > 1 && (is(item.end - 1, "asc") || is(item.end - 1, "desc")))
    --item.end;
  return item;
}

Text SelectText::text(Span span) const {
  if (span.empty())
    return {};
  const size_t begin = tokens_[span.begin].begin;
  return {std::string(sql_.substr(begin, tokens_[span.end - 1].end - begin)), begin};
}

}  // namespace penstock::sql
