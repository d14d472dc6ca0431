#include "topology/render.h"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <cstdio>

namespace penstock::topology {
namespace {

constexpr const char* kRed = "\x1b[1;31m";
constexpr const char* kYellow = "\x1b[1;33m";
constexpr const char* kBold = "\x1b[1m";
constexpr const char* kDim = "\x1b[2m";
constexpr const char* kReset = "\x1b[0m";

std::string painted(const std::string& text, const char* style, bool colour) {
  return colour ? style + text + kReset : text;
}

// What a file says must not be able to steer a terminal.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
      continue;
    }
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\x%02x", byte);
    out += c == '\n' ? "\\n" : c == '\t' ? "\\t" : escape;
  }
  return out;
}

// A line in one column a character, cut to what fits around column `at` (from 0), which moves along.
std::string excerpt(std::string_view line, size_t& at) {
  constexpr size_t kWidth = 150;
  std::vector<std::string> characters;
  for (const char c : line) {
    if ((static_cast<unsigned char>(c) & 0xc0) == 0x80 && !characters.empty())
      characters.back() += c;
    else
      characters.emplace_back(1, c == '\t' ? ' ' : c);
  }
  size_t first = 0;
  if (characters.size() > kWidth && at > kWidth / 2)
    first = std::min(at - kWidth / 2, characters.size() - std::min(characters.size(), kWidth));
  const size_t last = std::min(characters.size(), first + kWidth);
  std::string out = first > 0 ? "..." : "";
  at = at - std::min(at, first) + out.size();
  for (size_t i = first; i < last; ++i)
    out += characters[i];
  return out + (last < characters.size() ? "..." : "");
}

}  // namespace

std::string render(const Diagnostic& diagnostic, const Text& text, bool colour) {
  const bool error = diagnostic.severity == Diagnostic::Severity::kError;
  const Place place = diagnostic.place;
  std::string where = printable(diagnostic.file);
  if (place.line > 0)
    where += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
  std::string out =
      painted(where + ":", kBold, colour) + " " +
      painted(std::string(error ? "error" : "warning") + "[" + diagnostic.code + "]:", error ? kRed : kYellow, colour) +
      " " + printable(diagnostic.text) + "\n";
  const std::string_view line = text.line(place.line);
  if (!line.empty() && diagnostic.code != "not-text") {
    size_t at = static_cast<size_t>(std::max(place.column - 1, 0));
    const std::string shown = excerpt(line, at);
    const std::string number = std::to_string(place.line);
    out += painted("  " + number + " | ", kDim, colour) + shown + "\n";
    out += painted("  " + std::string(number.size(), ' ') + " | ", kDim, colour) + std::string(at, ' ') +
           painted("^", error ? kRed : kYellow, colour) + "\n";
  }
  if (!diagnostic.hint.empty())
    out += "  " + painted("hint:", kBold, colour) + " " + printable(diagnostic.hint) + "\n";
  return out;
}

std::string render_json(const std::vector<Diagnostic>& diagnostics) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  const auto text = [&](const char* key, const std::string& value) {
    writer.Key(key);
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  writer.StartArray();
  for (const Diagnostic& diagnostic : diagnostics) {
    writer.StartObject();
    text("file", diagnostic.file);
    writer.Key("line");
    writer.Int(diagnostic.place.line);
    writer.Key("column");
    writer.Int(diagnostic.place.column);
    text("severity", diagnostic.severity == Diagnostic::Severity::kError ? "error" : "warning");
    text("code", diagnostic.code);
    text("text", diagnostic.text);
    text("hint", diagnostic.hint);
    writer.EndObject();
  }
  writer.EndArray();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace penstock::topology
