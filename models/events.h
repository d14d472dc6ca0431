// Events with their ids replaced by numbers: what interactions are summed from, and what an evaluation splits by time.
// Not thread safe: one owner fills it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/ids.h"

namespace penstock {

/// One event, ids as the data has them.
struct Interaction {
  std::string user;
  std::string item;
  float weight = 1;
  Timestamp at;
};

struct Event {
  int32_t user;
  int32_t item;
  float weight;
  Timestamp at;
};

/// Keeps each id once and 24 bytes an event.
class EventLog {
 public:
  /// An event whose weight is not a finite number is left out.
  void add(const Interaction& interaction);
  size_t size() const { return events_.size(); }

  struct Numbered {
    std::vector<std::string> users;
    std::vector<std::string> items;
    std::vector<Event> events;  // in the order they were added
  };
  /// Ids numbered in order of their bytes, shorter first.
  Numbered numbered() &&;

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view id) const { return std::hash<std::string_view>()(id); }
  };
  using Numbers = std::unordered_map<std::string, int32_t, Hash, std::equal_to<>>;
  static int32_t number(Numbers& numbers, const std::string& id);
  static std::vector<std::string> renumber(Numbers numbers, std::vector<int32_t>& to);

  Numbers users_;
  Numbers items_;
  std::vector<Event> events_;
};

}  // namespace penstock
