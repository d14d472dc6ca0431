// Interactions of any shape, quickly: 20 million in seconds. Items belong to 64 groups, each user likes three of them, and
// within a group, as over all, popularity falls steeply. The same for a seed everywhere.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "core/random.h"

namespace penstock::bench {

/// Writes what als_runs.h reads: about `entries` distinct interactions, and one more of each user held out.
inline void write_large_interactions(const std::string& path, int32_t users, int32_t items, int64_t entries,
                                     uint64_t seed) {
  constexpr int32_t kGroups = 64;
  Random random(seed);
  std::vector<double> activity(users);
  double total = 0;
  for (double& of_user : activity)
    total += of_user = std::exp(0.95 * random.normal());
  std::vector<int32_t> of_users, of_items, held_out(users, -1), row;
  of_users.reserve(entries);
  of_items.reserve(entries);
  for (int32_t user = 0; user < users; ++user) {
    const auto share = static_cast<int64_t>(activity[user] / total * static_cast<double>(entries - 8 * int64_t{users}));
    const int64_t wanted = std::min<int64_t>(9 + std::max<int64_t>(share, 0), items / 4);
    const uint64_t liked[3] = {random.below(kGroups), random.below(kGroups), random.below(kGroups)};
    row.clear();
    for (int round = 0; round < 8 && static_cast<int64_t>(row.size()) < wanted; ++round) {
      const int64_t missing = wanted - static_cast<int64_t>(row.size());
      for (int64_t draw = 0; draw < missing; ++draw) {
        const double u = random.uniform();
        auto item = static_cast<int32_t>(u * u * u * items);
        if (random.below(4) != 0)
          item = item / kGroups * kGroups + static_cast<int32_t>(liked[random.below(3)]);
        row.push_back(std::min(item, items - 1));
      }
      if (round == 0)
        held_out[user] = row.back();  // as likely as any other
      std::sort(row.begin(), row.end());
      row.erase(std::unique(row.begin(), row.end()), row.end());
    }
    row.erase(std::remove(row.begin(), row.end(), held_out[user]), row.end());
    of_users.insert(of_users.end(), row.size(), user);
    of_items.insert(of_items.end(), row.begin(), row.end());
  }
  const int64_t head[3] = {users, items, static_cast<int64_t>(of_items.size())};
  FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr)
    return;
  std::fwrite(head, sizeof(head), 1, file);
  for (const std::vector<int32_t>* part : {&of_users, &of_items, &held_out})
    std::fwrite(part->data(), sizeof(int32_t), part->size(), file);
  std::fclose(file);
}

}  // namespace penstock::bench
