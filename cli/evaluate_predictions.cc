#include "cli/evaluate_predictions.h"

#include <cstdio>
#include <iostream>

#include "actors/aggregators/logistic.h"
#include "actors/aggregators/prediction_reader.h"
#include "cli/offline_flow.h"
#include "cli/progress.h"
#include "cli/table.h"

namespace penstock::cli {
namespace {

constexpr int kEpochs = 5;
constexpr size_t kLeastRows = 20;

std::vector<FtrlInput> inputs_of(const Ftrl& model, const PredictionEncoder& encoder, const OutcomeRow& row) {
  std::vector<Feature> features;
  encoder.encode(row.values, features);
  std::vector<FtrlInput> out;
  out.reserve(features.size());
  for (const Feature& feature : features)
    out.push_back({model.bucket(feature.name), feature.value});
  return out;
}

OutcomeFigures figures(std::string learner, const std::vector<Foretold>& foretold) {
  return {std::move(learner), area_under_curve(foretold), log_loss(foretold),
          expected_calibration_error(reliability(foretold))};
}

std::vector<Foretold> learn_online(const std::vector<OutcomeRow>& rows, size_t test, PredictionEncoder encoder,
                                   const FtrlParameters& parameters, double window) {
  Ftrl model(parameters);
  OnlineCalibration calibration(window);
  std::vector<Foretold> out;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::vector<FtrlInput> inputs = inputs_of(model, encoder, rows[i]);
    const double log_odds = model.learn(inputs, rows[i].label, rows[i].weight);
    if (i >= test)
      out.push_back({calibration.probability(log_odds), rows[i].label});
    calibration.learn(log_odds, rows[i].label);
    encoder.learn(rows[i].values);
  }
  return out;
}

std::vector<Foretold> learn_batch(const std::vector<OutcomeRow>& rows, size_t test, PredictionEncoder encoder,
                                  const FtrlParameters& parameters, int epochs, uint64_t seed) {
  for (size_t i = 0; i < test; ++i)
    encoder.learn(rows[i].values);
  const Ftrl hash(parameters);
  std::vector<FtrlExample> examples;
  for (size_t i = 0; i < test; ++i)
    examples.push_back({inputs_of(hash, encoder, rows[i]), rows[i].label, rows[i].weight});
  const Ftrl model = fit_ftrl(parameters, examples, epochs, seed);
  std::vector<Foretold> out;
  for (size_t i = test; i < rows.size(); ++i)
    out.push_back({sigmoid(model.score(inputs_of(model, encoder, rows[i]))), rows[i].label});
  return out;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4f", value);
  return text;
}

}  // namespace

std::vector<OutcomeFigures> evaluate_outcomes(const std::vector<OutcomeRow>& rows,
                                              const std::vector<PredictionColumn>& columns,
                                              const FtrlParameters& parameters, double window, int epochs,
                                              uint64_t seed) {
  const size_t test = rows.size() - rows.size() / 5;
  const PredictionEncoder encoder(columns);
  double share = 0;
  for (size_t i = 0; i < test; ++i)
    share += rows[i].label ? 1.0 / static_cast<double>(test) : 0;
  std::vector<Foretold> constant;
  for (size_t i = test; i < rows.size(); ++i)
    constant.push_back({share, rows[i].label});
  return {figures("online", learn_online(rows, test, encoder, parameters, window)),
          figures("batch, " + std::to_string(epochs) + " passes",
                  learn_batch(rows, test, encoder, parameters, epochs, seed)),
          figures("share of true ones", constant)};
}

Status show_outcomes(const topology::CheckedTopology& topology, const topology::Component& model, uint64_t max_events,
                     uint64_t seed) {
  const std::string& input = model.inputs.front();
  PENSTOCK_ASSIGN(const PredictionReader reader, PredictionReader::make(model, topology.find(input)->binding.output));
  const ManualClock clock;  // stands still, so that a source with a pace gives its history and nothing more
  PENSTOCK_ASSIGN(OfflineFlow flow, OfflineFlow::make(topology, input, clock));
  std::vector<OutcomeRow> rows;
  std::vector<Rejected> rejected;
  Progress progress("reading " + input, "records");
  const auto take = [&](const BatchPtr& batch) {
    reader.read(batch, rejected, [&](const LabelledRow& row) {
      rows.push_back({{row.values.begin(), row.values.end()}, row.label, row.weight});
    });
    return ok();
  };
  const auto shown = [&](const OfflineRead& so_far, const SourceProgress& source) {
    progress.update(so_far.records, source.unit == "events" ? source.total : 0);
  };
  PENSTOCK_ASSIGN(const OfflineRead done, flow.run(max_events, take, shown));
  progress.finish();
  if (rows.size() < kLeastRows)
    return invalid_argument("model \"" + model.id + "\": of " + with_separators(done.records) + " records only " +
                            std::to_string(rows.size()) + " have a known outcome; " + std::to_string(kLeastRows) +
                            " are needed");
  std::printf("%s (logistic): %s rows, of which the last %s are foretold\n\n", model.id.c_str(),
              with_separators(rows.size()).c_str(), with_separators(rows.size() / 5).c_str());
  Table table({{"learner"},
               {"auc", Table::Align::kRight},
               {"log loss", Table::Align::kRight},
               {"calibration error", Table::Align::kRight}});
  for (const OutcomeFigures& each :
       evaluate_outcomes(rows, reader.columns(), ftrl_parameters(model), model.number("window"), kEpochs, seed))
    table.add({each.learner, number(each.auc), number(each.log_loss), number(each.calibration_error)});
  table.print(std::cout);
  std::printf(
      "\nonline: what a node does, each row foretold and then learnt, calibrated; batch: learnt from the rows before "
      "only,\n"
      "not calibrated. auc: share of pairs in the right order; log loss: natural logarithm; calibration error: 10 "
      "bins.\n");
  std::cout << std::flush;
  return ok();
}

}  // namespace penstock::cli
