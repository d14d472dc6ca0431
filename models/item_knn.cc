#include "models/item_knn.h"

#include <algorithm>
#include <cmath>
#include <new>

#include "models/co_occurrence.h"
#include "models/item_weights.h"
#include "models/parameter_values.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic("PSTKKNN\x01", 8);  // models/item_weights.h

using Similarity = ItemKnnParameters::Similarity;

// scale: |r_i| with cosine, the sum of r_i with bm25.
class ItemKnnRule final : public ItemRule {
 public:
  ItemKnnRule(const ItemKnnParameters& parameters, float items, float mean_sum)
      : parameters_(parameters), items_(items), mean_sum_(std::max(mean_sum, 1e-12f)) {}

  static ItemRulePtr make(std::span<const float> settings) {
    ItemKnnParameters parameters;
    parameters.neighbours = static_cast<int>(settings[0]);
    parameters.similarity = settings[1] == 1 ? Similarity::kBm25 : Similarity::kCosine;
    parameters.shrinkage = settings[2];
    parameters.k1 = settings[3];
    parameters.b = settings[4];
    parameters.by_weight = settings[5] == 1;
    return std::make_shared<const ItemKnnRule>(parameters, settings[6], settings[7]);
  }
  std::vector<float> settings() const override {
    return {static_cast<float>(parameters_.neighbours),
            bm25() ? 1.0f : 0.0f,
            parameters_.shrinkage,
            parameters_.k1,
            parameters_.b,
            parameters_.by_weight ? 1.0f : 0.0f,
            items_,
            mean_sum_};
  }

  double count(float weight) const override { return parameters_.by_weight ? std::min(weight, 1e6f) : 1; }
  // r or r' of a user with `own` items, for an item whose values sum to `sum`.
  double value(double r, double own, double sum) const {
    if (!bm25())
      return r;
    const double length = 1 - parameters_.b + parameters_.b * sum / mean_sum_;
    return r * (parameters_.k1 + 1) / (parameters_.k1 * length + r) * std::log1p(items_ / (1 + own));
  }
  double similarity_of(double product, uint32_t common, double a, double b) const {
    const double shrunk = product * common / (common + static_cast<double>(parameters_.shrinkage));
    if (bm25())
      return shrunk;
    return a > 0 && b > 0 ? shrunk / (a * b) : 0;
  }
  bool bm25() const { return parameters_.similarity == Similarity::kBm25; }

  Link link(const ItemWeights& weights, const ModelSnapshot::NewItem& item) const override {
    const auto known = static_cast<int32_t>(weights.items.size());
    const auto counts = [&](const ItemWeight& seen) { return seen.item >= 0 && seen.item < known && seen.weight > 0; };
    double sum = 0, squares = 0;
    for (const ModelSnapshot::NewItem::Fan& fan : item.fans) {
      const double r = fan.weight > 0 ? count(fan.weight) : 0;
      sum += r;
      squares += r * r;
    }
    SparseSums products;
    products.reset(weights.items.size());
    for (const ModelSnapshot::NewItem::Fan& fan : item.fans) {
      if (!(fan.weight > 0))
        continue;
      const double own = 1 + static_cast<double>(std::count_if(fan.history.begin(), fan.history.end(), counts));
      const double mine = value(count(fan.weight), own, sum);
      for (const ItemWeight& seen : fan.history)
        if (counts(seen))
          products.add(seen.item, mine * value(count(seen.weight), own, weights.scale[seen.item]));
    }
    Link link;
    link.scale = static_cast<float>(bm25() ? sum : std::sqrt(squares));
    for (const int32_t other : products.touched()) {
      const double weight =
          similarity_of(products.at(other), products.additions(other), weights.scale[other], link.scale);
      if (weight > 0)
        link.to.push_back({other, static_cast<float>(weight)});
    }
    link.from = link.to = strongest(std::move(link.to), parameters_.neighbours);
    return link;
  }

 private:
  ItemKnnParameters parameters_;
  float items_;
  float mean_sum_;
};

class ItemKnn final : public Model {
 public:
  explicit ItemKnn(const ItemKnnParameters& parameters) : parameters_(parameters) {}

  std::string_view type() const override { return "item_knn"; }
  ParameterValues parameters() const override {
    return {{"neighbours", std::to_string(parameters_.neighbours)},
            {"similarity", parameters_.similarity == Similarity::kBm25 ? "bm25" : "cosine"},
            {"shrinkage", parameter_text(parameters_.shrinkage)},
            {"k1", parameter_text(parameters_.k1)},
            {"b", parameter_text(parameters_.b)},
            {"by", parameters_.by_weight ? "weight" : "users"}};
  }

