// A warehouse of a shop: products of vendors in categories, users who like one category most, and what they did.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "cli/systems/row_file.h"
#include "cli/systems/systems.h"
#include "core/random.h"
#include "messages/timestamp.h"

namespace penstock::cli {
namespace {

constexpr Timestamp kBegin{1'767'600'000'000'000};  // 2026-01-05T08:00:00Z
constexpr double kMeanGap = 5e6;                    // microseconds between two interactions
constexpr uint64_t kInteractionsOfUser = 25;        // on average
constexpr uint64_t kInteractionsOfProduct = 40;
constexpr size_t kVendorsOfCategory = 4;
constexpr double kLoyalty = 0.85;  // share of interactions in the category that a user likes most
constexpr std::array kCategories = {"books", "garden", "kitchen", "music", "sport", "tools", "toys", "travel"};
constexpr std::array kRegions = {"north", "south", "east", "west"};
constexpr std::array kKinds = {"view", "cart", "purchase", "return"};

// Kinds of dirt. All but a duplicate are to be rejected; a duplicate counts once.
constexpr std::array kDirt = {"broken_json", "no_user",  "no_product", "unknown_kind",
                              "no_quantity", "bad_time", "duplicate"};
constexpr size_t kDuplicate = kDirt.size() - 1;

struct Interaction {
  uint64_t id = 0;
  uint64_t user = 0;
  uint64_t product = 0;
  size_t kind = 0;
  int64_t quantity = 1;
  Timestamp at;
};

std::string id_text(const char* prefix, uint64_t number) { return prefix + std::to_string(number); }

size_t category_of(uint64_t product) { return product % kCategories.size(); }
size_t taste_of(uint64_t user) { return splitmix64(user) % kCategories.size(); }

std::string vendor_of(uint64_t product) {
  const uint64_t vendor = product / kCategories.size() % kVendorsOfCategory;
  return std::string(kCategories[category_of(product)]) + "-" + std::to_string(vendor + 1);
}

std::string line_of(const Interaction& interaction) {
  return JsonRow()
      .field("event_id", id_text("e", interaction.id))
      .field("user_id", id_text("u", interaction.user))
      .field("product_id", id_text("p", interaction.product))
      .field("kind", kKinds[interaction.kind])
      .field("quantity", interaction.quantity)
      .field("at", interaction.at)
      .text();
}

class Generator {
 public:
  Generator(const SystemOptions& options, RowFile interactions)
      : options_(options),
        random_(options.seed),
        out_(std::move(interactions)),
        users_(std::max<uint64_t>(10, options.events / kInteractionsOfUser)),
        products_(std::max<uint64_t>(8 * kCategories.size(), options.events / kInteractionsOfProduct)) {}

  Status run(const std::function<void(uint64_t, uint64_t)>& progress) {
    PENSTOCK_TRY(write_products());
    PENSTOCK_TRY(write_users());
    for (uint64_t i = 0; i < options_.events; ++i) {
      if (random_.uniform() < options_.dirty)
        write_dirty(i);
      else
        write_clean(i);
      if (i % 16'384 == 0)
        progress(i, options_.events);
    }
    progress(options_.events, options_.events);
    PENSTOCK_TRY(out_.close());
    return write_truth();
  }

 private:
  struct Product {
    std::array<uint64_t, kKinds.size()> kinds{};
    int64_t sold = 0;
    double price = 0;
    bool deleted = false;
  };
  struct User {
    uint64_t events = 0;
    size_t last_category = 0;
    bool deleted = false;
  };

  Result<RowFile> file(const char* name) const { return RowFile::create(options_.folder + "/" + name); }

  // Some become cheaper, some are given up: the newest record of each counts.
  Status write_products() {
    PENSTOCK_ASSIGN(RowFile out, file("products.jsonl"));
    for (int version = 0; version < 2; ++version)
      for (uint64_t id = 1; id <= products_; ++id) {
        Product& product = product_truth_[id];
        const double chance = random_.uniform();
        if (version == 1 && chance > 0.15)
          continue;
        product.price = static_cast<double>(100 + random_.below(9900)) / 100;
        product.deleted = version == 1 && chance < 0.04;
        out.write(JsonRow()
                      .field("product_id", id_text("p", id))
                      .field("title", std::string(kCategories[category_of(id)]) + " no. " + std::to_string(id))
                      .field("category", kCategories[category_of(id)])
                      .field("vendor", vendor_of(id))
                      .field("price", product.price)
                      .field("deleted", product.deleted)
                      .field("changed_at", Timestamp{kBegin.micros + version * int64_t{3'600'000'000}}));
      }
    return out.close();
  }

  Status write_users() {
    PENSTOCK_ASSIGN(RowFile out, file("users.jsonl"));
    for (uint64_t id = 1; id <= users_; ++id) {
      User& user = user_truth_[id];
      user.deleted = random_.uniform() < 0.02;
      out.write(JsonRow()
                    .field("user_id", id_text("u", id))
                    .field("name", "User " + std::to_string(id))
                    .field("region", kRegions[random_.below(kRegions.size())])
                    .field("deleted", user.deleted)
                    .field("changed_at", kBegin));
    }
    return out.close();
  }

  Interaction next(uint64_t number) {
    now_.micros += static_cast<int64_t>(-kMeanGap * std::log(1 - random_.uniform())) + 1;
    Interaction interaction;
    interaction.id = number + 1;
    interaction.user = 1 + random_.below(users_);
    interaction.at = now_;
    const size_t category =
        random_.uniform() < kLoyalty ? taste_of(interaction.user) : random_.below(kCategories.size());
    // A few products of a category get most of the interest.
    const uint64_t in_category = products_ / kCategories.size();
    const auto rank = static_cast<uint64_t>(static_cast<double>(in_category) * std::pow(random_.uniform(), 2));
    const uint64_t product = std::min(rank, in_category - 1) * kCategories.size() + category;
    interaction.product = product == 0 ? kCategories.size() : product;
    const double kind = random_.uniform();
    interaction.kind = kind < 0.62 ? 0 : kind < 0.78 ? 1 : kind < 0.97 ? 2 : 3;
    interaction.quantity = interaction.kind >= 2 ? static_cast<int64_t>(1 + random_.below(3)) : 1;
    return interaction;
  }

  void write_clean(uint64_t number) {
    last_ = next(number);
    out_.write(line_of(last_));
    ++clean_;
    Product& product = product_truth_[last_.product];
    ++product.kinds[last_.kind];
    product.sold += last_.kind == 2 ? last_.quantity : 0;
    User& user = user_truth_[last_.user];
    ++user.events;
    user.last_category = category_of(last_.product);
  }

  void write_dirty(uint64_t number) {
    size_t kind = random_.below(kDirt.size());
    if (kind == kDuplicate && last_.id == 0)  // there is nothing to repeat yet
      kind = 0;
    ++dirt_[kDirt[kind]];
    if (kind == kDuplicate)
      return out_.write(line_of(last_));
    const Interaction interaction = next(number);
    if (kind == 0) {
      const std::string whole = line_of(interaction);
      return out_.write(whole.substr(0, 1 + random_.below(whole.size() - 1)));
    }
    JsonRow row;
    row.field("event_id", id_text("e", interaction.id));
    if (kind != 1)
      row.field("user_id", id_text("u", interaction.user));
    if (kind != 2)
      row.field("product_id", id_text("p", interaction.product));
    row.field("kind", kind == 3 ? "wish" : kKinds[interaction.kind]);
    row.field("quantity", kind == 4 ? int64_t{0} : interaction.quantity);
    if (kind == 5)
      row.field("at", "yesterday");
    else
      row.field("at", interaction.at);
    out_.write(row);
  }

  Status write_truth() {
    uint64_t rejected = 0;
    JsonRow dirt, products, users, bought;
    for (const char* kind : kDirt) {
      dirt.field(kind, dirt_[kind]);
      rejected += kind == kDirt[kDuplicate] ? 0 : dirt_[kind];
    }
    std::array<uint64_t, kCategories.size()> bought_of{};
    for (const auto& [id, product] : product_truth_) {
      bought_of[category_of(id)] += product.kinds[2];
      products.raw(id_text("p", id), JsonRow()
                                         .field("views", product.kinds[0])
                                         .field("carts", product.kinds[1])
                                         .field("purchases", product.kinds[2])
                                         .field("sold", product.sold)
                                         .field("price", product.price)
                                         .field("deleted", product.deleted)
                                         .text());
    }
    for (const auto& [id, user] : user_truth_) {
      JsonRow row;
      row.field("events", user.events).field("deleted", user.deleted).field("taste", kCategories[taste_of(id)]);
      if (user.events > 0)
        row.field("last_category", kCategories[user.last_category]);
      users.raw(id_text("u", id), row.text());
    }
    for (size_t category = 0; category < kCategories.size(); ++category)
      bought.field(kCategories[category], bought_of[category]);
    PENSTOCK_ASSIGN(RowFile truth, file("truth.json"));
    truth.write(JsonRow()
                    .field("system", "als-saas")
                    .field("seed", options_.seed)
                    .field("events", options_.events)
                    .field("clean", clean_)
                    .field("rejected", rejected)
                    .field("duplicates", dirt_[kDirt[kDuplicate]])
                    .raw("dirt", dirt.text())
                    .raw("bought", bought.text())
                    .raw("products", products.text())
                    .raw("users", users.text()));
    return truth.close();
  }

  const SystemOptions& options_;
  Random random_;
  RowFile out_;
  const uint64_t users_;
  const uint64_t products_;
  Timestamp now_ = kBegin;
  Interaction last_;  // the last clean one
  uint64_t clean_ = 0;
  std::map<std::string, uint64_t> dirt_;
  std::map<uint64_t, Product> product_truth_;
  std::map<uint64_t, User> user_truth_;
};

}  // namespace

System als_saas() {
  return {"als-saas",
          "A warehouse of JSON files: products of vendors, users with a taste, and what they did.",
          {{"interactions.jsonl", "event_id, user_id, product_id, kind, quantity, at; dirty records among them"},
           {"products.jsonl", "product_id, title, category, vendor, price, deleted, changed_at: each as it changes"},
           {"users.jsonl", "user_id, name, region, deleted, changed_at"},
           {"truth.json",
            "counts of clean, rejected and repeated interactions; of each product what was done with it, its price and "
            "whether it is deleted; of each user the events, the last category and the one liked most"}},
          [](const SystemOptions& options, const std::function<void(uint64_t, uint64_t)>& progress) -> Status {
            PENSTOCK_ASSIGN(RowFile interactions, RowFile::create(options.folder + "/interactions.jsonl"));
            return Generator(options, std::move(interactions)).run(progress);
          }};
}

}  // namespace penstock::cli
