#include "models/co_occurrence.h"

#include <algorithm>

#include "models/item_weights.h"
#include "models/partition.h"
#include "models/sparse_sums.h"
#include "models/workers.h"

namespace penstock {
namespace {

constexpr int64_t kEntriesOfTask = 4096;
constexpr int64_t kTasksOfRound = 64;  // between two questions whether to go on

}  // namespace

Result<SparseMatrix> co_occurrence(const SparseMatrix& by_user, const SparseMatrix& by_item, size_t keep, int threads,
                                   const Pairing& pairing, TrainingProgress& progress) {
  const std::vector<int32_t> bounds = runs_of_rows(by_item, kEntriesOfTask);
  const auto tasks = static_cast<int64_t>(bounds.size()) - 1;
  std::vector<std::vector<ItemWeight>> rows(by_item.rows);
  Workers workers(std::max(threads, 1), true);
  std::vector<SparseSums> sums_of(workers.size());
  for (int64_t begin = 0; begin < tasks; begin += kTasksOfRound) {
    if (progress.cancelled())
      return cancelled("the training was cancelled after " + std::to_string(bounds[begin]) + " items");
    const int64_t end = std::min(tasks, begin + kTasksOfRound);
    workers.run(end - begin, [&](int64_t task, int worker) {
      SparseSums& sums = sums_of[worker];
      for (int32_t row = bounds[begin + task]; row < bounds[begin + task + 1]; ++row) {
        sums.reset(by_item.rows);
        for (size_t fan = 0; fan < by_item.row_indices(row).size(); ++fan) {
          const int32_t user = by_item.row_indices(row)[fan];
          const double own = by_item.row_values(row)[fan];
          const auto items = by_user.row_indices(user);
          const auto values = by_user.row_values(user);
          for (size_t entry = 0; entry < items.size(); ++entry)
            sums.add(items[entry], own * values[entry]);
        }
        std::vector<ItemWeight> entries;
        for (const int32_t item : sums.touched()) {
          const double weight = item == row ? 0 : pairing(row, item, sums.at(item), sums.additions(item));
          if (weight > 0)
            entries.push_back({item, static_cast<float>(weight)});
        }
        rows[row] = strongest(std::move(entries), keep);
      }
    });
    progress.step(bounds[end], by_item.rows, "items compared");
  }
  SparseMatrix out;
  out.rows = out.columns = by_item.rows;
  for (std::vector<ItemWeight>& row : rows) {
    for (const ItemWeight& entry : row) {
      out.indices.push_back(entry.item);
      out.values.push_back(entry.weight);
    }
    out.pointers.push_back(out.entries());
    row = {};
  }
  return out;
}

SparseMatrix positive_part(const SparseMatrix& matrix, bool binary) {
  SparseMatrix out;
  out.rows = matrix.rows;
  out.columns = matrix.columns;
  for (int32_t row = 0; row < matrix.rows; ++row) {
    for (int64_t entry = matrix.pointers[row]; entry < matrix.pointers[row + 1]; ++entry) {
      if (!(matrix.values[entry] > 0))
        continue;
      out.indices.push_back(matrix.indices[entry]);
      out.values.push_back(binary ? 1.0f : std::min(matrix.values[entry], 1e6f));
    }
    out.pointers.push_back(out.entries());
  }
  return out;
}

}  // namespace penstock
