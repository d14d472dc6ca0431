// Request targets, addresses, URLs and media types: what strangers write in the first lines of a request.
#include "actors/servers/http_target.h"
#include "actors/servers/media_type.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace penstock::fuzz {
namespace {

/// The target written again from its parts.
std::string written(const HttpTarget& target) {
  std::string out;
  for (const std::string& segment : target.segments)
    out += "/" + percent_encode(segment);
  out += "/";  // adds no segment, and keeps an empty one at the end
  for (size_t i = 0; i < target.query.size(); ++i)
    out += (i == 0 ? "?" : "&") + percent_encode(target.query[i].first) + "=" + percent_encode(target.query[i].second);
  return out;
}

void check_target(std::string_view text) {
  const auto target = parse_target(text);
  if (!target.ok())
    return;
  require(target->path.starts_with('/'), "a path begins with a slash", target->path);
  for (const std::string& segment : target->segments)
    require(segment.find('\0') == std::string::npos, "no zero byte comes through");
  const std::string again = written(*target);
  const auto back = parse_target(again);
  require(back.ok() && back->segments == target->segments && back->query == target->query,
          "a target written again is the same", again);
}

}  // namespace

void fuzz_http_target(std::string_view bytes) {
  check_target(bytes);
  check_target("/" + percent_encode(bytes));
  const auto encoded = parse_target("/" + percent_encode(bytes));
  require(bytes.find('\0') != std::string_view::npos || bytes.empty() ||
              (encoded.ok() && encoded->segments == std::vector<std::string>{std::string(bytes)}),
          "what is percent-encoded comes through as it was");
  (void)parse_listen_address(bytes);
  (void)parse_url(bytes);
  if (const auto type = parse_media_type(bytes)) {
    std::string again = type->name;
    for (const auto& [name, value] : type->parameters) {
      again += ";" + name + "=\"";
      for (const char c : value)
        again += (c == '"' || c == '\\' ? "\\" : "") + std::string(1, c);
      again += '"';
    }
    const auto back = parse_media_type(again);
    require(back && back->name == type->name && back->parameters == type->parameters,
            "a media type written again is the same", again);
  }
}

}  // namespace penstock::fuzz
