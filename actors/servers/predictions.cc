#include "actors/servers/predictions.h"

#include "actors/supervision/unknown_name.h"

namespace penstock {
namespace {

bool foretells(const topology::BoundComponent& bound) {
  return bound.component.role == topology::Role::kModel && bound.binding.online && bound.component.type == "logistic";
}

std::vector<std::pair<std::string, double>> metrics_of(const OnlineCalibration::Quality& quality) {
  return {{"auc", quality.auc},
          {"log_loss", quality.log_loss},
          {"calibration_error", quality.calibration_error},
          {"share_true", quality.share_true},
          {"precision", quality.precision},
          {"recall", quality.recall},
          {"threshold", quality.threshold},
          {"concept_drift", quality.concept_drift}};
}

}  // namespace

Result<std::shared_ptr<const Predictor>> Predictions::predictor(const topology::BoundComponent& model) const {
  const ViewRegistry::Workers workers = runtime_->views.get(model.component.id);
  auto found = workers.empty() ? nullptr : std::dynamic_pointer_cast<const Predictor>(workers.front());
  if (!found)
    return failed_precondition("model \"" + model.component.id + "\" is still starting; ask again in a moment");
  return found;
}

Result<PredictionAnswer> Predictions::predict(const std::string& model, std::span<const PredictionRow> rows,
                                              bool contributions) const {
  std::vector<std::string> known;
  for (const topology::BoundComponent& bound : runtime_->plan.topology.components) {
    if (!foretells(bound))
      continue;
    known.push_back(bound.component.id);
    if (!model.empty() && bound.component.id != model)
      continue;
    PENSTOCK_ASSIGN(const std::shared_ptr<const Predictor> predictor, this->predictor(bound));
    PredictionAnswer answer{bound.component.id, {}, predictor->learnt().rows};
    for (size_t i = 0; i < rows.size(); ++i) {
      Result<Prediction> prediction = predictor->predict(rows[i], contributions);
      if (!prediction.ok())
        return rows.size() == 1 ? prediction.status() : prediction.status().with_context("row " + std::to_string(i));
      answer.predictions.push_back(std::move(prediction).value());
    }
    const monitoring::Origin origin{bound.component.id, "server", bound.component.type};
    for (size_t i = 0; i < rows.size(); ++i)
      runtime_->monitor.emit(monitoring::PredictionServed{origin, "predicted"});
    return answer;
  }
  if (const topology::BoundComponent* other = runtime_->plan.topology.find(model);
      other != nullptr && other->component.role == topology::Role::kModel)
    return not_found("the model \"" + model + "\" of type " + other->component.type +
                     " foretells no outcomes; one of type logistic does");
  return not_found(unknown_name("model that foretells outcomes called", model, known));
}

std::vector<ModelStatus> Predictions::status() const {
  std::vector<ModelStatus> out;
  for (const topology::BoundComponent& bound : runtime_->plan.topology.components) {
    if (!foretells(bound))
      continue;
    ModelStatus status;
    status.id = bound.component.id;
    status.type = bound.component.type;
    status.state = "online";
    if (const auto predictor = this->predictor(bound); predictor.ok()) {
      const Predictor::Learnt learnt = (*predictor)->learnt();
      status.message = "learnt from " + std::to_string(learnt.rows) + " rows";
      status.live_quality.push_back(
          {0, "all", static_cast<uint64_t>(learnt.quality.cases), metrics_of(learnt.quality)});
    }
    out.push_back(std::move(status));
  }
  return out;
}

void Predictions::tell() const {
  for (const ModelStatus& model : status()) {
    const monitoring::Origin origin{model.id, "server", model.type};
    for (const LiveFigures& figures : model.live_quality)
      for (const auto& [metric, value] : figures.metrics)
        runtime_->monitor.emit(
            monitoring::PrequentialMeasured{origin, figures.version, figures.segment, metric, value});
  }
}

}  // namespace penstock
