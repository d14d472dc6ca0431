#include "cli/evaluate.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <thread>

#include "actors/aggregators/interaction_reader.h"
#include "actors/make_context.h"
#include "cli/app.h"
#include "cli/evaluate_predictions.h"
#include "cli/load_topology.h"
#include "cli/offline_features.h"
#include "cli/offline_flow.h"
#include "cli/progress.h"

namespace penstock::cli {
namespace {

struct Options {
  std::string file;
  std::vector<std::string> models;
  std::string protocol = "temporal";
  std::vector<int> cutoffs = {10, 20};
  uint64_t seed = 1;
  uint64_t seeds = 1;
  int threads = 0;
  uint64_t max_events = 100'000'000;
  bool weighted = false;
  bool validation = false;
  std::string format = "text";
};

/// The chosen models, grouped by what they read: models of one group share events and split.
using Groups = std::map<std::string, std::vector<const topology::Component*>>;

bool is_wanted(const topology::Component& component, const std::vector<std::string>& wanted) {
  return wanted.empty() || std::ranges::find(wanted, component.id) != wanted.end();
}

Result<Groups> choose_models(const topology::CheckedTopology& topology, const std::vector<std::string>& wanted) {
  Groups groups;
  size_t found = 0;
  for (const topology::BoundComponent& bound : topology.components) {
    const topology::Component& component = bound.component;
    if (component.role != topology::Role::kModel || !is_wanted(component, wanted))
      continue;
    ++found;
    if (bound.binding.online)
      continue;  // has no items to rank
    std::string reads = component.inputs.front();
    for (const char* property : {"user", "item", "weight", "time"})
      reads += "\n" + (component.has(property) ? component.text(property) : "");
    reads += "\n" + to_string(half_life_of(component));
    groups[reads].push_back(&component);
  }
  if (found == 0 || found < wanted.size())
    return not_found(topology.file + " declares no model" +
                     (wanted.empty() ? " at all: there is nothing to evaluate" : " of that name"));
  return groups;
}

Result<EventLog> read_events(const topology::CheckedTopology& topology, const topology::Component& model,
                             const Options& options) {
  const std::string& input = model.inputs.front();
  PENSTOCK_ASSIGN(const InteractionReader reader, InteractionReader::make(model, topology.find(input)->binding.output));
  const ManualClock clock;  // stands still, so that a source with a pace gives its history and nothing more
  PENSTOCK_ASSIGN(OfflineFlow flow, OfflineFlow::make(topology, input, clock));
  EventLog events;
  std::vector<Rejected> rejected;
  Progress progress("reading " + input, "records");
  const auto take = [&](const BatchPtr& batch) {
    reader.read(batch, rejected, [&](const InteractionView& seen) {
      events.add({std::string(seen.user), std::string(seen.item), seen.weight, seen.at});
    });
    return ok();
  };
  const auto show = [&](const OfflineRead& so_far, const SourceProgress& source) {
    progress.update(so_far.records, source.unit == "events" ? source.total : 0);
  };
  PENSTOCK_ASSIGN(const OfflineRead done, flow.run(options.max_events, take, show));
  progress.finish();
  const uint64_t lost = done.rejected + rejected.size();
  if (lost > 0)
    std::fprintf(stderr, "penstock: %s records could not be used; the first: %s\n", with_separators(lost).c_str(),
                 (done.rejected > 0 ? done.first_reason : rejected.front().reason).c_str());
  if (done.records >= options.max_events)
    std::fprintf(stderr, "penstock: stopped after %s records; --max-events sets another limit\n",
                 with_separators(done.records).c_str());
  return events;
}

/// Adds one seed's figures to the sums over the seeds.
void add_seed(const EvaluationReport& seed, EvaluationReport& sum) {
  for (size_t i = 0; i < sum.models.size(); ++i) {
    sum.models[i].seconds += seed.models[i].seconds;
    for (size_t j = 0; j < sum.models[i].metrics.size(); ++j) {
      Interval& into = sum.models[i].metrics[j].interval;
      const Interval& from = seed.models[i].metrics[j].interval;
      into = {into.value + from.value, into.low + from.low, into.high + from.high};
    }
  }
}

void divide(EvaluationReport& sum, double seeds) {
  for (ModelReport& model : sum.models) {
    model.seconds /= seeds;
    for (MetricValue& metric : model.metrics)
      metric.interval = {metric.interval.value / seeds, metric.interval.low / seeds, metric.interval.high / seeds};
  }
}

/// Evaluates one model with every seed; the report's models are it and, if asked for, the baselines.
Result<EvaluatedSplit> evaluate_model(const topology::CheckedTopology& topology, const topology::Component& component,
                                      SplitData& data, const Options& options, bool baselines) {
  const MakeContext context = make_context(topology, component.id, Clock::system());
  PENSTOCK_ASSIGN(const ModelPtr model,
                  std::get<MakeModel>(component_entry(component.role, component.type).make)(context));
  PENSTOCK_ASSIGN(const KnownFeatures features, read_features_offline(topology, component, *model, options.max_events));
  features.fill(data.train);
  EvaluateOptions how{.cutoffs = options.cutoffs, .baselines = baselines};
  how.threads =
      options.threads > 0 ? options.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  EvaluatedSplit out;
  const std::string ndcg = "ndcg@" + std::to_string(options.cutoffs.front());
  std::vector<double> lowest, highest;
  for (uint64_t i = 0; i < options.seeds; ++i) {
    how.seed = options.seed + i;
    ShownTraining training("training " + component.id);
    PENSTOCK_ASSIGN(EvaluationReport report, evaluate(*model, data, how, training));
    training.finish();
    report.models.front().name = component.id;
    lowest.resize(report.models.size(), 1);
    highest.resize(report.models.size(), 0);
    for (size_t m = 0; m < report.models.size(); ++m) {
      lowest[m] = std::min(lowest[m], report.models[m].value(ndcg));
      highest[m] = std::max(highest[m], report.models[m].value(ndcg));
    }
    if (i == 0)
      out.report = std::move(report);
    else
      add_seed(report, out.report);
  }
  divide(out.report, static_cast<double>(options.seeds));
  for (size_t m = 0; m < lowest.size(); ++m)
    out.spread.push_back(highest[m] - lowest[m]);
  return out;
}

Result<EvaluatedSplit> evaluate_group(const topology::CheckedTopology& topology,
                                      const std::vector<const topology::Component*>& models, const Options& options) {
  SplitOptions split_options{.binarise = !options.weighted,
                             .validation = options.validation,
                             .sums = {.times = true, .half_life = half_life_of(*models.front())}};
  PENSTOCK_ASSIGN(split_options.protocol, parse_protocol(options.protocol));
  PENSTOCK_ASSIGN(EventLog events, read_events(topology, *models.front(), options));
  PENSTOCK_ASSIGN(SplitData data, split(std::move(events), split_options));
  EvaluatedSplit all;
  for (size_t i = 0; i < models.size(); ++i) {
    PENSTOCK_ASSIGN(EvaluatedSplit one, evaluate_model(topology, *models[i], data, options, i + 1 == models.size()));
    std::ranges::move(one.report.models, std::back_inserter(all.report.models));
    std::ranges::move(one.spread, std::back_inserter(all.spread));
    one.report.models = std::move(all.report.models);
    all.report = std::move(one.report);
  }
  all.dropped_users = data.dropped_users;
  all.seeds = options.seeds;
  return all;
}

Status run(const Options& options, Exit& exit) {
  const auto plan = load_plan(options.file, exit);
  if (!plan)
    return ok();  // the mistakes have been printed
  PENSTOCK_ASSIGN(const Groups groups, choose_models(plan->topology, options.models));
  std::vector<EvaluatedSplit> splits;
  for (const auto& [reads, models] : groups) {
    PENSTOCK_ASSIGN(EvaluatedSplit split, evaluate_group(plan->topology, models, options));
    splits.push_back(std::move(split));
    if (options.format == "text")
      std::printf("%s%s", splits.size() > 1 ? "\n" : "", evaluation_text(splits.back()).c_str());
  }
  if (options.format == "json") {
    std::fputs(evaluation_json(splits).c_str(), stdout);
    return ok();
  }
  for (const topology::BoundComponent& bound : plan->topology.components)
    if (bound.component.type == "logistic" && is_wanted(bound.component, options.models)) {
      std::printf("%s", splits.empty() ? "" : "\n");
      PENSTOCK_TRY(show_outcomes(plan->topology, bound.component, options.max_events, options.seed));
    }
  return ok();
}

}  // namespace

Result<EventLog> read_interactions(const topology::CheckedTopology& topology, const topology::Component& model,
                                   uint64_t max_events) {
  Options options;
  options.max_events = max_events;
  return read_events(topology, model, options);
}

void add_evaluate(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      add_verb(app, "evaluate", "Measure a topology's models offline, next to most popular and random.",
               "  penstock evaluate config/topologies/demo.yaml\n"
               "  MOVIELENS=ml-100k penstock evaluate config/topologies/movielens.yaml --protocol llo --seeds 3\n"
               "  penstock evaluate shop.yaml --model taste --k 5,10 --format json\n");
  verb->add_option("FILE", options->file, "The topology file")->required();
  verb->add_option("--model", options->models, "Only these models (default: all)")->delimiter(',');
  verb->add_option("--protocol", options->protocol,
                   "llo: hold out each user's last interaction; r80: a fifth by hash; temporal: the newest fifth")
      ->check(CLI::IsMember({"llo", "r80", "temporal"}))
      ->capture_default_str();
  verb->add_option("--k", options->cutoffs, "Cut-offs of the metrics")->delimiter(',')->check(CLI::Range(1, 1000));
  verb->add_option("--seed", options->seed, "Seed of the training")->capture_default_str();
  verb->add_option("--seeds", options->seeds, "Number of seeds to take the mean over, counted up from --seed")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_option("--threads", options->threads, "Threads (default: one a core)")->check(CLI::Range(1, 1024));
  verb->add_option("--max-events", options->max_events, "Read at most so many records")->capture_default_str();
  verb->add_flag("--weighted", options->weighted,
                 "Learn from the topology's weights instead of counting each pair as 1");
  verb->add_flag("--validation", options->validation,
                 "Measure on what the protocol holds out of its own training part: for choosing hyper-parameters");
  verb->add_option("--format", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  verb->callback([options, &exit] { exit.fail(run(*options, exit)); });
}

}  // namespace penstock::cli
