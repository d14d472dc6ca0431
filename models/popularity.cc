#include "models/popularity.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "models/parameter_values.h"
#include "models/popularity_snapshot.h"

namespace penstock {
namespace {

using By = PopularityParameters::By;

constexpr double kLonger = 7;  // how much longer is the time that says what to expect
constexpr double kMost = 1e15 / 2;
constexpr double kMicrosAnHour = 3600e6;

// c and s of one item.
struct Counts {
  double c = 0;
  double s = 0;
  void add(const Counts& other) {
    c += other.c;
    s += other.s;
  }
};

class Popularity final : public Model {
 public:
  explicit Popularity(const PopularityParameters& parameters) : parameters_(parameters) {}

  std::string_view type() const override { return "popularity"; }
  ParameterValues parameters() const override {
    return {{"by", parameters_.by == By::kUsers ? "users" : "weight"},
            {"decay_hours", parameter_text(parameters_.decay_hours)},
            {"trending", parameters_.trending ? "true" : "false"},
            {"segments", parameters_.segments ? "true" : "false"},
            {"least_segment_users", std::to_string(parameters_.least_segment_users)}};
  }
  Needs needs() const override { return {.times = parameters_.decay_hours > 0, .features = parameters_.segments}; }

  Result<ModelSnapshotPtr> fit(const Interactions& interactions, const FitOptions&,
                               TrainingProgress& progress) const override {
    if (interactions.by_user.entries() == 0)
      return invalid_argument("there is nothing to learn from: no interaction");
    if (parameters_.decay_hours > 0 && interactions.times.empty())
      return invalid_argument("decay_hours needs the times of interactions, and they were not read");
    if (progress.cancelled())
      return cancelled("the training was cancelled before it began");
    std::vector<Counts> all(interactions.items.size());
    for (int32_t user = 0; user < interactions.by_user.rows; ++user)
      for_entries(interactions, user, [&](int32_t item, const Counts& counts) { all[item].add(counts); });
    Counts total;
    for (const Counts& item : all)
      total.add(item);
    PopularityState state;
    state.by = parameters_.by;
    state.trending = parameters_.trending;
    state.expected = total.s > 0 ? static_cast<float>(std::clamp(total.c / total.s, 0.0, 1.0)) : 1.0f;
    state.items = interactions.items;
    for (const Counts& item : all)
      state.scores.push_back(score(item, state.expected));
    if (parameters_.segments)
      state.segments = segments(interactions, state.expected);
    progress.step(1, 1, "items counted");
    return ModelSnapshotPtr(std::make_shared<const PopularitySnapshot>(std::move(state)));
  }

  Result<ModelSnapshotPtr> load(std::string_view bytes) const override { return PopularitySnapshot::load(bytes); }

 private:
  template <class Take>
  void for_entries(const Interactions& interactions, int32_t user, const Take& take) const {
    const SparseMatrix& matrix = interactions.by_user;
    for (int64_t entry = matrix.pointers[user]; entry < matrix.pointers[user + 1]; ++entry) {
      const float weight = matrix.values[entry];
      const double v = parameters_.by == By::kWeight ? weight : (weight > 0 ? 1 : 0);
      if (parameters_.decay_hours <= 0) {
        take(matrix.indices[entry], {v, v});
        continue;
      }
      const double age =
          static_cast<double>(interactions.last.micros - interactions.times[entry].micros) / kMicrosAnHour;
      const double half_lives = age / parameters_.decay_hours;
      take(matrix.indices[entry], {v * std::exp2(-half_lives), v * std::exp2(-half_lives / kLonger)});
    }
  }

  float score(const Counts& counts, double expected) const {
    const double value = parameters_.trending ? trend(counts.c, counts.s, expected) : counts.c;
    return static_cast<float>(std::clamp(value, -kMost, kMost));
  }

  std::vector<PopularitySegment> segments(const Interactions& interactions, double expected) const {
    const FeatureMatrix& features = interactions.user_features;
    std::vector<PopularitySegment> out;
    const SparseMatrix users_of = features.rows.transposed();
    for (int32_t feature = 0; feature < users_of.rows; ++feature) {
      const auto users = users_of.row_indices(feature);
      if (static_cast<int>(users.size()) < parameters_.least_segment_users)
        continue;
      std::map<int32_t, Counts> counts;
      for (const int32_t user : users)
        if (user < interactions.by_user.rows)
          for_entries(interactions, user, [&](int32_t item, const Counts& seen) { counts[item].add(seen); });
      PopularitySegment segment{features.names[feature], static_cast<uint32_t>(users.size()), {}};
      for (const auto& [item, seen] : counts)
        segment.scores.push_back({item, score(seen, expected)});
      out.push_back(std::move(segment));
    }
    std::ranges::sort(out, {}, &PopularitySegment::name);
    return out;
  }

  PopularityParameters parameters_;
};

Result<ModelPtr> from_values(const ParameterValues& values) {
  PopularityParameters parameters;
  parameters.by = value_of(values, "by") == "weight" ? By::kWeight : By::kUsers;
  parameters.decay_hours = number(values, "decay_hours");
  parameters.trending = flag(values, "trending");
  parameters.segments = flag(values, "segments");
  parameters.least_segment_users = integer(values, "least_segment_users");
  return make_popularity(parameters);
}

}  // namespace

Result<ModelPtr> make_popularity(const PopularityParameters& parameters) {
  if (parameters.trending && !(parameters.decay_hours > 0))
    return invalid_argument("trending needs decay_hours above 0: how long ago `now` reaches");
  return ModelPtr(std::make_shared<const Popularity>(parameters));
}

ModelType popularity_model() {
  using Kind = ModelParameter::Kind;
  return {
      "popularity",
      "Items ranked by how often they were interacted with: the baseline",
      {{"by", Kind::kChoice, "users", 0, 0, {"users", "weight"}, "Count users, or sum the weights."},
       {"decay_hours", Kind::kNumber, "0", 0, 1e6, {}, "An interaction this old counts half; 0: age does not matter."},
       {"trending", Kind::kBool, "false", 0, 0, {}, "Rank by what rises against a time 7 times as long."},
       {"segments", Kind::kBool, "false", 0, 0, {}, "Count each of user_features apart, such as users of a region."},
       {"least_segment_users", Kind::kInteger, "20", 1, 1e9, {}, "Segments of fewer users are answered as all."}},
      from_values,
      true};
}

}  // namespace penstock
