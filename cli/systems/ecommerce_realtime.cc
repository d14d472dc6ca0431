// The files of a shop: its clickstream and its orders with dirty records among them, catalogue, users and truth.
#include "cli/systems/ecommerce_shop.h"

#include <algorithm>
#include <cstdio>

#include "cli/systems/row_file.h"
#include "cli/systems/systems.h"
#include "messages/timestamp.h"

namespace penstock::cli {
namespace {

constexpr uint64_t kStepsOfUser = 40;     // on average
constexpr uint64_t kStepsOfProduct = 60;  // the same
constexpr std::array kCountries = {"DE", "FR", "GB", "IT", "NL", "US"};
constexpr std::array kSegments = {"new", "regular", "loyal"};
constexpr std::array kKinds = {"view", "cart", "remove", "purchase", "return"};

// Kinds of dirt. All but a duplicate are to be rejected; that counts once.
constexpr std::array kDirt = {"broken_json", "no_user",       "unknown_event", "seconds_below_0",
                              "bad_time",    "price_below_0", "quantity_is_0", "duplicate"};

std::string id_text(const char* prefix, uint64_t number) { return prefix + std::to_string(number); }

std::string money(int64_t cents) {
  char text[32];
  (void)std::snprintf(text, sizeof(text), "%s%lld.%02lld", cents < 0 ? "-" : "",
                      static_cast<long long>(std::abs(cents) / 100), static_cast<long long>(std::abs(cents) % 100));
  return text;
}

// What is wrong with a record: its number in kDirt, or nothing.
constexpr size_t kClean = kDirt.size();

std::string click_line(const ShopStep& step, size_t dirt = kClean) {
  JsonRow row;
  row.field("event_id", id_text("e", step.number));
  if (dirt != 1)
    row.field("user_id", id_text("u", step.user));
  row.field("session_id", id_text("v", step.session)).field("product_id", id_text("p", step.product));
  row.field("event", dirt == 2 ? "glance" : kKinds[static_cast<size_t>(step.kind)]);
  if (dirt == 3)
    row.field("seconds", -5);
  else if (step.seconds >= 0)
    row.field("seconds", step.seconds);
  return (dirt == 4 ? row.field("at", "yesterday") : row.field("at", step.at)).text();
}

std::string order_line(const ShopStep& step, size_t dirt = kClean) {
  return JsonRow()
      .field("purchase_id", id_text("e", step.number))
      .field("order_id", id_text("o", step.session))
      .field("user_id", id_text("u", step.user))
      .field("product_id", id_text("p", step.product))
      .field("quantity", dirt == 6 ? int64_t{0} : step.quantity)
      .raw("price", dirt == 5 ? "-1" : money(step.cents))
      .field("at", step.at)
      .text();
}

class Generator {
 public:
  Generator(const SystemOptions& options, RowFile clicks, RowFile orders)
      : options_(options),
        random_(options.seed ^ 0x9e3779b97f4a7c15),
        clicks_(std::move(clicks)),
        orders_(std::move(orders)),
        users_(std::max<uint64_t>(5, options.events / kStepsOfUser)),
        shop_(users_, std::clamp<uint64_t>(options.events / kStepsOfProduct, 24, 50'000), options.seed) {}

  Status run(const std::function<void(uint64_t, uint64_t)>& progress) {
    PENSTOCK_TRY(write_products());
    PENSTOCK_TRY(write_users());
    for (uint64_t i = 0; i < options_.events; ++i) {
      if (random_.uniform() < options_.dirty)
        write_dirty();
      else
        write_clean();
      if (i % 16'384 == 0)
        progress(i, options_.events);
    }
    progress(options_.events, options_.events);
    PENSTOCK_TRY(clicks_.close());
    PENSTOCK_TRY(orders_.close());
    return write_truth();
  }

 private:
  Result<RowFile> file(const char* name) const { return RowFile::create(options_.folder + "/" + name); }

  Status write_products() {
    PENSTOCK_ASSIGN(RowFile out, file("products.csv"));
    out.write("product_id,title,category,brand,price");
    uint64_t product = 0;
    for (const ShopProduct& each : shop_.products()) {
      ++product;
      const std::string category = Shop::kCategories[each.category];
      out.write(csv_row({id_text("p", product), "Model " + std::to_string(product) + ", " + category, category,
                         id_text("brand-", each.brand), money(each.cents)}));
    }
    return out.close();
  }

  Status write_users() {
    PENSTOCK_ASSIGN(RowFile out, file("users.csv"));
    out.write("user_id,country,segment");
    for (uint64_t user = 1; user <= users_; ++user)
      out.write(csv_row({id_text("u", user), kCountries[splitmix64(user * 3) % kCountries.size()],
                         kSegments[splitmix64(user * 5) % kSegments.size()]}));
    return out.close();
  }

  void write_clean() {
    last_ = shop_.next();
    truth_.add(last_, shop_.products());
    repeat();
  }

  void repeat() {
    if (last_.is_order())
      orders_.write(order_line(last_));
    else
      clicks_.write(click_line(last_));
  }

  void write_dirty() {
    size_t kind = random_.below(kDirt.size());
    if (kind == 7 && last_.number == 0)  // there is nothing to repeat yet
      kind = 0;
    ++dirt_[kDirt[kind]];
    if (kind == 7)
      return repeat();
    ShopStep step = shop_.stray();
    step.quantity = 1;
    if (kind == 5 || kind == 6)
      return orders_.write(order_line(step, kind));
    const std::string line = click_line(step, kind);
    clicks_.write(kind == 0 ? line.substr(0, 1 + random_.below(line.size() - 1)) : line);
  }

  static std::string sums_text(const ShopTruth::Sums& sums) {
    JsonRow categories;
    for (const auto& [category, rows] : sums.categories)
      categories.field(category, rows);
    return JsonRow()
        .field("views", sums.views)
        .field("carts", sums.carts)
        .field("purchases", sums.purchases)
        .field("returns", sums.returns)
        .field("cents", sums.cents)
        .field("seconds", sums.seconds)
        .field("timed", sums.timed)
        .raw("categories", categories.text())
        .field("last", sums.last)
        .text();
  }

  Status write_truth() {
    uint64_t rejected = 0;
    JsonRow dirt, users, products, hours;
    for (const char* kind : kDirt) {
      dirt.field(kind, dirt_[kind]);
      rejected += kind == std::string_view("duplicate") ? 0 : dirt_[kind];
    }
    for (const auto& [user, sums] : truth_.users)
      users.raw(id_text("u", user), sums_text(sums));
    for (const auto& [product, sums] : truth_.products)
      products.raw(id_text("p", product), sums_text(sums));
    for (const auto& [hour, sums] : truth_.hours)
      hours.raw(format_timestamp(Timestamp{hour}),
                JsonRow().field("lines", sums.lines).field("cents", sums.cents).text());
    PENSTOCK_ASSIGN(RowFile truth, file("truth.json"));
    truth.write(JsonRow()
                    .field("system", "ecommerce-realtime")
                    .field("seed", options_.seed)
                    .field("events", options_.events)
                    .field("clicks", truth_.clicks)
                    .field("orders", truth_.orders)
                    .field("rejected", rejected)
                    .field("duplicates", dirt_["duplicate"])
                    .field("views", truth_.views)
                    .field("converted", truth_.converted)
                    .raw("dirt", dirt.text())
                    .raw("hours", hours.text())
                    .raw("users", users.text())
                    .raw("products", products.text()));
    return truth.close();
  }

  const SystemOptions& options_;
  Random random_;
  RowFile clicks_, orders_;
  const uint64_t users_;
  Shop shop_;
  ShopTruth truth_;
  ShopStep last_;  // the last clean one
  std::map<std::string, uint64_t> dirt_;
};

}  // namespace

System ecommerce_realtime() {
  return {"ecommerce-realtime",
          "Visitors of a shop: what they look at, put into the cart, buy and take back.",
          {{"clickstream-events.jsonl",
            "event_id, user_id, session_id, product_id, event, seconds, at; dirty records among them"},
           {"purchase-events.jsonl",
            "purchase_id, order_id, user_id, product_id, quantity, price, at; dirty records among them"},
           {"products.csv", "product_id, title, category, brand, price"},
           {"users.csv", "user_id, country, segment"},
           {"truth.json",
            "counts and sums by user, product and hour; how many views a purchase followed within the hour; what is to "
            "be rejected, by kind of dirt"}},
          [](const SystemOptions& options, const std::function<void(uint64_t, uint64_t)>& progress) -> Status {
            PENSTOCK_ASSIGN(RowFile clicks, RowFile::create(options.folder + "/clickstream-events.jsonl"));
            PENSTOCK_ASSIGN(RowFile orders, RowFile::create(options.folder + "/purchase-events.jsonl"));
            return Generator(options, std::move(clicks), std::move(orders)).run(progress);
          }};
}

}  // namespace penstock::cli
