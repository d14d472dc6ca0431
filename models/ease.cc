#include "models/ease.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "models/co_occurrence.h"
#include "models/item_weights.h"
#include "models/parameter_values.h"
#include "models/spd_inverse.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic("PSTKEAS\x01", 8);  // models/item_weights.h
constexpr uint64_t kDoubleItems = 8192;

uint64_t number_bytes(uint64_t items) { return items <= kDoubleItems ? sizeof(double) : sizeof(float); }

// scale: P_ii.
class EaseRule final : public ItemRule {
 public:
  EaseRule(float regularization, int neighbours, bool by_weight)
      : regularization_(regularization), neighbours_(neighbours), by_weight_(by_weight) {}
  static ItemRulePtr make(std::span<const float> settings) {
    return std::make_shared<const EaseRule>(settings[0], static_cast<int>(settings[1]), settings[2] == 1);
  }
  std::vector<float> settings() const override {
    return {regularization_, static_cast<float>(neighbours_), by_weight_ ? 1.0f : 0.0f};
  }
  double count(float weight) const override { return by_weight_ ? std::min(weight, 1e6f) : 1; }

  // −P_ij / √(P_ii P_jj), the partial correlation: the same both ways.
  double similarity(const ItemWeights& weights, int32_t row, int32_t item, float weight) const override {
    return weights.scale[row] > 0 ? weight * std::sqrt(weights.scale[item] / weights.scale[row]) : 0;
  }

  Link link(const ItemWeights& weights, const ModelSnapshot::NewItem& item) const override {
    const auto known = static_cast<int32_t>(weights.items.size());
    SparseSums g, products;  // products: sum over j of g_j B_ji
    g.reset(weights.items.size());
    products.reset(weights.items.size());
    double own = 0;
    for (const ModelSnapshot::NewItem::Fan& fan : item.fans) {
      if (!(fan.weight > 0))
        continue;
      own += count(fan.weight) * count(fan.weight);
      for (const ItemWeight& seen : fan.history)
        if (seen.item >= 0 && seen.item < known && seen.weight > 0)
          g.add(seen.item, count(fan.weight) * count(seen.weight));
    }
    for (const int32_t j : g.touched()) {
      products.add(j, 0);
      weights.for_each(j, [&](int32_t i, float b) { products.add(i, g.at(j) * b); });
    }
    // b_i = sum over j of P_ij g_j = P_ii (g_i − sum over j of g_j B_ji)
    Link link;
    double explained = 0;
    for (const int32_t i : products.touched()) {
      const double b = weights.scale[i] * (g.at(i) - products.at(i));
      explained += g.at(i) * b;
      if (b != 0)
        link.from.push_back({i, static_cast<float>(b)});
    }
    const double p = 1 / std::max<double>(own + regularization_ - explained, regularization_);
    link.scale = static_cast<float>(p);
    link.from = strongest(std::move(link.from), neighbours_);
    for (const ItemWeight& from : link.from) {
      const double b = from.weight;
      link.to.push_back({from.item, static_cast<float>(b * p / (weights.scale[from.item] + b * b * p))});
    }
    return link;
  }

 private:
  float regularization_;
  int neighbours_;
  bool by_weight_;
};

class Ease final : public Model {
 public:
  explicit Ease(const EaseParameters& parameters) : parameters_(parameters) {}

  std::string_view type() const override { return "ease"; }
  ParameterValues parameters() const override {
    return {{"regularization", parameter_text(parameters_.regularization)},
            {"neighbours", std::to_string(parameters_.neighbours)},
            {"max_items", std::to_string(parameters_.max_items)},
            {"by", parameters_.by_weight ? "weight" : "users"}};
  }

  Result<ModelSnapshotPtr> fit(const Interactions& interactions, const FitOptions& options,
                               TrainingProgress& progress) const override {
    const size_t items = interactions.items.size();
    const SparseMatrix by_user = positive_part(interactions.by_user, !parameters_.by_weight);
    if (by_user.entries() == 0)
      return invalid_argument("there is nothing to learn from: no interaction has a weight above 0");
    if (items > static_cast<size_t>(parameters_.max_items))
      return resource_exhausted("ease inverts a matrix of items × items: " + std::to_string(items) +
                                " items are more than max_items, which is " + std::to_string(parameters_.max_items) +
                                "; raise it if " + std::to_string((items * items * number_bytes(items) >> 20) + 1) +
                                " MiB may be used, or take als or item_knn");
    try {
      return items <= kDoubleItems ? fit_as<double>(interactions, by_user, options, progress)
                                   : fit_as<float>(interactions, by_user, options, progress);
    } catch (const std::bad_alloc&) {
      return resource_exhausted("there is not enough memory to invert a matrix of " + std::to_string(items) + " × " +
                                std::to_string(items) + " numbers");
    }
  }

  Result<ModelSnapshotPtr> load(std::string_view bytes) const override {
    return ItemWeightsSnapshot::load(bytes, kMagic, 3, EaseRule::make);
  }

