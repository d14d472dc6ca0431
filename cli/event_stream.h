// Server-sent events out of the pieces in which they come (WHATWG HTML, section 9.2). Comments are passed over. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace penstock::cli {

struct StreamEvent {
  std::string name;
  std::string data;
};

class EventStreamReader {
 public:
  /// The events that this piece completes.
  std::vector<StreamEvent> feed(std::string_view piece);

 private:
  void take_line(std::string_view line, std::vector<StreamEvent>& out);

  std::string rest_;  // a line that is not complete
  StreamEvent event_;
};

}  // namespace penstock::cli
