#include "monitoring/log.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "messages/timestamp.h"
#include "monitoring/log_lines.h"

namespace penstock::monitoring {
namespace {

std::string written(const LogOptions& base, const LogLine& line) {
  std::ostringstream out;
  LogOptions options = base;
  options.stream = &out;
  Log(options).write(line);
  std::string text = out.str();
  constexpr size_t kLength = std::string_view("2026-05-01T12:00:00.250Z").size();
  const size_t begin = options.format == LogFormat::kJson ? std::string_view("{\"time\":\"").size() : 0;
  if (text.size() > begin + kLength && parse_timestamp(text.substr(begin, kLength)))
    text.replace(begin, kLength, "TIME");
  return text;
}

TEST_CASE("a text line has time, level, message and fields") {
  CHECK(written({}, {LogLevel::kWarning, "gone wrong", {{"component_id", "a"}, {"reason", "b c"}}}) ==
        "TIME warning gone wrong component_id=a reason=\"b c\"\n");
}

TEST_CASE("a JSON line is one JSON object, whatever the message holds") {
  CHECK(written({.format = LogFormat::kJson}, {LogLevel::kInfo, "say \"hi\"\n{} %v \xff", {{"k", "v"}}}) ==
        "{\"time\":\"TIME\",\"level\":\"info\",\"message\":\"say \\\"hi\\\"\\n{} %v \xef\xbf\xbd\",\"k\":\"v\"}\n");
}

TEST_CASE("a text line stays one line and holds no escape sequences") {
  CHECK(written({}, {LogLevel::kInfo, "a\nb\x1b[31m", {{"k", "x\ny"}}}) == "TIME info a b [31m k=\"x\\ny\"\n");
}

TEST_CASE("lines below the level are not written") {
  CHECK(written({.level = LogLevel::kWarning}, {LogLevel::kInfo, "x", {}}).empty());
  CHECK(written({.level = LogLevel::kOff}, {LogLevel::kError, "x", {}}).empty());
  CHECK(written({.level = LogLevel::kDebug}, {LogLevel::kDebug, "x", {}}) == "TIME debug x\n");
}

TEST_CASE("log options are read from words, wrong ones named") {
  LogOptions options;
  CHECK(parse_log_options("json", "error", options).ok());
  CHECK(options.format == LogFormat::kJson);
  CHECK(options.level == LogLevel::kError);
  CHECK(parse_log_options("xml", "error", options).message() == "\"xml\" is no form of log: text or json");
  CHECK(parse_log_options("text", "loud", options).message() ==
        "\"loud\" is no log level: debug, info, warning, error or off");
}

TEST_CASE("a request is worth a warning only when the server failed, not when it was not ready") {
  CHECK(log_level(RequestServed{"GET /health", 404, 0}) == LogLevel::kDebug);
  CHECK(log_level(RequestServed{"GET /ready", 503, 0}) == LogLevel::kDebug);
  CHECK(log_level(RequestServed{"GET /health", 500, 0}) == LogLevel::kWarning);
}

}  // namespace
}  // namespace penstock::monitoring