  // The matrix, and of its rows those that are kept.
  uint64_t training_bytes(uint64_t users, uint64_t items, uint64_t events) const override {
    return Model::training_bytes(users, items, events) + items * items * number_bytes(items) + snapshot_bytes(items);
  }
  uint64_t snapshot_bytes(uint64_t items) const override {
    const auto kept = static_cast<uint64_t>(parameters_.neighbours);
    return items * (60 + 8 * (kept == 0 ? items : std::min(items, kept)));
  }

 private:
  template <class Number>
  Result<ModelSnapshotPtr> fit_as(const Interactions& interactions, const SparseMatrix& by_user,
                                  const FitOptions& options, TrainingProgress& progress) const {
    const SparseMatrix by_item = by_user.transposed();
    const int32_t items = by_item.rows;
    Workers workers(std::max(options.threads, 1), true);
    SymmetricMatrix<Number> matrix(items);
    std::vector<double> row_sums(items);
    workers.run(items, [&](int64_t task, int) {
      const auto column = static_cast<int32_t>(task);
      for (size_t fan = 0; fan < by_item.row_indices(column).size(); ++fan) {
        const int32_t user = by_item.row_indices(column)[fan];
        const auto own = static_cast<Number>(by_item.row_values(column)[fan]);
        const auto others = by_user.row_indices(user);
        const auto values = by_user.row_values(user);
        for (size_t entry = 0; entry < others.size(); ++entry) {
          row_sums[column] += own * values[entry];
          if (others[entry] >= column)
            matrix.lower(others[entry], column) += own * static_cast<Number>(values[entry]);
        }
      }
      matrix.lower(column, column) += static_cast<Number>(parameters_.regularization);
    });
    // No eigenvalue is larger than a row's sum. What rounding then adds must be small against λ.
    const double largest = *std::max_element(row_sums.begin(), row_sums.end());
    const double least = largest * std::numeric_limits<Number>::epsilon() * 10;
    if (parameters_.regularization < least)
      return invalid_argument("regularization is too small for this data: below " +
                              parameter_text(static_cast<float>(least)) + " the weights would be noise of rounding");
    PENSTOCK_TRY(invert(matrix, workers, progress));
    return snapshot(interactions, by_item, matrix, workers);
  }

  template <class Number>
  ModelSnapshotPtr snapshot(const Interactions& interactions, const SparseMatrix& by_item,
                            const SymmetricMatrix<Number>& p, Workers& workers) const {
    const int32_t items = by_item.rows;
    ItemWeights weights{interactions.items, by_item.columns, std::vector<float>(items), std::vector<float>(items), {}};
    for (int32_t item = 0; item < items; ++item) {
      weights.fans[item] = static_cast<float>(by_item.row_indices(item).size());
      weights.scale[item] = static_cast<float>(p.inverse(item, item));
    }
    SparseMatrix rows;
    rows.rows = rows.columns = items;
    constexpr int32_t kRound = 256;
    std::vector<std::vector<ItemWeight>> round(kRound);
    for (int32_t begin = 0; begin < items; begin += kRound) {
      const int32_t end = std::min(items, begin + kRound);
      workers.run(end - begin, [&](int64_t task, int) {
        const auto j = static_cast<int32_t>(begin + task);
        std::vector<ItemWeight> row;
        for (int32_t i = 0; i < items; ++i) {
          const auto weight = static_cast<float>(-p.inverse(j, i) / p.inverse(i, i));
          if (i != j && weight != 0)
            row.push_back({i, weight});
        }
        round[task] = strongest(std::move(row), parameters_.neighbours);
      });
      for (int32_t j = begin; j < end; ++j) {
        for (const ItemWeight& entry : round[j - begin]) {
          rows.indices.push_back(entry.item);
          rows.values.push_back(entry.weight);
        }
        rows.pointers.push_back(rows.entries());
      }
    }
    weights.rows = std::make_shared<const SparseMatrix>(std::move(rows));
    return std::make_shared<const ItemWeightsSnapshot>(
        kMagic,
        std::make_shared<const EaseRule>(parameters_.regularization, parameters_.neighbours, parameters_.by_weight),
        std::move(weights));
  }

  EaseParameters parameters_;
};

Result<ModelPtr> from_values(const ParameterValues& values) {
  EaseParameters parameters;
  parameters.regularization = number(values, "regularization");
  parameters.neighbours = integer(values, "neighbours");
  parameters.max_items = integer(values, "max_items");
  parameters.by_weight = value_of(values, "by") == "weight";
  return make_ease(parameters);
}

}  // namespace

ModelPtr make_ease(const EaseParameters& parameters) { return std::make_shared<const Ease>(parameters); }

ModelType ease_model() {
  using Kind = ModelParameter::Kind;
  return {"ease",
          "Each item foretold from all others by ridge regression in closed form, for catalogues of moderate size",
          {{"regularization", Kind::kNumber, "400", 1e-3, 1e9, {}, "How strongly weights are kept small."},
           {"neighbours", Kind::kInteger, "0", 0, 100000, {}, "How many weights an item keeps; 0 is all."},
           {"max_items", Kind::kInteger, "20000", 1, 200000, {}, "A training on more items is refused."},
           {"by", Kind::kChoice, "users", 0, 0, {"users", "weight"}, "Count each pair once, or by its summed weight."}},
          from_values};
}

}  // namespace penstock
