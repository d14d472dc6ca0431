#include "cli/hyper_search.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <thread>

#include "actors/aggregators/interaction_reader.h"
#include "actors/components.h"
#include "actors/make_context.h"
#include "cli/evaluate.h"
#include "cli/offline_features.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "cli/trial_log.h"
#include "core/units.h"
#include "models/split.h"

namespace penstock::cli {
namespace {

class Silent final : public TrainingProgress {
 public:
  void step(size_t, size_t, const std::string&) override {}
};

/// One search: the model, its data, and what is tried.
class Search {
 public:
  Search(const TuneOptions& options, const topology::CheckedTopology& topology, const topology::Component& component)
      : options_(options), topology_(topology), component_(component) {}

  Status prepare() {
    const MakeContext context = make_context(topology_, component_.id, Clock::system());
    PENSTOCK_ASSIGN(const ModelPtr model,
                    std::get<MakeModel>(component_entry(component_.role, component_.type).make)(context));
    start_ = model->parameters();
    const ModelType& type = *find_model_type(component_.type);
    std::vector<TuneRange> ranges;
    for (const std::string& text : options_.ranges) {
      PENSTOCK_ASSIGN(TuneRange range, parse_range(type, text));
      ranges.push_back(std::move(range));
    }
    if (ranges.empty())
      ranges = default_ranges(type, start_);
    if (ranges.empty())
      return invalid_argument("a model of type " + component_.type +
                              " has no numbers to search; name what to try with --range");
    tuner_ = std::make_unique<Tuner>(std::move(ranges), start_,
                                     options_.search == "random" ? Tuner::Search::kRandom : Tuner::Search::kBayesian,
                                     options_.seed);
    return read(*model);
  }

  Status run() {
    PENSTOCK_ASSIGN(TrialLog log, TrialLog::open(path(), identity()));
    if (!log.trials().empty())
      std::fprintf(stderr, "penstock: going on after %zu trials of %s\n", log.trials().size(), path().c_str());
    int64_t limit = INT64_MAX;
    if (!options_.time.empty()) {
      PENSTOCK_ASSIGN(const Duration time, parse_duration(options_.time));
      limit = time.micros * 1000;
    }
    Progress progress("tuning " + component_.id, "trials");
    const int64_t begun = Clock::system().monotonic_nanos();
    while (log.trials().size() < options_.trials && Clock::system().monotonic_nanos() - begun < limit) {
      progress.update(log.trials().size(), options_.trials, best_note(log));
      const LoggedTrial trial = attempt(log);
      PENSTOCK_TRY(log.add(trial));
    }
    progress.update(log.trials().size(), options_.trials, best_note(log));
    progress.finish();
    return show(log);
  }

 private:
  Status read(const Model& model) {
    SplitOptions how{.binarise = !options_.weighted,
                     .validation = true,
                     .sums = {.times = true, .half_life = half_life_of(component_)}};
    PENSTOCK_ASSIGN(how.protocol, parse_protocol(options_.protocol));
    PENSTOCK_ASSIGN(EventLog events, read_interactions(topology_, component_, options_.max_events));
    PENSTOCK_ASSIGN(data_, split(std::move(events), how));
    PENSTOCK_ASSIGN(const KnownFeatures features,
                    read_features_offline(topology_, component_, model, options_.max_events));
    features.fill(data_.train);
    for (const auto& items : data_.held_out)
      held_out_ += items.size();
    return ok();
  }

  std::string path() const {
    return options_.results.empty() ? topology_.name + "." + component_.id + ".tune.jsonl" : options_.results;
  }

  // Trials are comparable if they learnt from the same data and were measured alike.
  std::string identity() const {
    return component_.id + " " + component_.type + ", " + options_.protocol + (options_.weighted ? " weighted" : "") +
           " " + options_.metric + ", " + std::to_string(data_.train.by_user.entries()) + " learnt, " +
           std::to_string(held_out_) + " foretold, seed " + std::to_string(options_.seed) + " of " +
           std::to_string(options_.seeds);
  }

  // What failed counts as little as the worst that was measured, so that the search stays away from there.
  static std::vector<Trial> as_trials(const TrialLog& log) {
    double worst = 0;
    for (const LoggedTrial& each : log.trials())
      if (each.error.empty())
        worst = std::min(worst, each.trial.value);
    std::vector<Trial> out;
    for (const LoggedTrial& each : log.trials())
      out.push_back({each.trial.parameters, each.error.empty() ? each.trial.value : worst});
    return out;
  }

