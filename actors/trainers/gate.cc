#include "actors/trainers/gate.h"

#include <array>
#include <cstdio>

#include "models/registry.h"

namespace penstock {
namespace {

std::string number(double value) {
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.4f", value);
  return out.data();
}

// A snapshot as seen from another catalogue: histories and scores in its numbers. Items that the snapshot does not know
// have no score.
class InCatalogue final : public ModelSnapshot {
 public:
  InCatalogue(const Serving& serving, const std::vector<std::string>& items)
      : snapshot_(serving.snapshot()), items_(items) {
    for (const std::string& item : items)
      rows_.push_back(serving.row(item));
  }
  const std::vector<std::string>& items() const override { return items_; }
  std::vector<float> score_all(const ModelQuery& query) const override {
    std::vector<ItemWeight> history;
    for (const ItemWeight& item : query.history)
      if (rows_[item.item] >= 0)
        history.push_back({rows_[item.item], item.weight});
    ModelQuery inside = query;
    inside.history = history;
    const std::vector<float> scores = snapshot_.score_all(inside);
    if (scores.empty())
      return {};
    std::vector<float> out(items_.size(), -std::numeric_limits<float>::infinity());
    for (size_t item = 0; item < out.size(); ++item)
      if (rows_[item] >= 0)
        out[item] = scores[rows_[item]];
    return out;
  }
  // An evaluation asks for scores alone.
  std::vector<ScoredItem> recommend(const ModelQuery&) const override { return {}; }
  std::vector<ScoredItem> similar(int32_t, size_t, const ItemSet*) const override { return {}; }
  ModelSnapshotPtr with_items(std::span<const NewItem>) const override { return nullptr; }
  std::string save() const override { return {}; }
  size_t memory() const override { return 0; }

 private:
  const ModelSnapshot& snapshot_;
  const std::vector<std::string>& items_;
  std::vector<int32_t> rows_;
};

void note(const ModelReport& report, std::vector<std::pair<std::string, double>>& metrics) {
  for (const MetricValue& metric : report.metrics)
    metrics.emplace_back("live." + metric.name, metric.interval.value);
}

}  // namespace

GateVerdict compare(const Gate& gate, double candidate, std::optional<double> live, uint64_t live_version,
                    const std::string& how) {
  const std::string own = gate.metric + " " + number(candidate);
  const std::string other = "version " + std::to_string(live_version);
  if (!live)
    return {true, own + "; " + other + " could not be measured: " + how};
  const std::string both = own + " against " + number(*live) + " of " + other + ", " + how;
  const bool passed = candidate >= *live * (1 - gate.margin);  // not a number does not pass
  return {passed, passed ? both : both + ": worse by more than the gate's margin"};
}

Result<std::string> measure_live(const Serving& live, const ModelVersion& version, const ModelReport& candidate,
                                 const SplitData& data, const EvaluateOptions& options, TrainingProgress& progress,
                                 std::vector<std::pair<std::string, double>>& metrics) {
  const ModelVersion& served = live.version();
  if (served.last_event < data.held_out_from) {
    note(measure(InCatalogue(live, data.train.items), data, options), metrics);
    return std::string("as it is");
  }
  if (served.type == version.type && served.parameters == version.parameters && served.seed == version.seed) {
    note(candidate, metrics);
    return std::string("which has the same parameters");
  }
  const auto model = make_model(served.type, served.parameters);
  if (!model.ok())
    return "its parameters make no model any more: " + model.status().message();
  const auto fitted = (*model)->fit(data.train, {.seed = served.seed, .threads = options.threads}, progress);
  if (fitted.status().code() == Code::kCancelled)
    return fitted.status();
  if (!fitted.ok())
    return "it cannot be fitted any more: " + fitted.status().message();
  note(measure(**fitted, data, options), metrics);
  return std::string("fitted anew without the hold-out, which it has seen");
}

}  // namespace penstock
