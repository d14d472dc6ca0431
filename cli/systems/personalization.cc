// A shop with web sessions, purchases, demographics and a catalogue. Customers have a taste in categories, which their interests and
// what they do show.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>
#include <vector>

#include "cli/systems/row_file.h"
#include "cli/systems/systems.h"
#include "core/random.h"
#include "messages/timestamp.h"

namespace penstock::cli {
namespace {

constexpr Timestamp kBegin{1'767'600'000'000'000};  // 2026-01-05T08:00:00Z
constexpr int64_t kSecond = 1'000'000;
constexpr double kSessionGap = 20;   // seconds between the beginnings of two sessions, on average
constexpr double kPageGap = 90;      // between two events of a session, at most 25 minutes
constexpr double kOutOfOrder = 240;  // by how much events arrive too late at most
constexpr uint64_t kPauseOneIn =
    12;  // sessions with a pause of more than half an hour, which makes two documents of them
constexpr double kEventsOfSession = 6;
constexpr std::array kCategories = {"books", "garden", "music", "sport", "tools", "toys", "food", "travel"};
constexpr std::array kBrands = {"alder", "birch", "cedar", "elm", "oak"};
constexpr std::array kSegments = {"new", "regular", "gold"};
constexpr std::array kRegions = {"north", "east", "south", "west"};
constexpr std::array kGenders = {"f", "m", "x"};
constexpr std::array kEvents = {"view", "view",        "view", "view",     "view",
                                "view", "add_to_cart", "like", "bookmark", "comment"};

// Kinds of dirt. All but a duplicate are to be rejected; a duplicate counts once.
constexpr std::array kDirt = {"broken_json", "no_session",       "no_customer", "empty_item",
                              "no_event",    "negative_seconds", "bad_time",    "duplicate"};

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

// What a run makes of a customer's doings with an item.
struct Pair {
  uint64_t views = 0, purchases = 0, strength = 0;
  int64_t seconds = 0, rating = 0;  // 0: none
  Timestamp last;
};

std::string id_text(const char* prefix, uint64_t number) { return prefix + std::to_string(number); }

uint64_t strength_of(std::string_view event) {
  return event == "view" ? 1 : event == "purchase" ? 5 : event == "like" ? 2 : 3;
}

size_t taste_of(uint64_t customer) { return splitmix64(customer * 3) % kCategories.size(); }
size_t category_of(uint64_t item) { return item % kCategories.size(); }

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

class Generator {
 public:
  explicit Generator(const SystemOptions& options)
      : options_(options),
        random_(options.seed),
        customers_(std::max<uint64_t>(10, options.events / 40)),
        items_(std::max<uint64_t>(40, options.events / 100)) {}

  Status run(const std::function<void(uint64_t, uint64_t)>& progress) {
    PENSTOCK_TRY(write_customers());
    PENSTOCK_TRY(write_items());
    PENSTOCK_TRY(write_events(progress));
    PENSTOCK_TRY(write_purchases());
    PENSTOCK_TRY(write_closing());
    PENSTOCK_TRY(write_training_view());
    return write_truth();
  }

 private:
  Result<RowFile> file(const char* name) const { return RowFile::create(options_.folder + "/" + name); }
  double exponential(double mean) { return -mean * std::log(1 - random_.uniform()); }

  Status write_customers() {
    PENSTOCK_ASSIGN(RowFile out, file("customers.jsonl"));
    for (uint64_t customer = 1; customer <= customers_; ++customer) {
      const uint64_t mixed = splitmix64(customer);
      out.write(JsonRow()
                    .field("customer_id", id_text("c", customer))
                    .field("birth_year", static_cast<int64_t>(1945 + mixed % 62))
                    .field("gender", kGenders[mixed / 100 % kGenders.size()])
                    .field("segment", kSegments[mixed / 1'000 % kSegments.size()])
                    .field("region", kRegions[mixed / 10'000 % kRegions.size()])
                    .field("interests", std::string(kCategories[taste_of(customer)]) + "|" +
                                            kCategories[mixed / 100'000 % kCategories.size()]));
    }
    return out.close();
  }

  Status write_items() {
    PENSTOCK_ASSIGN(RowFile out, file("items.jsonl"));
    for (uint64_t item = 1; item <= items_; ++item) {
      const uint64_t mixed = splitmix64(item);
      out.write(JsonRow()
                    .field("item_id", id_text("i", item))
                    .field("category", kCategories[category_of(item)])
                    .field("brand", kBrands[mixed % kBrands.size()])
                    .field("price", static_cast<double>(200 + mixed / 10 % 30'000) / 100)
                    .field("tags", mixed / 1'000 % 5 == 0 ? "new|sale" : "new"));
    }
    return out.close();
  }

  // Two of three times of the category that the customer likes; of each category a few items are met most.
  uint64_t item_for(uint64_t customer) {
    const uint64_t drawn = static_cast<uint64_t>(static_cast<double>(items_) * std::pow(random_.uniform(), 2));
    if (random_.uniform() > 0.66)
      return 1 + drawn;
    const uint64_t row = drawn / kCategories.size() * kCategories.size() + taste_of(customer);
    return row == 0 ? kCategories.size() : std::min(row, items_);
  }

  void next_session() {
    begin_ += static_cast<int64_t>(exponential(kSessionGap) * kSecond) + 1;
    const std::string session = id_text("s", ++session_);
    const uint64_t customer = 1 + random_.below(customers_);
    const auto events = std::max<uint64_t>(1, static_cast<uint64_t>(exponential(kEventsOfSession)));
    const uint64_t pause_after = session_ % kPauseOneIn == 0 ? 1 + random_.below(events) : 0;
    int64_t at = begin_;
    ++documents_;
    for (uint64_t i = 0; i < events && made_ < options_.events; ++i) {
      if (i > 0)
        at += static_cast<int64_t>(std::min(exponential(kPageGap), 1'500.0) * kSecond) + 1;
      if (i > 0 && i == pause_after) {
        at += 2'000 * kSecond;
        ++documents_;
      }
      WebEvent event;
      event.id = ++made_;
      event.session = session;
      event.customer = customer;
      event.item = item_for(customer);
      event.event = kEvents[random_.below(kEvents.size())];
      event.seconds = event.event == std::string_view("view") ? 1 + static_cast<int64_t>(exponential(30)) : 0;
      event.at = Timestamp{at};
      event.arrives = at + static_cast<int64_t>(random_.uniform() * kOutOfOrder * kSecond);
      end_ = std::max(end_, at);
      count(event.customer, event.item, event.event, event.seconds, event.at);
      events_.push_back(std::move(event));
    }
  }

  void count(uint64_t customer, uint64_t item, std::string_view event, int64_t seconds, Timestamp at) {
    Pair& pair = pairs_[{customer, item}];
    pair.views += event == "view";
    pair.purchases += event == "purchase";
    pair.strength += strength_of(event);
    pair.seconds += seconds;
    pair.last = std::max(pair.last, at);
  }

  // The clean events in the order in which they arrive, dirty ones between them.
  Status write_events(const std::function<void(uint64_t, uint64_t)>& progress) {
    while (made_ < options_.events)
      next_session();
    std::sort(events_.begin(), events_.end(), [](const WebEvent& a, const WebEvent& b) {
      return std::tie(a.arrives, a.id) < std::tie(b.arrives, b.id);
    });
    PENSTOCK_ASSIGN(RowFile out, file("web_events.jsonl"));
    for (const WebEvent& event : events_) {
      if (options_.dirty > 0 && random_.uniform() < options_.dirty)
        write_dirty(event, out);
      out.write(row_of(event));
      if (++written_ % 16'384 == 0)
        progress(written_, options_.events);
    }
    progress(options_.events, options_.events);
    return out.close();
  }

  // Made of the event that follows; a duplicate is followed by what it repeats.
  void write_dirty(WebEvent event, RowFile& out) {
    const size_t kind = random_.below(kDirt.size());
    ++dirt_[kDirt[kind]];
    if (kind == 7)
      return out.write(row_of(event));
    event.id = options_.events + ++bad_;
    std::string at = format_timestamp(event.at);
    if (kind == 0) {
      const std::string whole = row_of(event).text();
      return out.write(whole.substr(0, 1 + random_.below(whole.size() - 1)));
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
        .field("at", kind == 6 ? std::string("yesterday") : at);
    out.write(row);
  }

  // A tenth as many as events; every second one with a rating, high in the customer's own category.
  Status write_purchases() {
    PENSTOCK_ASSIGN(RowFile out, file("purchases.jsonl"));
    purchases_ = std::max<uint64_t>(10, options_.events / 10);
    int64_t at = kBegin.micros;
    for (uint64_t i = 1; i <= purchases_; ++i) {
      at += std::max<int64_t>(1, (end_ - kBegin.micros) / static_cast<int64_t>(purchases_ + 1));
      const uint64_t customer = 1 + random_.below(customers_), item = item_for(customer);
      JsonRow row;
      row.field("order_id", id_text("o", i))
          .field("customer_id", id_text("c", customer))
          .field("item_id", id_text("i", item))
          .field("quantity", static_cast<int64_t>(1 + random_.below(3)))
          .field("price", static_cast<double>(200 + splitmix64(item) / 10 % 30'000) / 100);
      count(customer, item, "purchase", 0, Timestamp{at});
      if (i % 2 == 0) {
        const auto rating = static_cast<int64_t>((category_of(item) == taste_of(customer) ? 3 : 1) + random_.below(3));
        row.field("rating", rating);
        Pair& pair = pairs_[{customer, item}];
        pair.rating = rating;
        ++ratings_;
      }
      out.write(row.field("at", Timestamp{at}));
    }
    return out.close();
  }

  // An event of each of eight other sessions, two days later: what closes all sessions before, in whatever partition they are.
  Status write_closing() {
    PENSTOCK_ASSIGN(RowFile out, file("closing.jsonl"));
    for (uint64_t i = 1; i <= 8; ++i) {
      WebEvent event;
      event.session = id_text("closing", i);
      event.item = 1;
      event.at = Timestamp{end_ + 2 * 86'400 * kSecond};
      event.id = 10 * options_.events + i;
      out.write(row_of(event));
    }
    return out.close();
  }

  Status write_training_view() {
    PENSTOCK_ASSIGN(RowFile out, file("training_view.jsonl"));
    for (const auto& [key, pair] : pairs_) {
      JsonRow row;
      row.field("customer_id", id_text("c", key.first))
          .field("item_id", id_text("i", key.second))
          .field("views", pair.views)
          .field("purchases", pair.purchases)
          .field("seconds", pair.seconds)
          .field("strength", pair.strength);
      if (pair.rating == 0)
        row.raw("explicit_rating", "null");
      else
        row.field("explicit_rating", pair.rating);
      out.write(row.field("last_interaction", pair.last));
      strength_ += pair.strength;
    }
    return out.close();
  }

  Status write_truth() {
    uint64_t rejected = 0;
    JsonRow dirt;
    for (const char* kind : kDirt) {
      dirt.field(kind, dirt_[kind]);
      rejected += kind == std::string_view("duplicate") ? 0 : dirt_[kind];
    }
    PENSTOCK_ASSIGN(RowFile truth, file("truth.json"));
    truth.write(JsonRow()
                    .field("system", "personalization")
                    .field("seed", options_.seed)
                    .field("events", options_.events)
                    .field("rejected", rejected)
                    .field("duplicates", dirt_["duplicate"])
                    .field("customers", customers_)
                    .field("items", items_)
                    .field("sessions", session_)
                    .field("documents", documents_)
                    .field("purchases", purchases_)
                    .field("explicit_ratings", ratings_)
                    .field("training_rows", options_.events + purchases_)
                    .field("training_pairs", static_cast<uint64_t>(pairs_.size()))
                    .field("strength", strength_)
                    .raw("dirt", dirt.text()));
    return truth.close();
  }

  const SystemOptions& options_;
  Random random_;
  const uint64_t customers_, items_;
  uint64_t session_ = 0, documents_ = 0, made_ = 0, written_ = 0, bad_ = 0, purchases_ = 0, ratings_ = 0, strength_ = 0;
  int64_t begin_ = kBegin.micros, end_ = kBegin.micros;
  std::vector<WebEvent> events_;
  std::map<std::pair<uint64_t, uint64_t>, Pair> pairs_;
  std::map<std::string, uint64_t> dirt_;
};

}  // namespace

System personalization() {
  return {"personalization",
          "Web sessions and purchases of customers with demographics, whose tastes show in what they do.",
          {{"web_events.jsonl",
            "event_id, session_id, customer_id, item_id, event, seconds, at; a little out of order, dirty "
            "records besides"},
           {"purchases.jsonl", "order_id, customer_id, item_id, quantity, price, rating (every second one), at"},
           {"customers.jsonl", "customer_id, birth_year, gender, segment, region, interests"},
           {"items.jsonl", "item_id, category, brand, price, tags"},
           {"closing.jsonl", "web events two days later, which close all sessions"},
           {"training_view.jsonl", "the rows that the training view is to have"},
           {"truth.json", "how many sessions, documents, ratings and pairs there are, and what is to be rejected"}},
          [](const SystemOptions& options, const std::function<void(uint64_t, uint64_t)>& progress) -> Status {
            return Generator(options).run(progress);
          }};
}

}  // namespace penstock::cli