  Result<ModelSnapshotPtr> fit(const Interactions& interactions, const FitOptions& options,
                               TrainingProgress& progress) const override {
    SparseMatrix by_user = positive_part(interactions.by_user, !parameters_.by_weight);
    if (by_user.entries() == 0)
      return invalid_argument("there is nothing to learn from: no interaction has a weight above 0");
    SparseMatrix by_item = by_user.transposed();
    const auto items = static_cast<size_t>(by_item.rows);
    ItemWeights weights{interactions.items, by_user.rows, std::vector<float>(items), std::vector<float>(items), {}};
    double total = 0;
    for (int32_t item = 0; item < by_item.rows; ++item) {
      double sum = 0, squares = 0;
      for (const float r : by_item.row_values(item)) {
        sum += r;
        squares += static_cast<double>(r) * r;
      }
      total += sum;
      weights.fans[item] = static_cast<float>(by_item.row_values(item).size());
      weights.scale[item] = static_cast<float>(parameters_.similarity == Similarity::kBm25 ? sum : std::sqrt(squares));
    }
    const auto count = static_cast<float>(items);
    const auto rule = std::make_shared<const ItemKnnRule>(parameters_, count, static_cast<float>(total) / count);
    if (rule->bm25()) {
      for (int32_t user = 0; user < by_user.rows; ++user) {
        const auto own = static_cast<double>(by_user.row_indices(user).size());
        for (int64_t entry = by_user.pointers[user]; entry < by_user.pointers[user + 1]; ++entry)
          by_user.values[entry] =
              static_cast<float>(rule->value(by_user.values[entry], own, weights.scale[by_user.indices[entry]]));
      }
      by_item = by_user.transposed();
    }
    const Pairing pairing = [&](int32_t row, int32_t item, double product, uint32_t common) {
      return rule->similarity_of(product, common, weights.scale[row], weights.scale[item]);
    };
    PENSTOCK_ASSIGN(SparseMatrix rows,
                    co_occurrence(by_user, by_item, parameters_.neighbours, options.threads, pairing, progress));
    weights.rows = std::make_shared<const SparseMatrix>(std::move(rows));
    return ModelSnapshotPtr(std::make_shared<const ItemWeightsSnapshot>(kMagic, rule, std::move(weights)));
  }

  Result<ModelSnapshotPtr> load(std::string_view bytes) const override {
    return ItemWeightsSnapshot::load(bytes, kMagic, 8, ItemKnnRule::make);
  }

  // Both directions of the matrix again, the rows found, and each thread's sums.
  uint64_t training_bytes(uint64_t users, uint64_t items, uint64_t events) const override {
    return Model::training_bytes(users, items, events) + 32 * events + snapshot_bytes(items) * 2 + 64 * items;
  }
  uint64_t snapshot_bytes(uint64_t items) const override {
    return items * (60 + 8 * static_cast<uint64_t>(parameters_.neighbours));
  }

 private:
  ItemKnnParameters parameters_;
};

Result<ModelPtr> from_values(const ParameterValues& values) {
  ItemKnnParameters parameters;
  parameters.neighbours = integer(values, "neighbours");
  parameters.similarity = value_of(values, "similarity") == "bm25" ? Similarity::kBm25 : Similarity::kCosine;
  parameters.shrinkage = number(values, "shrinkage");
  parameters.k1 = number(values, "k1");
  parameters.b = number(values, "b");
  parameters.by_weight = value_of(values, "by") == "weight";
  return make_item_knn(parameters);
}

}  // namespace

ModelPtr make_item_knn(const ItemKnnParameters& parameters) { return std::make_shared<const ItemKnn>(parameters); }

ModelType item_knn_model() {
  using Kind = ModelParameter::Kind;
  return {"item_knn",
          "Items that are like those of the history: nearest neighbours by the users they share",
          {{"neighbours", Kind::kInteger, "20", 1, 10000, {}, "How many items most like it an item keeps."},
           {"similarity", Kind::kChoice, "cosine", 0, 0, {"cosine", "bm25"}, "How alike two items are."},
           {"shrinkage", Kind::kNumber, "0", 0, 1e6, {}, "Similarity of items that so many users share is halved."},
           {"k1", Kind::kNumber, "1.2", 0, 1000, {}, "BM25: how soon repeated interactions stop counting more."},
           {"b", Kind::kNumber, "0.75", 0, 1, {}, "BM25: how much popular items are held down."},
           {"by", Kind::kChoice, "users", 0, 0, {"users", "weight"}, "Count each pair once, or by its summed weight."}},
          from_values};
}

}  // namespace penstock
