#include "actors/regions/letter_reason.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr std::string_view kDigits = "0123456789";

// `line 3: `, `line 3/user: `, `/3/user: ` and `record 3: ` in front; what is below the record stays.
std::string_view without_number(std::string_view rule) {
  for (const std::string_view word : {"line ", "record ", "/"}) {
    if (!rule.starts_with(word))
      continue;
    const size_t end = rule.find_first_not_of(kDigits, word.size());
    if (end == std::string_view::npos || end == word.size())
      continue;
    if (rule[end] == '/')
      return rule.substr(end + 1);
    if (rule.substr(end).starts_with(": "))
      return rule.substr(end + 2);
  }
  return rule;
}

// `events.jsonl:17:5: ` in front.
std::string_view without_file(std::string_view rule) {
  const size_t end = rule.find(": ");
  if (end == std::string_view::npos)
    return rule;
  const std::string_view place = rule.substr(0, end);
  const size_t name = place.find_last_not_of("0123456789:");
  const bool file = name != std::string_view::npos && name + 1 < place.size() && place[name + 1] == ':';
  return file ? rule.substr(end + 2) : rule;
}

}  // namespace

std::vector<std::string> reason_rules(std::string_view reason) {
  std::vector<std::string> out;
  size_t begin = 0, from = 0;
  for (size_t end; (end = reason.find("; ", from)) != std::string_view::npos;) {
    const std::string_view rule = reason.substr(begin, end - begin);
    from = end + 2;
    if (std::count(rule.begin(), rule.end(), '"') % 2 == 1)
      continue;  // inside of quotes
    out.emplace_back(rule);
    begin = from;
  }
  out.emplace_back(reason.substr(begin));
  return out;
}

std::string rule_kind(std::string_view rule) {
  rule = without_number(without_file(rule));
  return std::string(rule.substr(0, rule.find(", found ")));
}

}  // namespace penstock
