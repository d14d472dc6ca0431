#include "actors/servers/experiments.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "actors/aggregators/experiment_type.h"
#include "actors/supervision/unknown_name.h"
#include "models/assignment.h"

namespace penstock {

Experiments::Experiments(Runtime& runtime, ImpressionLogs& impressions) : runtime_(runtime), impressions_(impressions) {
  topology::Diagnostics ignored("");
  for (const topology::BoundComponent& bound : runtime.plan.topology.components) {
    const topology::Component& component = bound.component;
    if (component.role != topology::Role::kExperiment)
      continue;
    Planned& planned = plans_.emplace_back();
    planned.plan = plan_experiment(component, nullptr, ignored);
    planned.salt = component.has("salt") ? component.text("salt") : component.id;
    planned.outcomes = std::get<std::string>(component.find("outcome")->find("input")->value);
    for (const ExperimentPlan::Variant& variant : planned.plan.variants)
      planned.shares.push_back(variant.share);
  }
}

const Experiments::Planned* Experiments::find(const std::string& id) const {
  for (const Planned& planned : plans_)
    if (planned.plan.id == id)
      return &planned;
  return nullptr;
}

Result<Recommendation> Experiments::recommend(const RecommendationQuery& query, const Answer& answer) const {
  const Planned* experiment = query.model.empty() && !plans_.empty() ? &plans_.front() : find(query.model);
  Result<Recommendation> out = Recommendation{};
  if (experiment == nullptr) {
    out = answer(query);
  } else {
    // Whoever has no name cannot be assigned for good: the first variant answers, and it is not measured.
    const bool known = !query.user.empty();
    const ExperimentPlan::Variant& variant =
        experiment->plan.variants[known ? assign(experiment->salt, query.user, experiment->shares) : 0];
    RecommendationQuery through = query;
    through.model = variant.model;
    out = answer(through);
    if (out.ok() && known) {
      out->experiment = experiment->plan.id;
      out->variant = variant.name;
    }
  }
  if (out.ok())
    note(query, experiment, *out);
  return out;
}

void Experiments::note(const RecommendationQuery& query, const Planned* experiment, Recommendation& answer) const {
  std::string log = experiment == nullptr ? "" : experiment->plan.impressions;
  for (const std::string& id : {answer.recommender, answer.model}) {
    const topology::BoundComponent* bound = log.empty() ? runtime_.plan.topology.find(id) : nullptr;
    if (bound != nullptr && bound->component.has("impressions"))
      log = bound->component.text("impressions");
  }
  if (log.empty() || answer.items.empty())
    return;
  Impression impression;
  impression.id = impressions_.new_id();
  impression.user = query.user;
  impression.model = answer.model;
  impression.model_version = answer.model_version;
  impression.recommender = answer.recommender;
  impression.experiment = answer.experiment;
  impression.variant = answer.variant;
  for (const RecommendedItem& item : answer.items)
    impression.items.push_back({item.item, item.score, item.strategy});
  std::string id = impression.id;
  if (impressions_.note(log, std::move(impression)))
    answer.impression = std::move(id);
}

ExperimentStatus Experiments::status(const Planned& planned) const {
  ExperimentStatus status;
  status.id = planned.plan.id;
  status.type = runtime_.plan.topology.find(status.id)->component.type;
  status.impressions = planned.plan.impressions;
  status.outcomes = planned.outcomes;
  status.within = planned.plan.within;
  const ViewRegistry::Workers workers = runtime_.views.get(status.id);
  const auto measured = workers.empty() ? nullptr : std::dynamic_pointer_cast<const Experiment>(workers.front());
  status.measuring = measured != nullptr;
  const std::vector<VariantSums> sums =
      measured ? measured->sums() : std::vector<VariantSums>(planned.plan.variants.size());
  const double whole = std::accumulate(planned.shares.begin(), planned.shares.end(), 0.0);
  std::vector<uint64_t> users;
  std::vector<double> shares;
  for (size_t i = 0; i < planned.plan.variants.size(); ++i) {
    const ExperimentPlan::Variant& variant = planned.plan.variants[i];
    status.variants.push_back(
        {variant.name, variant.model, variant.share / whole, sums[i], uplift(sums.front(), sums[i])});
    if (variant.share > 0) {
      users.push_back(sums[i].users);
      shares.push_back(variant.share);
    }
  }
  status.mismatch = sample_ratio_mismatch(users, shares);
  return status;
}

std::vector<ExperimentStatus> Experiments::list() const {
  std::vector<ExperimentStatus> out;
  for (const Planned& planned : plans_)
    out.push_back(status(planned));
  return out;
}

Result<ExperimentStatus> Experiments::show(const std::string& id) const {
  if (const Planned* planned = find(id))
    return status(*planned);
  std::vector<std::string> known;
  for (const Planned& planned : plans_)
    known.push_back(planned.plan.id);
  return not_found(unknown_name("experiment", id, known));
}

void Experiments::tell() const {
  for (const ExperimentStatus& status : list()) {
    const monitoring::Origin origin{status.id, "experiment", status.type};
    for (const ExperimentStatus::Variant& variant : status.variants) {
      const auto measured = [&](const std::string& metric, const Estimate& estimate) {
        if (std::isfinite(estimate.low) && std::isfinite(estimate.high))
          runtime_.monitor.emit(monitoring::ExperimentMeasured{origin, variant.name, metric, estimate.value,
                                                               estimate.low, estimate.high});
      };
      const auto users = static_cast<double>(variant.sums.users);
      measured("users", {users, users, users});
      for (const MetricUplift& metric : variant.metrics) {
        measured(metric.metric, metric.value);
        if (&variant != &status.variants.front())
          measured("uplift_" + metric.metric, metric.relative);
      }
    }
    runtime_.monitor.emit(monitoring::ExperimentMeasured{origin, "", "sample_ratio_p_value", status.mismatch,
                                                         status.mismatch, status.mismatch});
  }
}

}  // namespace penstock
