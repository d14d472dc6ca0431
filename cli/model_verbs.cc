// The command lines of `penstock models`.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/app.h"
#include "cli/models.h"

namespace penstock::cli {
namespace {

using Options = std::shared_ptr<ModelOptions>;
using Work = int (*)(const ModelOptions&, std::ostream&, std::ostream&);

// A verb with what all of them take.
std::pair<CLI::App*, Options> add(CLI::App* verbs, const std::string& name, const std::string& summary, Exit& exit,
                                  std::function<int(const ModelOptions&, std::ostream&, std::ostream&)> work) {
  const auto options = std::make_shared<ModelOptions>();
  CLI::App* verb = verbs->add_subcommand(name, summary);
  verb->add_option("--url", options->url, "Where the node listens")->capture_default_str();
  verb->add_option_function<std::string>(
          "--format", [options](const std::string& format) { options->json = format == "json"; },
          "text, or json: the node's answer as it is")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
  verb->callback([options, &exit, work = std::move(work)] { exit.code = work(*options, std::cout, std::cerr); });
  return {verb, options};
}

CLI::Option* add_model(CLI::App* verb, const Options& options) {
  return verb->add_option("MODEL", options->model, "The model, as the topology calls it");
}

void add_version(CLI::App* verb, const Options& options) {
  add_model(verb, options)->required();
  verb->add_option("VERSION", options->version, "The number of the version")->required()->check(CLI::PositiveNumber);
}

void add_looks(CLI::App* verbs, Exit& exit) {
  auto [list, of_list] = add(verbs, "list", "Show all versions of all models, or of one.", exit, list_models);
  add_model(list, of_list);
  auto [show, of_show] =
      add(verbs, "show", "Show how a model stands, or everything about one version.", exit, show_model);
  add_model(show, of_show)->required();
  show->add_option("VERSION", of_show->version, "The number of a version")->check(CLI::PositiveNumber);
  auto [diff, of_diff] =
      add(verbs, "diff", "Show two versions side by side: parameters, data, metrics.", exit, diff_models);
  add_version(diff, of_diff);
  diff->add_option("OTHER", of_diff->other, "The number of the other version")->required()->check(CLI::PositiveNumber);
}

void add_trainings(CLI::App* verbs, Exit& exit) {
  auto [train, of_train] = add(verbs, "train", "Train on all events there are now.", exit, train_model);
  add_model(train, of_train)->required();
  auto [cancel, of_cancel] = add(verbs, "cancel", "End the training under way.", exit, cancel_training);
  add_model(cancel, of_cancel)->required();
}

void add_moves(CLI::App* verbs, Exit& exit) {
  auto [promote, of_promote] = add(verbs, "promote", "Let a version serve, from now on.", exit, promote_model);
  add_version(promote, of_promote);
  promote->add_option("--to", of_promote->to, "live, shadow or canary")
      ->check(CLI::IsMember({"live", "shadow", "canary"}))
      ->capture_default_str();
  promote->add_flag("--force", of_promote->force, "Even if it was rejected");
  auto [back, of_back] =
      add(verbs, "rollback", "Give up the version on trial, or else the live one: what was live before is live again.",
          exit, roll_back_model);
  add_model(back, of_back)->required();
  back->add_option("--reason", of_back->reason, "Why, for the record");
  auto [pin, of_pin] = add(verbs, "pin", "Keep a version from being pruned.", exit,
                           [](const ModelOptions& options, std::ostream& out, std::ostream& err) {
                             return pin_model(options, true, out, err);
                           });
  add_version(pin, of_pin);
  auto [unpin, of_unpin] = add(verbs, "unpin", "Let a version be pruned again.", exit,
                               [](const ModelOptions& options, std::ostream& out, std::ostream& err) {
                                 return pin_model(options, false, out, err);
                               });
  add_version(unpin, of_unpin);
  auto [prune, of_prune] = add(verbs, "prune", "Drop old versions.", exit, prune_models);
  add_model(prune, of_prune)->required();
  prune->add_option("--keep", of_prune->keep, "How many of the newest to keep (default: what the topology says)")
      ->check(CLI::PositiveNumber);
}

void add_files(CLI::App* verbs, Exit& exit) {
  auto [out, of_out] = add(verbs, "export", "Write a version to a file.", exit, export_model);
  add_version(out, of_out);
  out->add_option("--out", of_out->file, "The file (default: MODEL-VERSION.model)");
  auto [in, of_in] = add(verbs, "import", "Store a version from a file, as a candidate.", exit, import_model);
  add_model(in, of_in)->required();
  in->add_option("FILE", of_in->file, "The file")->required();
}

}  // namespace

void add_models(CLI::App& app, Exit& exit) {
  CLI::App* verb =
      add_verb(app, "models", "Look at the versions of a running node's models; promote, roll back, keep them.",
               "  penstock models list\n"
               "  penstock models show taste\n"
               "  penstock models diff taste 3 4\n"
               "  penstock models promote taste 4 --to canary\n"
               "  penstock models rollback taste --reason \"complaints since noon\"\n"
               "  penstock models export taste 4 --out taste.model\n"
               "  penstock models import taste taste.model --url http://127.0.0.1:9000\n");
  verb->require_subcommand(1);
  add_looks(verb, exit);
  add_trainings(verb, exit);
  add_moves(verb, exit);
  add_files(verb, exit);
}

}  // namespace penstock::cli
