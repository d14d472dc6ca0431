// Interactions of a given shape with a realistic popularity curve and learnable tastes, the same for a seed everywhere.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "models/interactions.h"

namespace penstock::bench {

struct SyntheticInteractions {
  Interactions train;             // exactly `entries` of them, each of weight 1
  std::vector<int32_t> held_out;  // one more item of each user
};

/// Each user draws distinct items with a probability in proportion to popularity · exp(taste · item), by the Gumbel
/// trick; activity and popularity are log-normal, tastes and items have 64 dimensions of falling importance.
inline SyntheticInteractions synthetic_interactions(int32_t users, int32_t items, int64_t entries, uint64_t seed) {
  constexpr int kDimensions = 64;
  Random random(seed);
  const auto normals = [&](size_t count, double scale) {
    std::vector<float> out(count);
    for (float& value : out)
      value = static_cast<float>(scale * random.normal());
    return out;
  };
  std::vector<float> tastes = normals(static_cast<size_t>(users) * kDimensions, 1);
  const std::vector<float> traits = normals(static_cast<size_t>(items) * kDimensions, 1);
  const std::vector<float> popularity = normals(items, 1.2);
  // Tastes fade slowly from one dimension to the next, so that there is always more to learn.
  for (size_t i = 0; i < tastes.size(); ++i)
    tastes[i] *= 0.45f / std::sqrt(1.0f + 0.25f * static_cast<float>(i % kDimensions));

  std::vector<double> activity(users);
  double total = 0;
  for (double& of_user : activity)
    total += of_user = std::exp(0.95 * random.normal());
  const int64_t wanted = entries + users;  // one each is held out
  std::vector<int64_t> counts(users);
  int64_t given = 0;
  for (int32_t user = 0; user < users; ++user) {
    const double share = activity[user] / total * static_cast<double>(wanted - 8 * int64_t{users});
    counts[user] = std::min<int64_t>(8 + static_cast<int64_t>(share), items * 2 / 3);
    given += counts[user];
  }
  for (int32_t user = 0; given < wanted; user = (user + 1) % users) {
    if (counts[user] < items * 2 / 3) {
      ++counts[user];
      ++given;
    }
  }

  SyntheticInteractions out;
  SparseMatrix& matrix = out.train.by_user;
  matrix.rows = users;
  matrix.columns = items;
  std::vector<std::pair<float, int32_t>> drawn(items);
  for (int32_t user = 0; user < users; ++user) {
    const float* taste = &tastes[static_cast<size_t>(user) * kDimensions];
    for (int32_t item = 0; item < items; ++item) {
      float score = popularity[item];
      for (int j = 0; j < kDimensions; ++j)
        score += taste[j] * traits[static_cast<size_t>(item) * kDimensions + j];
      const double gumbel = -std::log(-std::log(random.uniform() + 1e-300));
      drawn[item] = {score + static_cast<float>(gumbel), item};
    }
    std::nth_element(drawn.begin(), drawn.begin() + counts[user], drawn.end(), std::greater<>());
    const size_t last = random.below(counts[user]);
    std::vector<int32_t> row;
    for (size_t place = 0; place < static_cast<size_t>(counts[user]); ++place) {
      if (place == last)
        out.held_out.push_back(drawn[place].second);
      else
        row.push_back(drawn[place].second);
    }
    std::sort(row.begin(), row.end());
    matrix.indices.insert(matrix.indices.end(), row.begin(), row.end());
    matrix.pointers.push_back(matrix.entries());
  }
  matrix.values.assign(matrix.indices.size(), 1.0f);
  out.train.by_item = matrix.transposed();
  for (int32_t user = 0; user < users; ++user)
    out.train.users.push_back(std::to_string(user));
  for (int32_t item = 0; item < items; ++item)
    out.train.items.push_back(std::to_string(item));
  out.train.events = matrix.indices.size();
  return out;
}

/// For the Python programs beside this: int64 users, items, interactions, then int32 user and item of each interaction,
/// then int32 held-out item of each user.
inline void write_interactions(const SyntheticInteractions& data, const std::string& path) {
  const SparseMatrix& matrix = data.train.by_user;
  const int64_t head[3] = {matrix.rows, matrix.columns, matrix.entries()};
  std::vector<int32_t> users;
  for (int32_t user = 0; user < matrix.rows; ++user)
    users.insert(users.end(), matrix.row_indices(user).size(), user);
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(head), sizeof(head));
  for (const std::vector<int32_t>* part : {&std::as_const(users), &matrix.indices, &data.held_out})
    out.write(reinterpret_cast<const char*>(part->data()),
              static_cast<std::streamsize>(part->size() * sizeof(int32_t)));
}

}  // namespace penstock::bench
