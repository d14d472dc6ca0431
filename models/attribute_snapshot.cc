#include "models/attribute_snapshot.h"

#include <algorithm>
#include <cmath>

#include "models/best_items.h"
#include "models/bytes.h"
#include "models/sparse_format.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic("PSTKATT\x01", 8);

Status impossible() {
  return data_loss("the stored same_attribute model is cut off, too long, or has numbers out of range");
}

}  // namespace

AttributeSnapshot::AttributeSnapshot(AttributeState state)
    : state_(std::move(state)), having_(state_.attributes.transposed()), popular_(state_.fans, state_.users) {}

bool AttributeSnapshot::counts(const ItemWeight& seen) const {
  return seen.item >= 0 && seen.item < state_.attributes.rows && seen.weight > 0;
}

bool AttributeSnapshot::sum(std::span<const ItemWeight> history, SparseSums& sums) const {
  SparseSums profile;  // by attribute: sum over j of w_j a_f v_jf
  profile.reset(state_.names.size());
  double total = 0;
  for (const ItemWeight& seen : history) {
    if (!counts(seen))
      continue;
    const double w = state_.by_weight ? std::min(seen.weight, 1e6f) : 1;
    total += w;
    const auto attributes = state_.attributes.row_indices(seen.item);
    for (size_t n = 0; n < attributes.size(); ++n)
      profile.add(attributes[n], w * state_.weights[attributes[n]] * state_.attributes.row_values(seen.item)[n]);
  }
  for (const int32_t attribute : profile.touched()) {
    const auto items = having_.row_indices(attribute);
    for (size_t n = 0; n < items.size(); ++n)
      sums.add(items[n], profile.at(attribute) * having_.row_values(attribute)[n] / total);
  }
  return !sums.touched().empty();
}

std::vector<ScoredItem> AttributeSnapshot::recommend(const ModelQuery& query) const {
  SparseSums& sums = own_sums(state_.items.size());
  if (query.n == 0 || !sum(query.history, sums))
    return {};
  return popular_.best(sums, query);
}

std::vector<ScoredItem> AttributeSnapshot::similar(int32_t item, size_t n, const ItemSet* allowed) const {
  SparseSums& sums = own_sums(state_.items.size());
  const ItemWeight only{item, 1};
  (void)sum({&only, 1}, sums);
  return popular_.best(sums, {.exclude = std::span(&item, 1), .allowed = allowed, .n = n});
}

std::vector<float> AttributeSnapshot::score_all(const ModelQuery& query) const {
  SparseSums& sums = own_sums(state_.items.size());
  return sum(query.history, sums) ? popular_.score_all(sums) : std::vector<float>();
}

std::vector<float> AttributeSnapshot::score(const ModelQuery& query, std::span<const int32_t> items) const {
  SparseSums& sums = own_sums(state_.items.size());
  return sum(query.history, sums) ? popular_.score(sums, items) : std::vector<float>();
}

std::vector<int32_t> AttributeSnapshot::because(const ModelQuery& query, int32_t item, size_t n) const {
  SparseSums own;  // by attribute: a_f v_if
  own.reset(state_.names.size());
  for (size_t entry = 0; entry < state_.attributes.row_indices(item).size(); ++entry) {
    const int32_t attribute = state_.attributes.row_indices(item)[entry];
    own.add(attribute, static_cast<double>(state_.weights[attribute]) * state_.attributes.row_values(item)[entry]);
  }
  BestItems strongest(n);
  for (const ItemWeight& seen : query.history) {
    if (!counts(seen) || seen.item == item)
      continue;
    double shared = 0;
    for (size_t entry = 0; entry < state_.attributes.row_indices(seen.item).size(); ++entry)
      shared +=
          own.at(state_.attributes.row_indices(seen.item)[entry]) * state_.attributes.row_values(seen.item)[entry];
    if (shared > 0)
      strongest.offer({seen.item, static_cast<float>(shared * (state_.by_weight ? std::min(seen.weight, 1e6f) : 1))});
  }
  std::vector<int32_t> out;
  for (const ScoredItem& reason : std::move(strongest).sorted())
    out.push_back(reason.item);
  return out;
}