  LoggedTrial attempt(const TrialLog& log) const {
    LoggedTrial out;
    out.trial.parameters = tuner_->suggest(as_trials(log));
    const auto measured = measure(out.trial.parameters, out.seconds);
    if (measured.ok())
      out.trial.value = *measured;
    else
      out.error = measured.status().message();
    return out;
  }

  Result<double> measure(const ParameterValues& tried, double& seconds) const {
    ParameterValues all = start_;
    for (const auto& [name, value] : tried)
      std::ranges::find(all, name, &std::pair<std::string, std::string>::first)->second = value;
    PENSTOCK_ASSIGN(const ModelPtr model, make_model(component_.type, all));
    EvaluateOptions how{.cutoffs = {10, 20}, .baselines = false};
    how.threads =
        options_.threads > 0 ? options_.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    double sum = 0;
    for (uint64_t i = 0; i < options_.seeds; ++i) {
      how.seed = options_.seed + i;
      Silent silent;
      PENSTOCK_ASSIGN(const EvaluationReport report, evaluate(*model, data_, how, silent));
      sum += report.models.front().value(options_.metric);
      seconds += report.models.front().seconds;
    }
    return sum / static_cast<double>(options_.seeds);
  }

  std::vector<const LoggedTrial*> ranked(const TrialLog& log) const {
    std::vector<const LoggedTrial*> out;
    for (const LoggedTrial& each : log.trials())
      if (each.error.empty())
        out.push_back(&each);
    std::ranges::stable_sort(out, std::greater<>(), [](const LoggedTrial* each) { return each->trial.value; });
    return out;
  }

  // The ranges may leave the topology's own values out.
  bool is_start(const ParameterValues& tried) const {
    return std::ranges::all_of(tried,
                               [&](const auto& each) { return std::ranges::find(start_, each) != start_.end(); });
  }

  std::string best_note(const TrialLog& log) const {
    const auto best = ranked(log);
    char text[64] = "";
    if (!best.empty())
      std::snprintf(text, sizeof(text), "best %s %.4f", options_.metric.c_str(), best.front()->trial.value);
    return text;
  }

  Status show(const TrialLog& log) const {
    const auto best = ranked(log);
    if (best.empty())
      return log.trials().empty() ? unavailable("there was no time for a trial; give more with --time")
                                  : internal_error("every trial failed; the last: " + log.trials().back().error);
    std::printf("%s on validation data cut from the training part (%s)\n\n", options_.metric.c_str(),
                identity().c_str());
    std::vector<Table::Column> columns = {{options_.metric, Table::Align::kRight}};
    for (const TuneRange& range : tuner_->ranges())
      columns.push_back({range.name, Table::Align::kRight});
    columns.push_back({"seconds", Table::Align::kRight});
    Table table(std::move(columns));
    constexpr size_t kShown = 10;
    for (size_t i = 0; i < std::min(kShown, best.size()); ++i) {
      char value[32], seconds[32];
      std::snprintf(value, sizeof(value), "%.4f", best[i]->trial.value);
      std::snprintf(seconds, sizeof(seconds), "%.2f", best[i]->seconds);
      std::vector<std::string> cells = {value};
      for (const auto& [name, text] : best[i]->trial.parameters)
        cells.push_back(text);
      cells.emplace_back(seconds);
      table.add(std::move(cells));
    }
    table.print(std::cout);
    const LoggedTrial& first = log.trials().front();
    std::printf("\n%zu trials, kept in %s", log.trials().size(), path().c_str());
    if (first.error.empty() && is_start(first.trial.parameters))
      std::printf("; the topology's own values reach %.4f", first.trial.value);
    std::printf("\n\nThe best, for models.%s:\n", component_.id.c_str());
    for (const auto& [name, value] : best.front()->trial.parameters)
      std::printf("    %s: %s\n", name.c_str(), value.c_str());
    std::printf("\nMeasure it on the test part: penstock evaluate %s --model %s --protocol %s\n", options_.file.c_str(),
                component_.id.c_str(), options_.protocol.c_str());
    std::cout << std::flush;
    return ok();
  }

  const TuneOptions& options_;
  const topology::CheckedTopology& topology_;
  const topology::Component& component_;
  ParameterValues start_;  // the topology's
  std::unique_ptr<Tuner> tuner_;
  SplitData data_;
  size_t held_out_ = 0;
};

}  // namespace

Status search_parameters(const TuneOptions& options, const topology::CheckedTopology& topology,
                         const topology::Component& model) {
  Search search(options, topology, model);
  PENSTOCK_TRY(search.prepare());
  return search.run();
}

}  // namespace penstock::cli
