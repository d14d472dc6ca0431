#include "cli/experiments.h"

#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>

#include "actors/servers/http_target.h"
#include "cli/answer_json.h"
#include "cli/app.h"
#include "cli/table.h"

namespace penstock::cli {
namespace {

namespace dom = simdjson::dom;

std::string format(const char* how, double value) {
  char out[64];
  std::snprintf(out, sizeof out, how, value);
  return std::isfinite(value) ? out : "-";
}

std::string interval(const Element& estimate, const char* how, double times = 1) {
  if (estimate.error() != simdjson::SUCCESS)
    return "";
  const double low = number(estimate["low"], NAN), high = number(estimate["high"], NAN);
  std::string out = format(how, times * number(estimate["value"], NAN));
  if (std::isfinite(low) && std::isfinite(high))
    out += " [" + format(how, times * low) + ", " + format(how, times * high) + "]";
  return out;
}

void print_experiment(const dom::element& experiment, std::ostream& out) {
  out << text(experiment["name"]) << " (" << text(experiment["type"]) << "): " << text(experiment["impressions"])
      << " against " << text(experiment["outcomes"]) << '\n';
  Table counted({{"VARIANT"},
                 {"ANSWERED BY"},
                 {"SHARE", Table::Align::kRight},
                 {"USERS", Table::Align::kRight},
                 {"IMPRESSIONS", Table::Align::kRight},
                 {"CONVERTED", Table::Align::kRight},
                 {"OUTCOMES", Table::Align::kRight},
                 {"VALUE", Table::Align::kRight}});
  Table measured({{"METRIC"},
                  {"VARIANT"},
                  {"VALUE [95 %]", Table::Align::kRight},
                  {"UPLIFT % [95 %]", Table::Align::kRight},
                  {"P", Table::Align::kRight}});
  for (const dom::element variant : dom::array(experiment["variants"]))
    counted.add({text(variant["name"]), text(variant["model"]), format("%.0f %%", 100 * number(variant["share"], NAN)),
                 format("%.0f", number(variant["users"], NAN)), format("%.0f", number(variant["impressions"], NAN)),
                 format("%.0f", number(variant["converted"], NAN)), format("%.0f", number(variant["outcomes"], NAN)),
                 format("%.2f", number(variant["value"], NAN))});
  counted.print(out);
  out << '\n';
  for (const char* metric : {"conversion", "outcomes_per_user", "value_per_user", "outcomes_per_impression"})
    for (const dom::element variant : dom::array(experiment["variants"])) {
      const Element figures = variant["metrics"][metric];
      measured.add(
          {metric, text(variant["name"]), interval(figures, "%.4f"), interval(figures["uplift"], "%+.1f", 100),
           figures["p_value"].error() == simdjson::SUCCESS ? format("%.4f", number(figures["p_value"], NAN)) : ""});
    }
  measured.print(out);
  bool mismatch = false;
  if (experiment["sample_ratio"]["mismatch"].get(mismatch) == simdjson::SUCCESS && mismatch)
    out << "\nSample ratio mismatch (p " << format("%.2g", number(experiment["sample_ratio"]["p_value"], NAN))
        << "): users are not parted as declared. Find out why before you believe any figure above.\n";
}

Status print(const std::string& answer, std::ostream& out) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS)
    return internal_error("the node's answer is not what this version of penstock expects; are both of one version?");
  dom::array all;
  if (root["experiments"].get(all) != simdjson::SUCCESS) {
    print_experiment(root, out);
    return ok();
  }
  bool any = false;
  for (const dom::element experiment : all) {
    out << (any ? "\n" : "");
    any = true;
    print_experiment(experiment, out);
  }
  if (!any)
    out << "The topology has no experiments.\n";
  return ok();
}

}  // namespace

int experiments(const ExperimentsOptions& options, std::ostream& out, std::ostream& err) {
  const std::string target = options.name.empty() ? "" : "/" + percent_encode(options.name);
  return show_answer({options.url, "/v1/experiments" + target, options.json}, print, out, err);
}

void add_experiments(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<ExperimentsOptions>();
  CLI::App* verb = add_verb(app, "experiments", "Ask a running node what its experiments have shown.",
                            "  penstock experiments\n"
                            "  penstock experiments homepage --format json\n");
  verb->add_option("NAME", options->name, "Only this experiment");
  verb->add_option("--url", options->url, "Where the node listens")->capture_default_str();
  verb->add_option_function<std::string>(
          "--format", [options](const std::string& how) { options->json = how == "json"; },
          "text, or json: the node's answer as it is")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
  verb->callback([options, &exit] { exit.code = experiments(*options, std::cout, std::cerr); });
}

}  // namespace penstock::cli
