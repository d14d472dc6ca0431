#include "actors/servers/http_router.h"

#include <algorithm>
#include <set>

namespace penstock {

void HttpRouter::add(std::string method, std::string_view path_template, size_t route) {
  Route added{std::move(method), {}, route};
  for (std::string_view rest = path_template.substr(1); !rest.empty();) {
    const size_t slash = rest.find('/');
    std::string_view text = rest.substr(0, slash);
    auto kind = Segment::Kind::kText;
    if (text.starts_with('{')) {
      kind = text.ends_with("...}") ? Segment::Kind::kRest : Segment::Kind::kOne;
      text = text.substr(1, text.size() - (kind == Segment::Kind::kRest ? 5 : 2));
    }
    added.segments.push_back({kind, std::string(text)});
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  routes_.push_back(std::move(added));
}

bool HttpRouter::fits(const Route& route, const std::vector<std::string>& segments) {
  const bool rest = !route.segments.empty() && route.segments.back().kind == Segment::Kind::kRest;
  if (rest ? segments.size() < route.segments.size() : segments.size() != route.segments.size())
    return false;
  for (size_t i = 0; i < route.segments.size(); ++i) {
    const bool text = route.segments[i].kind == Segment::Kind::kText;
    if (text ? segments[i] != route.segments[i].text : segments[i].empty())
      return false;
  }
  return true;
}

std::variant<HttpRouter::Found, HttpRouter::NoSuchPath, HttpRouter::WrongMethod> HttpRouter::find(
    std::string_view method, const std::vector<std::string>& segments) const {
  std::set<std::string> allowed;
  for (const Route& route : routes_) {
    if (!fits(route, segments))
      continue;
    if (route.method == method || (method == "HEAD" && route.method == "GET")) {
      Found found{route.route, {}};
      for (size_t i = 0; i < route.segments.size(); ++i) {
        const Segment& segment = route.segments[i];
        if (segment.kind == Segment::Kind::kOne)
          found.parameters[segment.text] = {segments[i]};
        else if (segment.kind == Segment::Kind::kRest)
          found.parameters[segment.text].assign(segments.begin() + static_cast<std::ptrdiff_t>(i), segments.end());
      }
      return found;
    }
    allowed.insert(route.method);
    if (route.method == "GET")
      allowed.insert("HEAD");
  }
  if (allowed.empty())
    return NoSuchPath{};
  WrongMethod wrong;
  for (const std::string& name : allowed)
    wrong.allow += (wrong.allow.empty() ? "" : ", ") + name;
  return wrong;
}

}  // namespace penstock
