#include "monitoring/rules/expressions.h"

#include <charconv>

namespace penstock::monitoring {
namespace {

std::string compared(std::string_view expression, const char* by, double limit) {
  return std::string(expression) + " " + by + " " + number(limit);
}

}  // namespace

std::string number(double limit) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, limit, std::chars_format::fixed).ptr};
}

std::string value(Metric metric, std::string_view where) { return PromQl("", "").value(metric, where); }

std::string grown(Metric metric, int minutes, std::string_view where) {
  const std::string window = std::to_string(minutes) + "m";
  const std::string counter = PromQl("", window).increase(metric, where);  // asserts that it is one
  const std::string now = value(metric, where);
  const std::string started = value(Metric::kStarted);
  return "((" + now + " unless " + now + " offset " + window + ") and on (topology, instance) (" + started +
         " offset " + window + " or " + started + " > time() - " + std::to_string(60 * minutes) + ") or " + counter +
         ")";
}

std::string above(std::string_view expression, double limit) { return compared(expression, ">", limit); }
std::string at_least(std::string_view expression, double limit) { return compared(expression, ">=", limit); }
std::string below(std::string_view expression, double limit) { return compared(expression, "<", limit); }

}  // namespace penstock::monitoring
