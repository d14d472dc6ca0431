#include "cli/node_verbs.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/app.h"
#include "cli/recommend.h"
#include "cli/similar.h"
#include "cli/status.h"

namespace penstock::cli {
namespace {

/// What every verb of a node takes. The options outlive the parsing: the callback keeps them.
void add_node_options(CLI::App* verb, std::string& url, bool& json) {
  verb->add_option("--url", url, "Where the node listens")->capture_default_str();
  verb->add_option_function<std::string>(
          "--format", [&json](const std::string& format) { json = format == "json"; },
          "text, or json: the node's answer as it is")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
}

}  // namespace

void add_recommend(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<RecommendOptions>();
  CLI::App* verb = add_verb(app, "recommend", "Ask a running node what a user will want next.",
                            "  penstock recommend --user 42 -n 5\n"
                            "  penstock recommend --user 42 --exclude 7,9 --url http://127.0.0.1:9000 --format json\n"
                            "  penstock recommend --user 42 --model home --filter \"price < 20\"\n"
                            "  penstock recommend --session 17,4,23\n");
  verb->add_option("--user", options->user, "The user");
  verb->add_option(
          "--session", options->session,
          "Items that somebody has just had to do with, oldest first: instead of a user, or behind what the user did")
      ->delimiter(',');
  verb->add_option("-n", options->n, "How many items")->check(CLI::Range(1, 1000))->capture_default_str();
  verb->add_option("--exclude", options->exclude, "Items that must not be among them")->delimiter(',');
  verb->add_option("--filter", options->filter, "SQL over the columns of the recommender's items");
  verb->add_option("--model", options->model, "Which recommender or model (default: the topology's first)");
  add_node_options(verb, options->url, options->json);
  verb->callback([options, &exit] { exit.code = recommend(*options, std::cout, std::cerr); });
}

void add_similar(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<SimilarOptions>();
  CLI::App* verb = add_verb(app, "similar", "Ask a running node which items are like an item.",
                            "  penstock similar --item 50 -n 5\n");
  verb->add_option("--item", options->item, "The item")->required();
  verb->add_option("-n", options->n, "How many items")->check(CLI::Range(1, 1000))->capture_default_str();
  verb->add_option("--model", options->model, "Which model (default: the topology's first)");
  add_node_options(verb, options->url, options->json);
  verb->callback([options, &exit] { exit.code = similar(*options, std::cout, std::cerr); });
}

void add_status(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* verb = add_verb(app, "status", "Ask a running node what it is doing.",
                            "  penstock status\n"
                            "  penstock status --url http://127.0.0.1:9000 --format json\n");
  add_node_options(verb, options->url, options->json);
  verb->callback([options, &exit] { exit.code = status(*options, std::cout, std::cerr); });
}

}  // namespace penstock::cli
