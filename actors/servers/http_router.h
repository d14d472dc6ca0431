// Which route a request goes to, by method and path template. Pure; safe for many threads once filled.
//
//   template := ('/' segment)+
//   segment  := text | '{' name '}' | '{' name '...}'     the last kind takes one or more segments, and stands at the end
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace penstock {

class HttpRouter {
 public:
  /// Decoded values of the template's names; several for `{name...}`.
  using Parameters = std::map<std::string, std::vector<std::string>, std::less<>>;
  struct Found {
    size_t route;
    Parameters parameters;
  };
  struct NoSuchPath {};
  struct WrongMethod {
    std::string allow;  // value of the Allow header: GET, HEAD, POST
  };

  /// `route` is the caller's number for it. Of two templates that fit a path the one added first wins.
  void add(std::string method, std::string_view path_template, size_t route);
  /// A HEAD goes to the route of GET.
  std::variant<Found, NoSuchPath, WrongMethod> find(std::string_view method,
                                                    const std::vector<std::string>& segments) const;

 private:
  struct Segment {
    enum class Kind { kText, kOne, kRest };
    Kind kind;
    std::string text;  // or the name
  };
  struct Route {
    std::string method;
    std::vector<Segment> segments;
    size_t route;
  };
  static bool fits(const Route& route, const std::vector<std::string>& segments);

  std::vector<Route> routes_;
};

}  // namespace penstock
