#include <algorithm>
#include <cmath>

#include "cli/systems/ecommerce_shop.h"

namespace penstock::cli {
namespace {

constexpr Timestamp kBegin{1'767'600'000'000'000};  // 2026-01-05T08:00:00Z
constexpr double kMeanGap = 4e6;                    // microseconds between two steps of all visits together
constexpr size_t kVisitsAtOnce = 30;
constexpr uint64_t kMostSteps = 12;
constexpr size_t kBrands = 24;
constexpr size_t kRemembered = 500;  // purchases, of which some are taken back
constexpr int64_t kHour = 3'600'000'000;

}  // namespace

Shop::Shop(uint64_t users, uint64_t products, uint64_t seed) : random_(seed), users_(users), now_(kBegin) {
  for (uint64_t product = 1; product <= products; ++product) {
    ShopProduct made;
    made.category = random_.below(kCategories.size());
    made.brand = random_.below(kBrands);
    made.cents = 100 + static_cast<int64_t>(std::exp(random_.normal() * 1.1 + 8.0));  // about 30 in the middle
    made.appeal = std::pow(random_.uniform(), 4);
    products_.push_back(made);
    of_category_[made.category].push_back(product);
  }
}

Shop::Visit Shop::arrive() {
  Visit visit;
  // Some users come often.
  visit.user = 1 + static_cast<uint64_t>(static_cast<double>(users_) * std::pow(random_.uniform(), 1.7));
  visit.session = ++sessions_;
  visit.steps_left = 1 + random_.below(kMostSteps);
  return visit;
}

// Mostly of the user's two categories, and within a category a few products get most of the looks.
uint64_t Shop::choose(uint64_t user) {
  const double any = random_.uniform();
  size_t category = random_.below(kCategories.size());
  if (any < 0.5)
    category = splitmix64(user) % kCategories.size();
  else if (any < 0.8)
    category = splitmix64(user ^ 0x5bd1e995) % kCategories.size();
  const std::vector<uint64_t>& shelf = of_category_[category];
  if (shelf.empty())
    return 1 + random_.below(products_.size());
  return shelf[static_cast<size_t>(static_cast<double>(shelf.size()) * std::pow(random_.uniform(), 2))];
}

ShopStep Shop::step(ShopStep::Kind kind, const Visit& visit, uint64_t product) {
  now_.micros += static_cast<int64_t>(-kMeanGap * std::log(1 - random_.uniform())) + 1;
  ShopStep out;
  out.kind = kind;
  out.number = ++steps_;
  out.user = visit.user;
  out.product = product;
  out.session = visit.session;
  out.cents = products_[product - 1].cents;
  out.at = now_;
  return out;
}

ShopStep Shop::stray() {
  const Visit visit = arrive();
  return step(ShopStep::Kind::kView, visit, choose(visit.user));
}

ShopStep Shop::next() {
  while (visits_.size() < kVisitsAtOnce)
    visits_.push_back(arrive());
  const size_t at = random_.below(visits_.size());
  if (!bought_.empty() && random_.uniform() < 0.004) {
    const Bought back = bought_[random_.below(bought_.size())];
    Visit visit;
    visit.user = back.user;
    ShopStep out = step(ShopStep::Kind::kReturn, visit, back.product);
    out.quantity = -1;
    out.cents = back.cents;
    return out;
  }
  Visit& visit = visits_[at];
  ShopStep out;
  if (visit.steps_left == 0) {  // it ends at the till, an item at a time, or with nothing
    if (visit.cart.empty()) {
      visit = arrive();
      return next();
    }
    const uint64_t product = visit.cart.back();
    visit.cart.pop_back();
    out = step(ShopStep::Kind::kPurchase, visit, product);
    out.quantity = 1 + static_cast<int64_t>(random_.below(10) / 8);
    bought_.push_back({visit.user, product, out.cents});
    if (bought_.size() > kRemembered)
      bought_.pop_front();
    return out;
  }
  --visit.steps_left;
  const bool likes = visit.seen != 0 && random_.uniform() < products_[visit.seen - 1].appeal;
  if (likes) {
    out = step(ShopStep::Kind::kCart, visit, visit.seen);
    visit.cart.push_back(visit.seen);
    visit.seen = 0;
  } else if (!visit.cart.empty() && random_.uniform() < 0.06) {
    out = step(ShopStep::Kind::kRemove, visit, visit.cart.back());
    visit.cart.pop_back();
  } else {
    visit.seen = choose(visit.user);
    out = step(ShopStep::Kind::kView, visit, visit.seen);
    if (random_.uniform() < 0.9)
      out.seconds = 2 + static_cast<int64_t>(random_.below(120));
  }
  return out;
}

void ShopTruth::add(const ShopStep& step, const std::vector<ShopProduct>& all) {
  using Kind = ShopStep::Kind;
  const std::string category = Shop::kCategories[all[step.product - 1].category];
  for (Sums* sums : {&users[step.user], &products[step.product]}) {
    sums->views += step.kind == Kind::kView ? 1 : 0;
    sums->carts += step.kind == Kind::kCart ? 1 : 0;
    sums->purchases += step.kind == Kind::kPurchase ? 1 : 0;
    sums->returns += step.kind == Kind::kReturn ? 1 : 0;
    sums->cents += step.quantity * step.cents;
    sums->seconds += std::max<int64_t>(0, step.seconds);
    sums->timed += step.seconds >= 0 ? 1 : 0;
    ++sums->categories[category];
    sums->last = step.at;
  }
  ++(step.is_order() ? orders : clicks);
  while (!looked_.empty() && looked_.front().at.micros + kConvertedWithin < step.at.micros)
    looked_.pop_front();
  if (step.is_order()) {
    Hour& hour = hours[step.at.micros / kHour * kHour];
    ++hour.lines;
    hour.cents += step.quantity * step.cents;
  }
  if (step.kind == Kind::kView) {
    ++views;
    looked_.push_back({step.user, step.product, step.at, false});
  }
  if (step.kind != Kind::kPurchase)
    return;
  for (Looked& view : looked_)
    if (!view.converted && view.user == step.user && view.product == step.product) {
      view.converted = true;
      ++converted;
    }
}

}  // namespace penstock::cli
