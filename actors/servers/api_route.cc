#include "actors/servers/api_route.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <set>

#include "core/nearest.h"

namespace penstock {
namespace {

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::string unknown_parameter(const ApiRoute& route, const std::string& name) {
  std::vector<std::string> known;
  std::string list;
  for (const ApiParameter& parameter : route.parameters) {
    if (parameter.in != ApiParameter::In::kQuery)
      continue;
    known.push_back(parameter.name);
    list += (list.empty() ? "" : ", ") + parameter.name;
  }
  if (known.empty())
    return "no query parameters are known here";
  const auto meant = nearest(name, known);
  return "unknown query parameter; " + (meant ? "did you mean `" + *meant + "`?" : "known are: " + list);
}

}  // namespace

std::string ApiCall::text(std::string_view name) const {
  for (const auto& [key, value] : request.query)
    if (key == name)
      return value;
  return {};
}

std::vector<std::string> ApiCall::list(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [key, value] : request.query) {
    if (key != name)
      continue;
    for (std::string_view rest = value; !rest.empty();) {
      const size_t comma = rest.find(',');
      if (const std::string_view part = rest.substr(0, comma); !part.empty())
        out.emplace_back(part);
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
  }
  return out;
}

int64_t ApiCall::integer(const ApiParameter& parameter) const {
  return parse_integer(text(parameter.name)).value_or(parameter.default_value);
}

const ApiParameter& ApiRoute::parameter(std::string_view name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.name == name; });
  assert(found != parameters.end());
  return *found;
}

std::vector<ProblemDetail> check_query(const ApiRoute& route, const HttpRequest& request) {
  std::vector<ProblemDetail> errors;
  std::set<std::string> seen;
  for (const auto& [name, value] : request.query) {
    const auto known = std::find_if(route.parameters.begin(), route.parameters.end(), [&, &key = name](const auto& p) {
      return p.in == ApiParameter::In::kQuery && p.name == key;
    });
    if (known == route.parameters.end()) {
      errors.push_back({name, unknown_parameter(route, name)});
      continue;
    }
    if (!seen.insert(name).second && known->kind != ApiParameter::Kind::kList)
      errors.push_back({name, "given more than once"});
    if (known->kind == ApiParameter::Kind::kFlag && value != "true" && value != "false")
      errors.push_back({name, "expected true or false, found \"" + value + "\""});
    if (known->kind != ApiParameter::Kind::kInteger)
      continue;
    const auto number = parse_integer(value);
    if (!number || *number < known->minimum || *number > known->maximum)
      errors.push_back({name, "expected a whole number from " + std::to_string(known->minimum) + " to " +
                                  std::to_string(known->maximum) + ", found \"" + value + "\""});
  }
  return errors;
}

HttpResponse json_answer(std::string body, int status) { return {status, "application/json", std::move(body)}; }

}  // namespace penstock
