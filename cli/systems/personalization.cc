// A shop with web sessions, purchases, demographics and a catalogue. Customers have a taste in categories, which their interests and
// what they do show.
#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "cli/systems/row_file.h"
#include "cli/systems/systems.h"
#include "cli/systems/web_sessions.h"
#include "core/random.h"

namespace penstock::cli {
namespace {

constexpr int64_t kTwoDays = 2 * 86'400 * int64_t{1'000'000};  // microseconds
constexpr std::array kBrands = {"alder", "birch", "cedar", "elm", "oak"};
constexpr std::array kSegments = {"new", "regular", "gold"};
constexpr std::array kRegions = {"north", "east", "south", "west"};
constexpr std::array kGenders = {"f", "m", "x"};

// What a run makes of a customer's doings with an item.
struct Pair {
  uint64_t views = 0, purchases = 0, strength = 0;
  int64_t seconds = 0, rating = 0;  // 0: none
  Timestamp last;
};

uint64_t strength_of(std::string_view event) {
  return event == "view" ? 1 : event == "purchase" ? 5 : event == "like" ? 2 : 3;
}

class Generator {
 public:
  explicit Generator(const SystemOptions& options)
      : options_(options),
        random_(options.seed),
        customers_(std::max<uint64_t>(10, options.events / 40)),
        items_(std::max<uint64_t>(40, options.events / 100)),
        sessions_(random_, customers_, items_) {}

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

  void count(uint64_t customer, uint64_t item, std::string_view event, int64_t seconds, Timestamp at) {
    Pair& pair = pairs_[{customer, item}];
    pair.views += event == "view";
    pair.purchases += event == "purchase";
    pair.strength += strength_of(event);
    pair.seconds += seconds;
    pair.last = std::max(pair.last, at);
  }

  // The clean events in the order in which they arrive, dirty ones between them: made of the event that follows.
  Status write_events(const std::function<void(uint64_t, uint64_t)>& progress) {
    PENSTOCK_ASSIGN(RowFile out, file("web_events.jsonl"));
    uint64_t written = 0, bad = 0;
    for (const WebEvent& event : sessions_.make(options_.events)) {
      if (options_.dirty > 0 && random_.uniform() < options_.dirty) {
        const size_t kind = random_.below(kWebDirt.size());
        ++dirt_[kWebDirt[kind]];
        WebEvent dirty = event;
        const bool duplicate = kind + 1 == kWebDirt.size();
        if (!duplicate)
          dirty.id = options_.events + ++bad;
        out.write(duplicate ? row_of(dirty).text() : dirty_line(dirty, kind, random_));
      }
      out.write(row_of(event));
      count(event.customer, event.item, event.event, event.seconds, event.at);
      if (++written % 16'384 == 0)
        progress(written, options_.events);
    }
    progress(options_.events, options_.events);
    return out.close();
  }

  // A tenth as many as events; every second one with a rating, high in the customer's own category.
  Status write_purchases() {
    PENSTOCK_ASSIGN(RowFile out, file("purchases.jsonl"));
    purchases_ = std::max<uint64_t>(10, options_.events / 10);
    const int64_t step = (sessions_.end().micros - WebSessions::kBegin.micros) / static_cast<int64_t>(purchases_ + 1);
    int64_t at = WebSessions::kBegin.micros;
    for (uint64_t i = 1; i <= purchases_; ++i) {
      at += std::max<int64_t>(1, step);
      const uint64_t customer = 1 + random_.below(customers_), item = sessions_.item_for(customer);
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
      event.at = Timestamp{sessions_.end().micros + kTwoDays};
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
    for (const char* kind : kWebDirt) {
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
                    .field("sessions", sessions_.sessions())
                    .field("documents", sessions_.documents())
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
  WebSessions sessions_;
  uint64_t purchases_ = 0, ratings_ = 0, strength_ = 0;
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
