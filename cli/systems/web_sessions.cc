#include "cli/systems/web_sessions.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "messages/timestamp.h"

namespace penstock::cli {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr double kSessionGap = 20;   // seconds between the beginnings of two sessions, on average
constexpr double kPageGap = 90;      // between two events of a session, at most 25 minutes
constexpr double kOutOfOrder = 240;  // by how much events arrive too late at most
constexpr uint64_t kPauseOneIn =
    12;                            // sessions with a pause of more than half an hour, which makes two documents of them
constexpr int64_t kPause = 2'000;  // seconds
constexpr double kEventsOfSession = 6;
constexpr std::array kEvents = {"view", "view",        "view", "view",     "view",
                                "view", "add_to_cart", "like", "bookmark", "comment"};

}  // namespace

size_t taste_of(uint64_t customer) { return splitmix64(customer * 3) % kCategories.size(); }
size_t category_of(uint64_t item) { return item % kCategories.size(); }
std::string id_text(const char* prefix, uint64_t number) { return prefix + std::to_string(number); }

JsonRow row_of(const WebEvent& event) {
  JsonRow row;
  row.field("event_id", id_text("e", event.id))
      .field("session_id", event.session)
      .field("customer_id", id_text("c", event.customer))
      .field("item_id", id_text("i", event.item))
      .field("event", event.event)
      .field("seconds", event.seconds)
      .field("at", event.at);
  return row;
}

std::string dirty_line(const WebEvent& event, size_t kind, Random& random) {
  if (kind == 0) {
    const std::string whole = row_of(event).text();
    return whole.substr(0, 1 + random.below(whole.size() - 1));
  }
  JsonRow row;
  row.field("event_id", id_text("e", event.id));
  if (kind != 1)
    row.field("session_id", event.session);
  if (kind != 2)
    row.field("customer_id", id_text("c", event.customer));
  row.field("item_id", kind == 3 ? "" : id_text("i", event.item))
      .field("event", kind == 4 ? "stare" : event.event)
      .field("seconds", kind == 5 ? -event.seconds - 1 : event.seconds)
      .field("at", kind == 6 ? "yesterday" : format_timestamp(event.at));
  return row.text();
}

double WebSessions::exponential(double mean) { return -mean * std::log(1 - random_.uniform()); }

// Of each category a few items are met most.
uint64_t WebSessions::item_for(uint64_t customer) {
  const auto drawn = static_cast<uint64_t>(static_cast<double>(items_) * std::pow(random_.uniform(), 2));
  if (random_.uniform() > 0.66)
    return 1 + drawn;
  const uint64_t row = drawn / kCategories.size() * kCategories.size() + taste_of(customer);
  return row == 0 ? kCategories.size() : std::min(row, items_);
}

std::vector<WebEvent> WebSessions::make(uint64_t events) {
  std::vector<WebEvent> out;
  while (out.size() < events)
    next_session(events, out);
  std::sort(out.begin(), out.end(),
            [](const WebEvent& a, const WebEvent& b) { return std::tie(a.arrives, a.id) < std::tie(b.arrives, b.id); });
  return out;
}

void WebSessions::next_session(uint64_t events, std::vector<WebEvent>& out) {
  begin_ += static_cast<int64_t>(exponential(kSessionGap) * kSecond) + 1;
  const std::string session = id_text("s", ++sessions_);
  const uint64_t customer = 1 + random_.below(customers_);
  const auto length = std::max<uint64_t>(1, static_cast<uint64_t>(exponential(kEventsOfSession)));
  const uint64_t pause_before = sessions_ % kPauseOneIn == 0 ? 1 + random_.below(length) : 0;
  int64_t at = begin_;
  ++documents_;
  for (uint64_t i = 0; i < length && out.size() < events; ++i) {
    if (i > 0)
      at += static_cast<int64_t>(std::min(exponential(kPageGap), 1'500.0) * kSecond) + 1;
    if (i > 0 && i == pause_before) {
      at += kPause * kSecond;
      ++documents_;
    }
    WebEvent event;
    event.id = out.size() + 1;
    event.session = session;
    event.customer = customer;
    event.item = item_for(customer);
    event.event = kEvents[random_.below(kEvents.size())];
    event.seconds = event.event == std::string_view("view") ? 1 + static_cast<int64_t>(exponential(30)) : 0;
    event.at = Timestamp{at};
    event.arrives = at + static_cast<int64_t>(random_.uniform() * kOutOfOrder * kSecond);
    end_ = std::max(end_, event.at);
    out.push_back(std::move(event));
  }
}

}  // namespace penstock::cli
