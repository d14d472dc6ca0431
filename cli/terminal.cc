#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace penstock::cli {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

const char* code_of(Paint style) {
  switch (style) {
    case Paint::kBold: return "\x1b[1m";
    case Paint::kDim: return "\x1b[2m";
    case Paint::kRed: return "\x1b[31m";
    case Paint::kGreen: return "\x1b[32m";
    case Paint::kYellow: return "\x1b[33m";
    case Paint::kCyan: return "\x1b[36m";
  }
  return "";
}

}  // namespace

Terminal Terminal::of(std::FILE* stream) {
  Terminal terminal;
  const int descriptor = fileno(stream);
  if (descriptor < 0 || isatty(descriptor) == 0)
    return terminal;
  const bool dumb = environment("TERM") == "dumb";
  terminal.interactive = !dumb;
  terminal.colour = !dumb && environment("NO_COLOR").empty();
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    terminal.width = size.ws_col;
  return terminal;
}

std::string paint(std::string_view text, Paint style, const Terminal& terminal) {
  if (!terminal.colour)
    return std::string(text);
  return std::string(code_of(style)).append(text).append("\x1b[0m");
}

}  // namespace penstock::cli
