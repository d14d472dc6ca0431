#include "models/co_purchase.h"

#include <algorithm>

#include "models/co_occurrence.h"
#include "models/item_weights.h"
#include "models/parameter_values.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic("PSTKCOP\x01", 8);  // models/item_weights.h

using Measure = CoPurchaseParameters::Measure;

// scale: n_i.
class CoPurchaseRule final : public ItemRule {
 public:
  explicit CoPurchaseRule(const CoPurchaseParameters& parameters) : parameters_(parameters) {}
  static ItemRulePtr make(std::span<const float> settings) {
    return std::make_shared<const CoPurchaseRule>(
        CoPurchaseParameters{.measure = settings[0] == 1 ? Measure::kLift : Measure::kConfidence,
                             .least_together = static_cast<int>(settings[1]),
                             .neighbours = static_cast<int>(settings[2])});
  }
  std::vector<float> settings() const override {
    return {parameters_.measure == Measure::kLift ? 1.0f : 0.0f, static_cast<float>(parameters_.least_together),
            static_cast<float>(parameters_.neighbours)};
  }
  double count(float) const override { return 1; }

  double weight(uint32_t together, double with_j, double with_i, double baskets) const {
    if (together < static_cast<uint32_t>(parameters_.least_together))
      return 0;
    return parameters_.measure == Measure::kLift ? together * baskets / (with_j * with_i) : together / with_j;
  }

  Link link(const ItemWeights& weights, const ModelSnapshot::NewItem& item) const override {
    const auto known = static_cast<int32_t>(weights.items.size());
    SparseSums together;
    together.reset(weights.items.size());
    Link link;
    for (const ModelSnapshot::NewItem::Fan& fan : item.fans) {
      if (!(fan.weight > 0))
        continue;
      link.scale += 1;
      for (const ItemWeight& seen : fan.history)
        if (seen.item >= 0 && seen.item < known && seen.weight > 0)
          together.add(seen.item, 1);
    }
    const auto baskets = static_cast<double>(weights.users);
    for (const int32_t other : together.touched()) {
      const uint32_t both = together.additions(other);
      // An item nobody had in training has none but these baskets.
      const double with_other = std::max<double>(weights.scale[other], both);
      const double from = weight(both, with_other, link.scale, baskets),
                   to = weight(both, link.scale, with_other, baskets);
      if (from > 0)
        link.from.push_back({other, static_cast<float>(from)});
      if (to > 0)
        link.to.push_back({other, static_cast<float>(to)});
    }
    link.from = strongest(std::move(link.from), parameters_.neighbours);
    link.to = strongest(std::move(link.to), parameters_.neighbours);
    return link;
  }

 private:
  CoPurchaseParameters parameters_;
};

class CoPurchase final : public Model {
 public:
  explicit CoPurchase(const CoPurchaseParameters& parameters) : parameters_(parameters) {}

  std::string_view type() const override { return "co_purchase"; }
  ParameterValues parameters() const override {
    return {{"measure", parameters_.measure == Measure::kLift ? "lift" : "confidence"},
            {"least_together", std::to_string(parameters_.least_together)},
            {"neighbours", std::to_string(parameters_.neighbours)}};
  }

  Result<ModelSnapshotPtr> fit(const Interactions& interactions, const FitOptions& options,
                               TrainingProgress& progress) const override {
    const SparseMatrix by_basket = positive_part(interactions.by_user, true);
    if (by_basket.entries() == 0)
      return invalid_argument("there is nothing to learn from: no interaction has a weight above 0");
    const SparseMatrix by_item = by_basket.transposed();
    ItemWeights weights{interactions.items, by_basket.rows, {}, {}, {}};
    for (int32_t item = 0; item < by_item.rows; ++item)
      weights.fans.push_back(static_cast<float>(by_item.row_indices(item).size()));
    weights.scale = weights.fans;
    const auto rule = std::make_shared<const CoPurchaseRule>(parameters_);
    const Pairing pairing = [&](int32_t row, int32_t item, double, uint32_t common) {
      return rule->weight(common, weights.scale[row], weights.scale[item], by_basket.rows);
    };
    PENSTOCK_ASSIGN(SparseMatrix rows,
                    co_occurrence(by_basket, by_item, parameters_.neighbours, options.threads, pairing, progress));
    weights.rows = std::make_shared<const SparseMatrix>(std::move(rows));
    return ModelSnapshotPtr(std::make_shared<const ItemWeightsSnapshot>(kMagic, rule, std::move(weights)));
  }

  Result<ModelSnapshotPtr> load(std::string_view bytes) const override {
    return ItemWeightsSnapshot::load(bytes, kMagic, 3, CoPurchaseRule::make);
  }

  // Both directions of the matrix again, the rows found, and each thread's sums.
  uint64_t training_bytes(uint64_t users, uint64_t items, uint64_t events) const override {
    return Model::training_bytes(users, items, events) + 16 * events + snapshot_bytes(items) * 2 + 64 * items;
  }
  uint64_t snapshot_bytes(uint64_t items) const override {
    return items * (60 + 8 * static_cast<uint64_t>(parameters_.neighbours));
  }

 private:
  CoPurchaseParameters parameters_;
};

Result<ModelPtr> from_values(const ParameterValues& values) {
  CoPurchaseParameters parameters;
  parameters.measure = value_of(values, "measure") == "lift" ? Measure::kLift : Measure::kConfidence;
  parameters.least_together = integer(values, "least_together");
  parameters.neighbours = integer(values, "neighbours");
  return make_co_purchase(parameters);
}

}  // namespace

ModelPtr make_co_purchase(const CoPurchaseParameters& parameters) {
  return std::make_shared<const CoPurchase>(parameters);
}

ModelType co_purchase_model() {
  using Kind = ModelParameter::Kind;
  return {"co_purchase",
          "Items that occur in the same baskets; `user` may name an order or a session",
          {{"measure",
            Kind::kChoice,
            "confidence",
            0,
            0,
            {"confidence", "lift"},
            "The share of an item's baskets, or how much more often than by chance."},
           {"least_together", Kind::kInteger, "2", 1, 1e9, {}, "Pairs that fewer baskets share count nothing."},
           {"neighbours", Kind::kInteger, "50", 1, 10000, {}, "How many items an item keeps."}},
          from_values};
}

}  // namespace penstock
