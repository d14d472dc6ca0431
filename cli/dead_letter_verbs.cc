// The command lines of `penstock dead-letters`.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/app.h"
#include "cli/dead_letters.h"

namespace penstock::cli {
namespace {

using Options = std::shared_ptr<DeadLetterOptions>;

void add_node_options(CLI::App* verb, const Options& options) {
  verb->add_option("--url", options->url, "Where the node listens")->capture_default_str();
  verb->add_option_function<std::string>(
          "--format", [options](const std::string& format) { options->json = format == "json"; },
          "text, or json: the node's answer as it is")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
}

void add_filter(CLI::App* verb, const Options& options) {
  verb->add_option("--stage", options->stage, "Only letters of this component");
  verb->add_option("--reason", options->reason, "Only letters whose reason contains this");
  verb->add_option("--since", options->since, "Only letters from this time on: 2024-05-01T12:00:00Z, or 1h ago");
  verb->add_option("--until", options->until, "Only letters from before this time");
}

void add_state(CLI::App* verb, const Options& options) {
  CLI::Option* replayed = verb->add_flag("--replayed", options->replayed, "Only letters that were replayed");
  verb->add_flag("--pending", options->pending, "Only letters that were not")->excludes(replayed);
}

void add_data_dir(CLI::App* verb, const Options& options) {
  verb->add_option("--data-dir", options->data_dir, "Read the store of a node that is stopped instead");
}

void add_list(CLI::App* verbs, Exit& exit) {
  const auto options = std::make_shared<DeadLetterOptions>();
  CLI::App* verb = verbs->add_subcommand("list", "Show what was set aside, newest first.");
  add_filter(verb, options);
  add_state(verb, options);
  verb->add_option("-n", options->n, "How many")->check(CLI::Range(1, 1000))->capture_default_str();
  verb->add_option("--from", options->from, "From this number down");
  verb->add_flag("--summary", options->summary, "How many there are of each component and reason");
  add_data_dir(verb, options);
  add_node_options(verb, options);
  verb->callback([options, &exit] { exit.code = list_dead_letters(*options, std::cout, std::cerr); });
}

void add_show(CLI::App* verbs, Exit& exit) {
  const auto options = std::make_shared<DeadLetterOptions>();
  CLI::App* verb =
      verbs->add_subcommand("show", "Show one letter with everything that was wrong, and where a replay goes.");
  verb->add_option("NUMBER", options->numbers, "The letter's number")->required()->expected(1);
  add_data_dir(verb, options);
  add_node_options(verb, options);
  verb->callback([options, &exit] { exit.code = show_dead_letter(*options, std::cout, std::cerr); });
}

void add_replay(CLI::App* verbs, Exit& exit) {
  const auto options = std::make_shared<DeadLetterOptions>();
  CLI::App* verb = verbs->add_subcommand("replay", "Feed records back, once, as they are or repaired.");
  verb->add_option("NUMBERS", options->numbers, "The letters' numbers");
  add_filter(verb, options);
  verb->add_flag("--all", options->all, "All letters");
  verb->add_option(
      "--repaired", options->repaired,
      "A file (or - for the input) with a line {\"number\": 3, \"record\": {...}} for each repaired record");
  verb->add_flag("--again", options->again, "Also those that were replayed before");
  add_node_options(verb, options);
  verb->callback([options, &exit] { exit.code = replay_dead_letters(*options, std::cin, std::cout, std::cerr); });
}

void add_purge(CLI::App* verbs, Exit& exit) {
  const auto options = std::make_shared<DeadLetterOptions>();
  CLI::App* verb = verbs->add_subcommand("purge", "Remove letters.");
  verb->add_option("NUMBERS", options->numbers, "The letters' numbers");
  add_filter(verb, options);
  add_state(verb, options);
  verb->add_flag("--all", options->all, "All letters");
  add_node_options(verb, options);
  verb->callback([options, &exit] { exit.code = purge_dead_letters(*options, std::cout, std::cerr); });
}

}  // namespace

void add_dead_letters(CLI::App& app, Exit& exit) {
  CLI::App* verb =
      add_verb(app, "dead-letters", "Look through the records that were set aside; replay or purge them.",
               "  penstock dead-letters list --summary\n"
               "  penstock dead-letters list --stage clean --since 1h\n"
               "  penstock dead-letters show 12\n"
               "  echo '{\"number\": 12, \"record\": {\"user\": 7}}' | penstock dead-letters replay --repaired -\n"
               "  penstock dead-letters replay --stage clean\n"
               "  penstock dead-letters purge --until 7d\n");
  verb->require_subcommand(1);
  add_list(verb, exit);
  add_show(verb, exit);
  add_replay(verb, exit);
  add_purge(verb, exit);
}

}  // namespace penstock::cli
