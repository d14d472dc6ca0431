#include "actors/regions/letter_reason.h"

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
  std::vector<std::string> out(1);
  bool quoted = false;
  for (size_t i = 0; i < reason.size(); ++i) {
    quoted = reason[i] == '"' ? !quoted : quoted;
    if (!quoted && reason.substr(i, 2) == "; ") {
      out.emplace_back();
      ++i;
    } else {
      out.back() += reason[i];
    }
  }
  return out;
}

std::string rule_kind(std::string_view rule) {
  rule = without_number(without_file(rule));
  return std::string(rule.substr(0, rule.find(", found ")));
}

}  // namespace penstock
