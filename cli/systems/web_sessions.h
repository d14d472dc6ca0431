// Sessions of a shop's web site: who looks at what and when, in the order in which it arrives. Customers have a taste: two of three
// times they are with items of one category. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/systems/row_file.h"
#include "core/ids.h"
#include "core/random.h"

namespace penstock::cli {

inline constexpr std::array kCategories = {"books", "garden", "music", "sport", "tools", "toys", "food", "travel"};
/// The category that the customer likes, and that of the item, as places in kCategories. Ids begin at 1.
size_t taste_of(uint64_t customer);
size_t category_of(uint64_t item);
/// "c17"
std::string id_text(const char* prefix, uint64_t number);

struct WebEvent {
  uint64_t id = 0;
  std::string session;
  uint64_t customer = 0;
  uint64_t item = 0;
  const char* event = "view";
  int64_t seconds = 0;
  Timestamp at;
  int64_t arrives = 0;  // microseconds; the order of the file
};

JsonRow row_of(const WebEvent& event);

/// Kinds of dirt. All but the last are to be rejected; a duplicate counts once.
inline constexpr std::array kWebDirt = {"broken_json", "no_session",       "no_customer", "empty_item",
                                        "no_event",    "negative_seconds", "bad_time",    "duplicate"};
/// A line with dirt of that kind (a place in kWebDirt), made of a clean event.
std::string dirty_line(const WebEvent& event, size_t kind, Random& random);

class WebSessions {
 public:
  static constexpr Timestamp kBegin{1'767'600'000'000'000};  // 2026-01-05T08:00:00Z

  /// `random` outlives it. Requires: customers and items > 0.
  WebSessions(Random& random, uint64_t customers, uint64_t items)
      : random_(random), customers_(customers), items_(items) {}

  /// So many events, in the order of their arrival: none more than four minutes out of order. Ids from 1.
  std::vector<WebEvent> make(uint64_t events);
  /// Something that the customer may look at or buy.
  uint64_t item_for(uint64_t customer);

  uint64_t sessions() const { return sessions_; }
  /// Of sessions that end after half an hour of silence: some ids come back after a longer pause.
  uint64_t documents() const { return documents_; }
  Timestamp end() const { return end_; }

 private:
  void next_session(uint64_t events, std::vector<WebEvent>& out);
  double exponential(double mean);

  Random& random_;
  const uint64_t customers_, items_;
  uint64_t sessions_ = 0, documents_ = 0;
  int64_t begin_ = kBegin.micros;
  Timestamp end_ = kBegin;
};

}  // namespace penstock::cli
