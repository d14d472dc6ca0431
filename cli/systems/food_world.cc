#include "cli/systems/food_world.h"

#include <algorithm>

namespace penstock::cli {
namespace {

constexpr int64_t kStorm = 9 * FoodWorld::kDay + 18 * FoodWorld::kHour;  // for two hours most deliveries fail
// How busy each hour of a day is, next to the busiest.
constexpr double kBusy[24] = {.10, .05, .03, .03, .03, .05, .10, .20, .25, .25, .30, .70,
                              .90, .70, .40, .30, .35, .60, .95, 1.0, .90, .60, .40, .20};

}  // namespace

FoodWorld::FoodWorld(uint64_t deliveries, uint64_t seed)
    : random_(seed),
      drivers_(std::max<uint64_t>(5, deliveries / 60)),
      fails_(std::clamp<uint64_t>(deliveries / 50, 12, 400)),
      times_(deliveries),
      known_(std::max<uint64_t>(3, deliveries / 8)) {
  // Every eighth restaurant fails often.
  for (size_t i = 0; i < fails_.size(); ++i)
    fails_[i] = i % 8 == 5 ? 0.25 + 0.15 * random_.uniform() : 0.01 + 0.05 * random_.uniform();
  std::ranges::generate(times_, [this] { return order_time(); });
  std::ranges::sort(times_);
}

int64_t FoodWorld::order_time() {
  for (;;) {
    const auto second = static_cast<int64_t>(random_.below(kDays * 86'400));
    if (random_.uniform() < kBusy[second / 3600 % 24])
      return second * kSecond;
  }
}
int64_t FoodWorld::minutes(int64_t from, int64_t to) {
  return 60 * kSecond * (from + static_cast<int64_t>(random_.below(static_cast<uint64_t>(to - from))));
}

Delivery FoodWorld::next() {
  Delivery delivery;
  const int64_t ordered = times_[taken_];
  delivery.id = ++taken_;
  delivery.ordered = ordered;
  const uint64_t consumer = random_.below(known_.size());
  delivery.consumer = consumer + 1;
  delivery.is_new = !known_[consumer];
  known_[consumer] = true;
  // A consumer orders in one region, mostly at three favourites.
  const uint64_t of_region = fails_.size() / kRegions.size();
  const uint64_t choice =
      random_.uniform() < 0.7 ? splitmix64(consumer * 4 + random_.below(3)) % of_region : random_.below(of_region);
  delivery.restaurant = choice * kRegions.size() + consumer % kRegions.size();
  delivery.driver = 1 + random_.below(drivers_);
  delivery.asap = random_.uniform() < 0.8;
  delivery.total = 800 + static_cast<int64_t>(random_.below(6000));
  delivery.tip = static_cast<int64_t>(random_.below(8)) * 50;
  delivery.ended = ordered + (delivery.asap ? minutes(20, 80) : minutes(60, 300));
  if (ordered >= kStorm && ordered < kStorm + 2 * kHour && random_.uniform() < 0.6) {
    delivery.status = "FAILED";
    delivery.refund = delivery.total;
  } else if (random_.uniform() < fails_[delivery.restaurant]) {
    fail(delivery);
  }
  delivery.paid = delivery.ended + minutes(1, 120);
  return delivery;
}

void FoodWorld::fail(Delivery& delivery) {
  switch (random_.below(4)) {
    case 0:
      delivery.status = random_.below(3) == 0 ? "CANCELLED" : "FAILED";
      delivery.refund = delivery.total;
      break;
    case 1: delivery.refund = 1 + static_cast<int64_t>(random_.below(static_cast<uint64_t>(delivery.total))); break;
    case 2:
      if (delivery.ordered < kComplete) {
        delivery.no_trip = true;
        break;
      }
      [[fallthrough]];
    default:
      delivery.asap = true;
      delivery.late = true;
      delivery.ended = delivery.ordered + minutes(95, 240);
  }
}

}  // namespace penstock::cli
