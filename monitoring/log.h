// The log on stderr: one line a happening, as text for people or as JSON for machines. Thread safe.
//
//   2026-05-01T12:00:00.250Z warning restarted after: cannot read "x.csv" component_id=deliveries
//   {"time":"2026-05-01T12:00:00.250Z","level":"warning","message":"restarted ...","component_id":"deliveries"}
#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/status.h"

namespace penstock::monitoring {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat { kText, kJson };

struct LogOptions {
  LogFormat format = LogFormat::kText;
  LogLevel level = LogLevel::kInfo;
  std::ostream* stream = nullptr;  // null: stderr, coloured if it is a terminal and NO_COLOR is not set
};

/// From the words of the command line: text or json; debug, info, warning, error or off. Errors: invalid_argument.
Status parse_log_options(std::string_view format, std::string_view level, LogOptions& options);

struct LogLine {
  LogLevel level = LogLevel::kInfo;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields;
};

class Log {
 public:
  /// Requires: a stream that is given outlives the log.
  explicit Log(const LogOptions& options);
  ~Log();
  bool shows(LogLevel level) const { return level >= options_.level; }
  void write(const LogLine& line);

 private:
  struct Impl;
  LogOptions options_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::monitoring
