#include "sql/functions.h"

#include <set>

namespace penstock::sql {
namespace {

const std::vector<std::span<const Function>>& families() {
  static const std::vector<std::span<const Function>> all = {
      arithmetic_functions(), math_functions(), string_functions(), pad_functions(),
      time_functions(),       json_functions(), like_functions()};
  return all;
}

}  // namespace

std::vector<const Function*> overloads(std::string_view name) {
  std::vector<const Function*> out;
  for (const auto family : families())
    for (const Function& function : family)
      if (function.name == name)
        out.push_back(&function);
  return out;
}

std::vector<std::string> function_names() {
  std::set<std::string> names = {"coalesce", "concat",   "date_part", "date_trunc",
                                 "extract",  "greatest", "least",     "nullif"};
  for (const auto family : families())
    for (const Function& function : family)
      if (function.name.front() >= 'a' && function.name.front() <= 'z' &&
          function.name.find(' ') == std::string_view::npos && function.name != "neg" && function.name != "pos" &&
          function.name != "like")
        names.emplace(function.name);
  return {names.begin(), names.end()};
}

}  // namespace penstock::sql
