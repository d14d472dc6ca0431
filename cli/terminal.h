// What an output stream is: a terminal that can be redrawn and coloured, or a file or pipe that wants plain lines.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace penstock::cli {

struct Terminal {
  bool interactive = false;  // lines may be redrawn
  bool colour = false;       // escape sequences are welcome
  int width = 80;            // columns

  /// Of a stream. NO_COLOR (set to anything but nothing) and TERM=dumb turn colour off; see https://no-color.org.
  static Terminal of(std::FILE* stream);
};

enum class Paint { kBold, kDim, kRed, kGreen, kYellow, kCyan };

/// The text in that paint, or unchanged where colour is not welcome.
std::string paint(std::string_view text, Paint style, const Terminal& terminal);

}  // namespace penstock::cli
