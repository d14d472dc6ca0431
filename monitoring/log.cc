#include "monitoring/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/ostream_sink.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>

#include "core/nearest.h"
#include "messages/json_writer.h"

namespace penstock::monitoring {
namespace {

constexpr std::array<std::string_view, 5> kLevels = {"debug", "info", "warning", "error", "off"};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: return spdlog::level::err;
    case LogLevel::kOff: return spdlog::level::off;
  }
  return spdlog::level::off;
}

spdlog::sink_ptr make_sink(const LogOptions& options) {
  if (options.stream != nullptr)
    return std::make_shared<spdlog::sinks::ostream_sink_mt>(*options.stream, true);
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool colour = options.format == LogFormat::kText && isatty(STDERR_FILENO) == 1 &&
                      (no_color == nullptr || *no_color == '\0') &&
                      (terminal == nullptr || std::string_view(terminal) != "dumb");
  return std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(colour ? spdlog::color_mode::always
                                                                          : spdlog::color_mode::never);
}

/// On one line, and so that `key=value` can be taken apart again.
void append_text_value(std::string_view value, std::string& out) {
  const auto plain = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != '"' && c != '=' && c != '\\'; };
  bool quote = value.empty();
  for (const char c : value)
    quote |= !plain(c);
  if (quote)
    append_json_string(value, out);
  else
    out += value;
}

std::string one_line(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = ' ';
  return out;
}

}  // namespace

Status parse_log_options(std::string_view format, std::string_view level, LogOptions& options) {
  if (format != "text" && format != "json")
    return invalid_argument("\"" + std::string(format) + "\" is no form of log: text or json");
  options.format = format == "json" ? LogFormat::kJson : LogFormat::kText;
  for (size_t i = 0; i < kLevels.size(); ++i) {
    if (level == kLevels[i]) {
      options.level = static_cast<LogLevel>(i);
      return ok();
    }
  }
  return invalid_argument("\"" + std::string(level) + "\" is no log level: debug, info, warning, error or off");
}

struct Log::Impl {
  explicit Impl(const LogOptions& options) : logger("penstock", make_sink(options)) {
    const char* pattern = options.format == LogFormat::kJson
                              ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",\"level\":\"%l\",%v}"
                              : "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v";
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
    logger.set_level(spdlog_level(options.level));
    logger.flush_on(spdlog::level::debug);
  }
  spdlog::logger logger;
};

Log::Log(const LogOptions& options) : options_(options), impl_(std::make_unique<Impl>(options)) {}
Log::~Log() = default;

void Log::write(const LogLine& line) {
  if (!shows(line.level) || line.level == LogLevel::kOff)
    return;
  std::string text;
  if (options_.format == LogFormat::kJson) {
    text = "\"message\":";
    append_json_string(line.message, text);
    for (const auto& [name, value] : line.fields) {
      text += ',';
      append_json_string(name, text);
      text += ':';
      append_json_string(value, text);
    }
  } else {
    text = one_line(line.message);
    for (const auto& [name, value] : line.fields) {
      text += ' ' + name + '=';
      append_text_value(value, text);
    }
  }
  impl_->logger.log(spdlog_level(line.level), spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace penstock::monitoring
