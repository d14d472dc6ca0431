#include "models/best_items.h"

#include <catch2/catch.hpp>

#include <set>

#include "core/random.h"

namespace penstock {

TEST_CASE("the best items are those of a sort, equal scores by smaller item number") {
  Random random(71);
  std::vector<ScoredItem> all;
  for (int32_t item = 0; item < 500; ++item)
    all.push_back({item, static_cast<float>(random.below(40))});
  for (const size_t n : {size_t{0}, size_t{1}, size_t{10}, size_t{500}, size_t{600}}) {
    BestItems best(n);
    for (const ScoredItem& item : all)
      best.offer(item);
    std::vector<ScoredItem> wanted = all;
    std::sort(wanted.begin(), wanted.end(), better);
    wanted.resize(std::min(n, wanted.size()));
    CHECK(std::move(best).sorted() == wanted);
  }
}

TEST_CASE("a mask rules out what was seen, what is excluded and what is not allowed, and nothing else") {
  Random random(72);
  const int32_t beyond = GENERATE(7, 1 << 30);  // few items, and many
  for (const size_t listed : {0, 1, 2, 3, 50, 1000}) {
    std::vector<ItemWeight> history;
    std::vector<int32_t> exclude = {-5, beyond};
    std::set<int32_t> seen, ruled_out = {beyond};
    for (size_t n = 0; n < listed; ++n) {
      history.push_back({static_cast<int32_t>(random.below(2000)), 1});
      exclude.push_back(static_cast<int32_t>(random.below(2000)));
      seen.insert(history.back().item);
      ruled_out.insert(exclude.back());
    }
    ItemSet allowed(2000);
    for (int32_t item = 0; item < 2000; item += 3)
      allowed.insert(item);
    const ItemMask mask({.history = history, .exclude = exclude}),
        with_seen({.history = history, .exclude = exclude, .seen = true}),
        filtered({.history = history, .exclude = exclude, .allowed = &allowed});
    for (int32_t item = 0; item < 2100; ++item) {
      CHECK(mask.contains(item) == (seen.count(item) + ruled_out.count(item) > 0));
      CHECK(with_seen.contains(item) == (ruled_out.count(item) > 0));
      CHECK(filtered.contains(item) == (mask.contains(item) || item >= 2000 || item % 3 != 0));
    }
  }
  CHECK_FALSE(ItemMask().contains(7));
}

}  // namespace penstock
