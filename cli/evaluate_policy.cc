#include "cli/evaluate_policy.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>

#include "actors/servers/json_writer.h"
#include "cli/app.h"
#include "cli/load_topology.h"
#include "cli/table.h"
#include "core/random.h"

namespace penstock::cli {
namespace {

constexpr size_t kMostSingleArms = 50;

class Even final : public TargetPolicy {
 public:
  std::vector<double> probabilities(std::span<const ArmBelief> arms, uint64_t) const override {
    return std::vector<double>(arms.size(), 1.0 / static_cast<double>(arms.size()));
  }
};

class Always final : public TargetPolicy {
 public:
  explicit Always(size_t arm) : arm_(arm) {}
  std::vector<double> probabilities(std::span<const ArmBelief> arms, uint64_t) const override {
    std::vector<double> out(arms.size());
    out[arm_] = 1;
    return out;
  }

 private:
  const size_t arm_;
};

class Learnt final : public TargetPolicy {
 public:
  explicit Learnt(BanditOptions options) : options_(options) {}
  std::vector<double> probabilities(std::span<const ArmBelief> arms, uint64_t number) const override {
    return propensities(arms, options_, splitmix64(number));
  }

 private:
  const BanditOptions options_;
};

struct Row {
  std::string policy;
  PolicyValue value;
};

std::vector<Row> evaluate_all(const ReadDecisions& decisions) {
  const BanditOptions& declared = decisions.options;
  std::vector<Row> rows;
  const size_t arms = decisions.arms.size();
  const auto add = [&](const std::string& name, const BanditOptions& options, const TargetPolicy& policy) {
    rows.push_back({name, evaluate_policy(decisions.log, arms, options, policy)});
  };
  std::vector<EvaluatedDecision> as_logged;
  for (const LoggedDecision& one : decisions.log)
    as_logged.push_back({one.reward, 1, 1, 0, 0});
  rows.push_back({"as logged", evaluate_policy(as_logged)});
  add("even", declared, Even());
  for (size_t arm = 0; arm < std::min(arms, kMostSingleArms); ++arm)
    add("always " + decisions.arms[arm], declared, Always(arm));
  BanditOptions options = declared;
  for (const auto& [name, policy] :
       {std::pair("thompson", BanditPolicy::kThompson), std::pair("linear_thompson", BanditPolicy::kLinearThompson),
        std::pair("linucb", BanditPolicy::kLinUcb)}) {
    options.policy = policy;
    const bool fits = policy != BanditPolicy::kThompson ||
                      std::all_of(decisions.log.begin(), decisions.log.end(),
                                  [](const LoggedDecision& one) { return one.reward >= 0 && one.reward <= 1; });
    if (fits)
      add(std::string(name) + (policy == declared.policy ? " (declared)" : ""), options, Learnt(options));
  }
  options.policy = BanditPolicy::kLinUcb;
  options.explore = options.alpha = 0;
  add("greedy", options, Learnt(options));
  return rows;
}

std::string shown(const Estimate& estimate) {
  char out[96];
  std::snprintf(out, sizeof out, "%.4f [%.4f, %.4f]", estimate.value, estimate.low, estimate.high);
  return std::isfinite(estimate.value) ? out : "-";
}

void print_text(const ReadDecisions& decisions, const std::vector<Row>& rows, std::ostream& out) {
  out << decisions.log.size() << " decisions among " << decisions.arms.size() << " arms";
  if (decisions.passed_over > 0)
    out << "; " << decisions.passed_over << " rows of other models or without a propensity were passed over";
  out << "\n\n";
  Table table({{"POLICY"},
               {"DOUBLY ROBUST [95 %]", Table::Align::kRight},
               {"SELF-NORMALISED IPS [95 %]", Table::Align::kRight},
               {"IPS [95 %]", Table::Align::kRight},
               {"EFFECTIVE", Table::Align::kRight}});
  for (const Row& row : rows) {
    char effective[32];
    std::snprintf(effective, sizeof effective, "%.0f", row.value.effective);
    table.add({printable(row.policy), row.policy == "as logged" ? "" : shown(row.value.dr),
               row.policy == "as logged" ? "" : shown(row.value.snips), shown(row.value.ips), effective});
  }
  table.print(out);
  out << "\nReward of a decision on average, had the policy made them. EFFECTIVE: decisions that say something about "
         "it; "
         "below\nsome hundred an interval is not to be trusted. Policies that learn act on one half of the log having "
         "learnt "
         "from the other.\n";
}

void write(JsonWriter& json, const char* name, const Estimate& estimate) {
  json.key(name).begin_object();
  json.field("value", estimate.value);
  json.field("low", estimate.low);
  json.field("high", estimate.high);
  json.end_object();
}

void print_json(const ReadDecisions& decisions, const std::vector<Row>& rows, std::ostream& out) {
  JsonWriter json;
  json.begin_object();
  json.field("decisions", decisions.log.size());
  json.field("passed_over", decisions.passed_over);
  json.key("policies").begin_array();
  for (const Row& row : rows) {
    json.begin_object();
    json.field("policy", row.policy);
    write(json, "ips", row.value.ips);
    write(json, "snips", row.value.snips);
    write(json, "dr", row.value.dr);
    json.field("effective", row.value.effective);
    json.field("heaviest", row.value.heaviest);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  out << json.take() << '\n';
}

}  // namespace

int evaluate_policies(const EvaluatePolicyOptions& options, const topology::CheckedTopology& topology,
                      std::ostream& out, std::ostream& err) {
  const auto decisions = read_decisions(options, topology);
  if (!decisions.ok()) {
    err << "penstock: " << printable(decisions.status().message()) << '\n';
    return exit_code(decisions.status().code());
  }
  const std::vector<Row> rows = evaluate_all(*decisions);
  options.json ? print_json(*decisions, rows, out) : print_text(*decisions, rows, out);
  return Exit::kOk;
}

void add_evaluate_policy(CLI::App& app, Exit& exit) {
  struct Arguments : EvaluatePolicyOptions {
    std::string topology;
  };
  auto options = std::make_shared<Arguments>();
  CLI::App* verb =
      add_verb(app, "evaluate-policy", "Say what other policies would have earned on a bandit's logged decisions.",
               "  penstock export shown --topology shop.yaml > shown.jsonl\n"
               "  penstock export clicks --topology shop.yaml > clicks.jsonl\n"
               "  penstock evaluate-policy shop.yaml --model offer --decisions shown.jsonl --outcomes clicks.jsonl\n");
  verb->add_option("TOPOLOGY", options->topology, "The topology file that declares the bandit")->required();
  verb->add_option("--model", options->model, "Which bandit (default: the only one)");
  verb->add_option("--decisions", options->decisions,
                   "JSON Lines: item, propensity, and impression or reward; context if the bandit has features")
      ->required();
  verb->add_option("--outcomes", options->outcomes, "JSON Lines with the columns of the bandit's input");
  verb->add_option_function<std::string>(
          "--format", [options](const std::string& how) { options->json = how == "json"; }, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
  verb->callback([options, &exit] {
    if (const auto plan = load_plan(options->topology, exit))
      exit.code = evaluate_policies(*options, plan->topology, std::cout, std::cerr);
  });
}

}  // namespace penstock::cli
