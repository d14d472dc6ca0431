#include "models/item_weights.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/best_items.h"
#include "models/bytes.h"
#include "models/sparse_format.h"

namespace penstock {
namespace {

struct Cell {
  int32_t row;
  ItemWeight entry;
};

SparseMatrix to_matrix(std::vector<Cell> cells, int32_t size) {
  std::sort(cells.begin(), cells.end(),
            [](const Cell& a, const Cell& b) { return a.row != b.row ? a.row < b.row : a.entry.item < b.entry.item; });
  SparseMatrix out;
  out.rows = out.columns = size;
  out.pointers.assign(static_cast<size_t>(size) + 1, 0);
  for (const Cell& cell : cells) {
    ++out.pointers[cell.row + 1];
    out.indices.push_back(cell.entry.item);
    out.values.push_back(cell.entry.weight);
  }
  std::partial_sum(out.pointers.begin(), out.pointers.end(), out.pointers.begin());
  return out;
}

}  // namespace

double ItemRule::similarity(const ItemWeights&, int32_t, int32_t, float weight) const { return weight; }

std::vector<ItemWeight> strongest(std::vector<ItemWeight> entries, size_t count) {
  if (count > 0 && entries.size() > count) {
    std::nth_element(entries.begin(), entries.begin() + static_cast<int64_t>(count), entries.end(),
                     [](const ItemWeight& a, const ItemWeight& b) {
                       const float x = std::abs(a.weight), y = std::abs(b.weight);
                       return x != y ? x > y : a.item < b.item;
                     });
    entries.resize(count);
  }
  std::sort(entries.begin(), entries.end(), [](const ItemWeight& a, const ItemWeight& b) { return a.item < b.item; });
  return entries;
}

ItemWeightsSnapshot::ItemWeightsSnapshot(std::string_view magic, ItemRulePtr rule, ItemWeights weights)
    : magic_(magic), rule_(std::move(rule)), weights_(std::move(weights)), popular_(weights_.fans, weights_.users) {}

bool ItemWeightsSnapshot::sum(const ModelQuery& query, SparseSums& sums) const {
  const auto known = static_cast<int32_t>(weights_.items.size());
  for (const ItemWeight& seen : query.history) {
    if (seen.item < 0 || seen.item >= known || !(seen.weight > 0))
      continue;
    const double count = rule_->count(seen.weight);
    weights_.for_each(seen.item, [&](int32_t item, float weight) { sums.add(item, count * weight); });
  }
  return !sums.touched().empty();
}

std::vector<ScoredItem> ItemWeightsSnapshot::recommend(const ModelQuery& query) const {
  SparseSums& sums = own_sums(weights_.items.size());
  if (query.n == 0 || !sum(query, sums))
    return {};
  return popular_.best(sums, query);
}

std::vector<ScoredItem> ItemWeightsSnapshot::similar(int32_t item, size_t n, const ItemSet* allowed) const {
  SparseSums& sums = own_sums(weights_.items.size());
  weights_.for_each(
      item, [&](int32_t other, float weight) { sums.add(other, rule_->similarity(weights_, item, other, weight)); });
  return popular_.best(sums, {.exclude = std::span(&item, 1), .allowed = allowed, .n = n});
}

std::vector<float> ItemWeightsSnapshot::score_all(const ModelQuery& query) const {
  SparseSums& sums = own_sums(weights_.items.size());
  return sum(query, sums) ? popular_.score_all(sums) : std::vector<float>();
}

std::vector<float> ItemWeightsSnapshot::score(const ModelQuery& query, std::span<const int32_t> items) const {
  SparseSums& sums = own_sums(weights_.items.size());
  return sum(query, sums) ? popular_.score(sums, items) : std::vector<float>();
}

std::vector<int32_t> ItemWeightsSnapshot::because(const ModelQuery& query, int32_t item, size_t n) const {
  const auto known = static_cast<int32_t>(weights_.items.size());
  BestItems strongest(n);
  for (const ItemWeight& seen : query.history) {
    if (seen.item < 0 || seen.item >= known || !(seen.weight > 0) || seen.item == item)
      continue;
    weights_.for_each(seen.item, [&](int32_t other, float weight) {
      if (other == item && weight > 0)
        strongest.offer({seen.item, static_cast<float>(rule_->count(seen.weight) * weight)});
    });
  }
  std::vector<int32_t> out;
  for (const ScoredItem& reason : std::move(strongest).sorted())
    out.push_back(reason.item);
  return out;
}

ModelSnapshotPtr ItemWeightsSnapshot::with_items(std::span<const NewItem> new_items) const {
  ItemWeights next = weights_;
  std::vector<Cell> cells;
  for (int32_t row = 0; row < weights_.added.rows; ++row)
    for (size_t entry = 0; entry < weights_.added.row_indices(row).size(); ++entry)
      cells.push_back({row, {weights_.added.row_indices(row)[entry], weights_.added.row_values(row)[entry]}});
  for (const NewItem& item : new_items) {
    const auto number = static_cast<int32_t>(next.items.size());
    const ItemRule::Link link = rule_->link(weights_, item);
    for (const ItemWeight& from : link.from)
      cells.push_back({from.item, {number, from.weight}});
    for (const ItemWeight& to : link.to)
      cells.push_back({number, to});
    next.items.push_back(item.id);
    next.scale.push_back(link.scale);
    next.fans.push_back(static_cast<float>(
        std::count_if(item.fans.begin(), item.fans.end(), [](const NewItem::Fan& fan) { return fan.weight > 0; })));
  }
  next.added = to_matrix(std::move(cells), static_cast<int32_t>(next.items.size()));
  return std::make_shared<const ItemWeightsSnapshot>(magic_, rule_, std::move(next));
}

std::string ItemWeightsSnapshot::save() const {
  SnapshotWriter out;
  out.raw(magic_);
  const std::vector<float> settings = rule_->settings();
  out.number(static_cast<uint8_t>(settings.size()));
  out.floats(settings.data(), settings.size());
  const auto count = static_cast<int32_t>(weights_.items.size());
  out.number(static_cast<uint32_t>(count));
  out.number(weights_.users);
  for (const std::string& id : weights_.items)
    out.text(id);
  out.floats(weights_.fans.data(), weights_.fans.size());
  out.floats(weights_.scale.data(), weights_.scale.size());
  for (int32_t row = 0; row < count; ++row) {
    uint32_t length = 0;
    weights_.for_each(row, [&](int32_t, float) { ++length; });
    out.number(length);
  }
  for (int32_t row = 0; row < count; ++row) {
    weights_.for_each(row, [&](int32_t item, float weight) {
      out.number(item);
      out.number(weight);
    });
  }
  return std::move(out).finish();
}

Result<ModelSnapshotPtr> ItemWeightsSnapshot::load(std::string_view bytes, std::string_view magic, size_t settings,
                                                   ItemRulePtr (*make_rule)(std::span<const float> settings)) {
  PENSTOCK_ASSIGN(SnapshotReader in, SnapshotReader::open(bytes, magic));
  const Status impossible = data_loss("the stored " + std::string(magic.substr(4, 3)) +
                                      " model is cut off, too long, or has numbers out of range");
  if (in.number<uint8_t>() != settings)
    return impossible;
  std::vector<float> values(settings);
  in.floats(values.data(), settings);
  const auto count = in.number<uint32_t>();
  ItemWeights weights;
  weights.users = in.number<int64_t>();
  if (!in.ok() || count > INT32_MAX || uint64_t{count} * 16 > in.left())
    return impossible;
  for (uint32_t item = 0; item < count; ++item)
    weights.items.push_back(in.text());
  weights.fans.resize(count);
  weights.scale.resize(count);
  in.floats(weights.fans.data(), count);
  in.floats(weights.scale.data(), count);
  SparseMatrix rows;
  if (!read_rows(in, count, count, rows) || !in.at_end())
    return impossible;
  weights.rows = std::make_shared<const SparseMatrix>(std::move(rows));
  return ModelSnapshotPtr(std::make_shared<const ItemWeightsSnapshot>(magic, make_rule(values), std::move(weights)));
}

size_t ItemWeightsSnapshot::memory() const {
  size_t bytes = weights_.items.size() * (2 * sizeof(float) + 2 * sizeof(int64_t)) + popular_.memory();
  bytes += (weights_.rows->indices.size() + weights_.added.indices.size()) * (sizeof(int32_t) + sizeof(float));
  for (const std::string& id : weights_.items)
    bytes += sizeof(std::string) + (id.capacity() > 15 ? id.capacity() + 1 : 0);
  return bytes;
}

}  // namespace penstock
