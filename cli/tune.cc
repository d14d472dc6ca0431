#include "cli/tune.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "actors/components.h"
#include "cli/app.h"
#include "cli/hyper_search.h"
#include "cli/load_topology.h"
#include "core/nearest.h"

namespace penstock::cli {
namespace {

Result<const topology::Component*> choose_model(const topology::CheckedTopology& topology, const std::string& wanted) {
  std::vector<std::string> known;
  for (const topology::BoundComponent& bound : topology.components) {
    const topology::Component& component = bound.component;
    const bool learns = component.role == topology::Role::kModel &&
                        std::holds_alternative<MakeModel>(component_entry(component.role, component.type).make);
    if (!learns)
      continue;
    if (component.id == wanted || wanted.empty())
      return &component;
    known.push_back(component.id);
  }
  const auto meant = nearest(wanted, known);
  return not_found(topology.file + " declares no model" + (wanted.empty() ? "" : " \"" + wanted + "\"") +
                   " that can be tuned" + (meant ? "; did you mean \"" + *meant + "\"?" : ""));
}

Status run(const TuneOptions& options, Exit& exit) {
  const auto plan = load_plan(options.file, exit);
  if (!plan)
    return ok();  // the mistakes have been printed
  PENSTOCK_ASSIGN(const topology::Component* component, choose_model(plan->topology, options.model));
  return search_parameters(options, plan->topology, *component);
}

}  // namespace

void add_tune(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<TuneOptions>();
  CLI::App* verb =
      add_verb(app, "tune", "Search a model's hyper-parameters on validation data.",
               "  penstock tune config/topologies/demo.yaml --model taste\n"
               "  penstock tune shop.yaml --model taste --protocol llo --trials 50 --time 10m\n"
               "  penstock tune shop.yaml --range factors=16:256:log --range regularization=0.01:10:log\n");
  verb->add_option("FILE", options->file, "The topology file")->required();
  verb->add_option("--model", options->model, "The model (default: the first)");
  verb->add_option(
      "--range", options->ranges,
      "What to search: name=low:high, name=low:high:log or name=one|other; may be repeated (default: every "
      "number, around the topology's value)");
  verb->add_option("--protocol", options->protocol, "As of evaluate; the validation data are cut by it once more")
      ->check(CLI::IsMember({"llo", "r80", "temporal"}))
      ->capture_default_str();
  verb->add_option("--metric", options->metric, "What to make large")
      ->check(CLI::IsMember(
          {"ndcg@10", "ndcg@20", "hr@10", "hr@20", "recall@10", "recall@20", "map@10", "map@20", "mrr", "auc"}))
      ->capture_default_str();
  verb->add_option("--search", options->search, "bayesian: where most improvement is expected; or random")
      ->check(CLI::IsMember({"bayesian", "random"}))
      ->capture_default_str();
  verb->add_option("--trials", options->trials, "Trials in all, with those of an earlier run")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  verb->add_option("--time", options->time, "Begin no trial after so long, such as 10m");
  verb->add_option("--seed", options->seed, "Seed of the search and of the trainings")->capture_default_str();
  verb->add_option("--seeds", options->seeds, "Trainings of a trial, of which the mean counts")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  verb->add_option("--threads", options->threads, "Threads (default: one a core)")->check(CLI::Range(1, 1024));
  verb->add_option("--max-events", options->max_events, "Read at most so many records")->capture_default_str();
  verb->add_flag("--weighted", options->weighted,
                 "Learn from the topology's weights instead of counting each pair as 1");
  verb->add_option("--results", options->results,
                   "The file of the trials (default: TOPOLOGY.MODEL.tune.jsonl); a search goes on where it ended");
  verb->callback([options, &exit] { exit.fail(run(*options, exit)); });
}

}  // namespace penstock::cli
