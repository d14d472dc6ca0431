#include "cli/event_stream.h"

#include <utility>

namespace penstock::cli {

std::vector<StreamEvent> EventStreamReader::feed(std::string_view piece) {
  std::vector<StreamEvent> out;
  rest_.append(piece);
  size_t begin = 0;
  for (size_t end = 0; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1)
    take_line(std::string_view(rest_).substr(begin, end - begin), out);
  rest_.erase(0, begin);
  return out;
}

void EventStreamReader::take_line(std::string_view line, std::vector<StreamEvent>& out) {
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  if (line.empty()) {
    if (!event_.name.empty() || !event_.data.empty())
      out.push_back(std::exchange(event_, {}));
    return;
  }
  const size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' '))
    value.remove_prefix(1);
  if (field == "event")
    event_.name = value;
  else if (field == "data")
    event_.data += (event_.data.empty() ? "" : "\n") + std::string(value);
}

}  // namespace penstock::cli
