// A synthetic marketplace whose truth is known: users with latent tastes, items with traits, categories, vendors and
// prices, and an endless stream of view, add_to_cart and purchase events that follow from them. Immutable after
// construction; safe for any number of threads.
//
// Truth: affinity(u, i) = taste_u · traits_i, about standard normal over random pairs. A user looks at a handful of
// items drawn by popularity (log-normal) and opens the one that suits best; a suitable item is put into the cart, and
// bought, with a chance that grows with the affinity.
//
// Event n is a function of (options, n) alone: it is found without making the events before it. Events come in blocks
// of kSlots × kSteps; a slot is a run of sessions, and the slots of a block take turns, so that sessions overlap as
// they do in life.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/sources/alias_table.h"
#include "core/ids.h"
#include "core/units.h"

namespace penstock {

struct MarketplaceOptions {
  uint32_t users = 2000;
  uint32_t items = 1000;
  uint32_t vendors = 50;
  uint32_t categories = 20;
  uint64_t seed = 1;
  Timestamp start{1'767'225'600'000'000};  // of event 0: 2026-01-01T00:00:00Z
  Duration interval{1'000'000};            // between two events
};

/// Ids count from 1, as in a database; indices (in the arrays of Marketplace) from 0.
struct MarketplaceEvent {
  enum class Kind : uint8_t { kView, kAddToCart, kPurchase };
  uint64_t number = 0;  // n
  uint32_t user = 0;    // index
  uint32_t item = 0;    // index
  Kind kind = Kind::kView;
  uint32_t quantity = 1;
  Timestamp at;
};
/// view, add_to_cart, purchase
const char* kind_name(MarketplaceEvent::Kind kind);

class Marketplace {
 public:
  static constexpr size_t kFactors = 8;

  struct Item {
    uint32_t category;
    uint32_t vendor;
    double price;
    double popularity;  // odds of being looked at
    float traits[kFactors];
  };
  struct User {
    double activity;  // odds of beginning a session
    float taste[kFactors];
  };

  /// Requires: every count of the options is at least 1.
  explicit Marketplace(const MarketplaceOptions& options);

  const MarketplaceOptions& options() const { return options_; }
  const std::vector<User>& users() const { return users_; }
  const std::vector<Item>& items() const { return items_; }
  const std::string& category_name(uint32_t category) const { return category_names_[category]; }
  const std::string& vendor_name(uint32_t vendor) const { return vendor_names_[vendor]; }
  /// The truth that a recommender tries to find. Indices, not ids.
  double affinity(uint32_t user, uint32_t item) const;

  /// Appends events [from, from + count) to `out`.
  void events(uint64_t from, size_t count, std::vector<MarketplaceEvent>& out) const;

 private:
  static constexpr uint64_t kSlots = 8;
  static constexpr uint64_t kSteps = 16;

  void make_items(Random& random);
  void make_users(Random& random);
  uint32_t choose_item(uint32_t user, Random& random) const;
  void play_slot(uint64_t slot, MarketplaceEvent* steps) const;

  MarketplaceOptions options_;
  std::vector<std::string> category_names_;
  std::vector<std::string> vendor_names_;
  std::vector<float> centres_;  // categories × kFactors
  std::vector<Item> items_;
  std::vector<User> users_;
  AliasTable by_popularity_;
  AliasTable by_activity_;
};

}  // namespace penstock
