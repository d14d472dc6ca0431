// Visitors of a shop, one step of a visit at a time: they look at products, put some into the cart, buy some of those and
// take a few back. Beside each step it keeps what a run over the files is to come to. Plain values with one owner; the
// same seed gives the same steps.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/random.h"

namespace penstock::cli {

/// A step of a visit: a row of the clickstream, or a line of an order.
struct ShopStep {
  enum class Kind { kView, kCart, kRemove, kPurchase, kReturn };
  Kind kind = Kind::kView;
  uint64_t number = 0;  // of all steps, from 1
  uint64_t user = 0;
  uint64_t product = 0;
  uint64_t session = 0;
  int64_t seconds = -1;  // on the page; negative: not known
  int64_t quantity = 0;
  int64_t cents = 0;  // price of one
  Timestamp at;

  bool is_order() const { return kind == Kind::kPurchase || kind == Kind::kReturn; }
};

struct ShopProduct {
  size_t category = 0;
  size_t brand = 0;
  int64_t cents = 0;
  double appeal = 0;  // 0 to 1: how often a view becomes a purchase
};

class Shop {
 public:
  static constexpr std::array kCategories = {"audio", "books",  "camera", "clothing", "garden",  "grocery",
                                             "home",  "sports", "toys",   "phones",   "laptops", "beauty"};
  Shop(uint64_t users, uint64_t products, uint64_t seed);

  ShopStep next();
  /// A step of no visit, at the present time: what a broken record would have been.
  ShopStep stray();
  const std::vector<ShopProduct>& products() const { return products_; }

 private:
  struct Visit {
    uint64_t user = 0, session = 0;
    uint64_t steps_left = 0;
    std::vector<uint64_t> cart;
    uint64_t seen = 0;  // the product that was looked at last; 0: none
  };
  struct Bought {
    uint64_t user, product;
    int64_t cents;
  };
  Visit arrive();
  uint64_t choose(uint64_t user);
  ShopStep step(ShopStep::Kind kind, const Visit& visit, uint64_t product);

  Random random_;
  const uint64_t users_;
  std::vector<ShopProduct> products_;
  std::array<std::vector<uint64_t>, kCategories.size()> of_category_;
  std::vector<Visit> visits_;
  std::deque<Bought> bought_;
  uint64_t steps_ = 0, sessions_ = 0;
  Timestamp now_;
};

/// What clean steps come to.
class ShopTruth {
 public:
  /// A view counts as converted if a purchase of the user and product comes at most so long after it.
  static constexpr int64_t kConvertedWithin = 3'600'000'000;  // microseconds

  void add(const ShopStep& step, const std::vector<ShopProduct>& products);

  struct Sums {
    uint64_t views = 0, carts = 0, purchases = 0, returns = 0;
    int64_t cents = 0;  // bought less what was taken back
    int64_t seconds = 0;
    uint64_t timed = 0;  // rows that have seconds
    std::map<std::string, uint64_t> categories;
    Timestamp last;
  };
  struct Hour {
    uint64_t lines = 0;
    int64_t cents = 0;
  };
  std::map<uint64_t, Sums> users, products;
  std::map<int64_t, Hour> hours;  // by their first microsecond
  uint64_t clicks = 0, orders = 0, views = 0, converted = 0;

 private:
  struct Looked {
    uint64_t user, product;
    Timestamp at;
    bool converted;
  };
  std::deque<Looked> looked_;  // of the newest hour
};

}  // namespace penstock::cli