ModelSnapshotPtr AttributeSnapshot::with_items(std::span<const NewItem> new_items) const {
  AttributeState next = state_;
  for (const NewItem& item : new_items) {
    std::vector<std::pair<int32_t, float>> row;
    for (const Feature& feature : item.features) {
      auto known = static_cast<int32_t>(std::ranges::find(next.names, feature.name) - next.names.begin());
      if (known == static_cast<int32_t>(next.names.size())) {
        next.names.push_back(feature.name);
        next.weights.push_back(static_cast<float>(std::log1p(static_cast<double>(next.items.size()))));
      }
      if (std::ranges::find(row, known, &std::pair<int32_t, float>::first) == row.end())
        row.emplace_back(known, feature.value);
    }
    std::ranges::sort(row);
    for (const auto& [attribute, value] : row) {
      next.attributes.indices.push_back(attribute);
      next.attributes.values.push_back(value);
    }
    next.attributes.pointers.push_back(next.attributes.entries());
    ++next.attributes.rows;
    next.items.push_back(item.id);
    next.fans.push_back(
        static_cast<float>(std::ranges::count_if(item.fans, [](const NewItem::Fan& fan) { return fan.weight > 0; })));
  }
  next.attributes.columns = static_cast<int32_t>(next.names.size());
  return std::make_shared<const AttributeSnapshot>(std::move(next));
}

std::string AttributeSnapshot::save() const {
  SnapshotWriter out;
  out.raw(kMagic);
  out.number(static_cast<uint8_t>(state_.by_weight));
  out.number(state_.users);
  out.number(static_cast<uint32_t>(state_.items.size()));
  out.number(static_cast<uint32_t>(state_.names.size()));
  for (const std::string& id : state_.items)
    out.text(id);
  out.floats(state_.fans.data(), state_.fans.size());
  for (const std::string& name : state_.names)
    out.text(name);
  out.floats(state_.weights.data(), state_.weights.size());
  write_rows(state_.attributes, out);
  return std::move(out).finish();
}

Result<ModelSnapshotPtr> AttributeSnapshot::load(std::string_view bytes) {
  PENSTOCK_ASSIGN(SnapshotReader in, SnapshotReader::open(bytes, kMagic));
  AttributeState state;
  state.by_weight = in.number<uint8_t>() != 0;
  state.users = in.number<int64_t>();
  const auto items = in.number<uint32_t>(), names = in.number<uint32_t>();
  if (!in.ok() || (uint64_t{items} * 12 + uint64_t{names} * 8) > in.left() || items > INT32_MAX || names > INT32_MAX)
    return impossible();
  for (uint32_t item = 0; item < items; ++item)
    state.items.push_back(in.text());
  state.fans.resize(items);
  in.floats(state.fans.data(), items);
  for (uint32_t name = 0; name < names; ++name)
    state.names.push_back(in.text());
  state.weights.resize(names);
  in.floats(state.weights.data(), names);
  if (!read_rows(in, items, names, state.attributes) || !in.at_end())
    return impossible();
  return ModelSnapshotPtr(std::make_shared<const AttributeSnapshot>(std::move(state)));
}

size_t AttributeSnapshot::memory() const {
  size_t bytes = popular_.memory() + 2 * state_.attributes.indices.size() * (sizeof(int32_t) + sizeof(float));
  for (const std::vector<std::string>* texts : {&state_.items, &state_.names})
    for (const std::string& text : *texts)
      bytes += sizeof(std::string) + 2 * sizeof(int64_t) + (text.capacity() > 15 ? text.capacity() + 1 : 0);
  return bytes;
}

}  // namespace penstock
