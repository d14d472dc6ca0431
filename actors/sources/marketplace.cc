#include "actors/sources/marketplace.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace penstock {
namespace {

constexpr double kPopularitySpread = 0.9;  // sigma of the log-normal
constexpr double kActivitySpread = 0.6;
constexpr double kTraitNoise = 0.6;  // how far an item may be from the centre of its category
constexpr double kTasteNoise = 0.5;
constexpr int kConsidered = 24;       // items a user looks over before one is opened
constexpr double kPickiness = 2.5;    // weight of the affinity against chance in that choice
constexpr double kSessionEnds = 0.2;  // before each further view

constexpr const char* kCategories[] = {"books", "music",  "garden",  "kitchen", "sports",      "toys",   "shoes",
                                       "tools", "beauty", "grocery", "games",   "electronics", "office", "pets",
                                       "baby",  "travel", "art",     "outdoor", "furniture",   "jewelry"};
constexpr const char* kVendors[] = {"Alder", "Birch",  "Cedar", "Dogwood", "Elm",
                                    "Fir",   "Ginkgo", "Hazel", "Ivy",     "Juniper"};

std::string numbered(const char* const* names, size_t known, uint32_t index) {
  const std::string name = names[index % known];
  return index < known ? name : name + " " + std::to_string(index / known + 1);
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

template <class T, class Weight>
std::vector<double> weights(const std::vector<T>& things, Weight weight) {
  std::vector<double> out;
  out.reserve(things.size());
  for (const T& thing : things)
    out.push_back(thing.*weight);
  return out;
}

}  // namespace

const char* kind_name(MarketplaceEvent::Kind kind) {
  switch (kind) {
    case MarketplaceEvent::Kind::kView: return "view";
    case MarketplaceEvent::Kind::kAddToCart: return "add_to_cart";
    case MarketplaceEvent::Kind::kPurchase: break;
  }
  return "purchase";
}

Marketplace::Marketplace(const MarketplaceOptions& options)
    : options_(options), by_popularity_(std::vector<double>{1}), by_activity_(std::vector<double>{1}) {
  for (uint32_t i = 0; i < options_.categories; ++i)
    category_names_.push_back(numbered(kCategories, std::size(kCategories), i));
  for (uint32_t i = 0; i < options_.vendors; ++i)
    vendor_names_.push_back(numbered(kVendors, std::size(kVendors), i));
  Random centres(splitmix64(options_.seed ^ 0xc1));
  for (size_t i = 0; i < options_.categories * kFactors; ++i)
    centres_.push_back(static_cast<float>(centres.normal()));
  Random items(splitmix64(options_.seed ^ 0xc2));
  make_items(items);
  Random users(splitmix64(options_.seed ^ 0xc3));
  make_users(users);
  by_popularity_ = AliasTable(weights(items_, &Item::popularity));
  by_activity_ = AliasTable(weights(users_, &User::activity));
}

void Marketplace::make_items(Random& random) {
  const double scale = 1 / std::sqrt(1 + kTraitNoise * kTraitNoise);
  for (uint32_t i = 0; i < options_.items; ++i) {
    Item item{};
    item.category = static_cast<uint32_t>(random.below(options_.categories));
    item.vendor = static_cast<uint32_t>(random.below(options_.vendors));
    const double dear = 5.0 + 10.0 * (item.category % 7);
    item.price = std::max(1.0, std::round(dear * std::exp(0.5 * random.normal()))) - 0.01;
    item.popularity = std::exp(kPopularitySpread * random.normal());
    for (size_t f = 0; f < kFactors; ++f)
      item.traits[f] =
          static_cast<float>(scale * (centres_[item.category * kFactors + f] + kTraitNoise * random.normal()));
    items_.push_back(item);
  }
}

void Marketplace::make_users(Random& random) {
  for (uint32_t u = 0; u < options_.users; ++u) {
    User user{};
    user.activity = std::exp(kActivitySpread * random.normal());
    const uint64_t first = random.below(options_.categories), second = random.below(options_.categories);
    double length = 0;
    for (size_t f = 0; f < kFactors; ++f) {
      const double value =
          0.8 * centres_[first * kFactors + f] + 0.5 * centres_[second * kFactors + f] + kTasteNoise * random.normal();
      user.taste[f] = static_cast<float>(value);
      length += value * value;
    }
    for (float& value : user.taste)  // unit length: the affinity is about standard normal over random items
      value /= static_cast<float>(std::sqrt(std::max(length, 1e-9)));
    users_.push_back(user);
  }
}

double Marketplace::affinity(uint32_t user, uint32_t item) const {
  double sum = 0;
  for (size_t f = 0; f < kFactors; ++f)
    sum += static_cast<double>(users_[user].taste[f]) * items_[item].traits[f];
  return sum;
}

uint32_t Marketplace::choose_item(uint32_t user, Random& random) const {
  uint32_t best = 0;
  double best_score = -1e300;
  for (int i = 0; i < kConsidered; ++i) {
    const uint32_t item = by_popularity_.draw(random);
    // The best of score + Gumbel noise is a draw from the softmax of the scores.
    const double noise = -std::log(-std::log(std::max(random.uniform(), 1e-18)));
    const double score = kPickiness * affinity(user, item) + noise;
    if (score > best_score)
      best_score = score, best = item;
  }
  return best;
}

void Marketplace::play_slot(uint64_t slot, MarketplaceEvent* steps) const {
  using Kind = MarketplaceEvent::Kind;
  Random random(splitmix64(options_.seed * 0x9e3779b97f4a7c15ULL + slot));
  uint32_t user = by_activity_.draw(random);
  uint32_t item = 0;
  Kind last = Kind::kPurchase;  // of nothing: the session begins with a view
  for (uint64_t step = 0; step < kSteps; ++step) {
    MarketplaceEvent& event = steps[step];
    event.quantity = 1;
    const double suits = step > 0 ? affinity(user, item) : 0;
    if (last == Kind::kView && random.uniform() < sigmoid(1.5 * suits - 5)) {
      event.kind = Kind::kAddToCart;
    } else if (last == Kind::kAddToCart && random.uniform() < sigmoid(suits - 2.5)) {
      event.kind = Kind::kPurchase;
      event.quantity =
          1 + static_cast<uint32_t>(random.uniform() < 0.2) + static_cast<uint32_t>(random.uniform() < 0.1);
    } else {
      if (step > 0 && random.uniform() < kSessionEnds)
        user = by_activity_.draw(random);
      item = choose_item(user, random);
      event.kind = Kind::kView;
    }
    event.user = user;
    event.item = item;
    last = event.kind;
  }
}

void Marketplace::events(uint64_t from, size_t count, std::vector<MarketplaceEvent>& out) const {
  constexpr uint64_t kBlock = kSlots * kSteps;
  MarketplaceEvent block[kBlock];
  out.reserve(out.size() + count);
  for (uint64_t n = from, made = ~0ULL; n < from + count; ++n) {
    if (made != n / kBlock) {
      made = n / kBlock;
      for (uint64_t slot = 0; slot < kSlots; ++slot)
        play_slot(made * kSlots + slot, block + slot * kSteps);
    }
    const uint64_t place = n % kBlock;
    MarketplaceEvent event = block[(place % kSlots) * kSteps + place / kSlots];
    event.number = n;
    // Up to an interval of jitter keeps the order and makes the gaps uneven.
    const double jitter = static_cast<double>(splitmix64(options_.seed + n) >> 11) * 0x1.0p-53;
    event.at = {options_.start.micros + static_cast<int64_t>(n) * options_.interval.micros +
                static_cast<int64_t>(jitter * static_cast<double>(options_.interval.micros))};
    out.push_back(event);
  }
}

}  // namespace penstock
