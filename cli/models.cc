#include "cli/models.h"

#include <simdjson.h>

#include <fstream>
#include <sstream>

#include "actors/servers/http_target.h"
#include "cli/models_text.h"
#include "cli/table.h"

namespace penstock::cli {
namespace {

int report(const Status& status, std::ostream& err) {
  if (status.ok())
    return Exit::kOk;
  err << "penstock: " << printable(status.message()) << '\n';
  return exit_code(status.code());
}

std::string target_of(const ModelOptions& options, const std::string& rest = {}) {
  return "/v1/models/" + percent_encode(options.model) + rest;
}

std::string version_target(const ModelOptions& options, uint64_t version, const std::string& rest = {}) {
  return target_of(options, "/versions/" + std::to_string(version) + rest);
}

// Asks with POST, and prints the version that comes back.
int move(const ModelOptions& options, const std::string& target, std::ostream& out, std::ostream& err) {
  const auto answer = ask_node(options.url, target, std::string());
  if (!answer.ok())
    return report(answer.status(), err);
  if (!options.json)
    return report(print_moved(options.model, *answer, out), err);
  out << *answer << '\n';
  return Exit::kOk;
}

Result<std::vector<std::string>> names_of_models(const std::string& url) {
  PENSTOCK_ASSIGN(const std::string answer, ask_node(url, "/v1/models"));
  simdjson::dom::parser parser;
  simdjson::dom::array models;
  std::vector<std::string> names;
  if (parser.parse(answer)["models"].get(models) != simdjson::SUCCESS)
    return internal_error("the node's answer is not what this version of penstock expects; are both of one version?");
  for (const simdjson::dom::element model : models)
    if (std::string_view name; model["name"].get(name) == simdjson::SUCCESS)
      names.emplace_back(name);
  return names;
}

}  // namespace

int list_models(const ModelOptions& options, std::ostream& out, std::ostream& err) {
  if (options.json)
    return show_answer({options.url, options.model.empty() ? "/v1/models" : target_of(options, "/versions"), true}, {},
                       out, err);
  std::vector<std::string> names = {options.model};
  if (options.model.empty()) {
    auto known = names_of_models(options.url);
    if (!known.ok())
      return report(known.status(), err);
    names = std::move(known).value();
    if (names.empty())
      out << "the topology has no models\n";
  }
  for (size_t i = 0; i < names.size(); ++i) {
    const auto answer = ask_node(options.url, "/v1/models/" + percent_encode(names[i]));
    if (!answer.ok())
      return report(answer.status(), err);
    out << (i > 0 ? "\n" : "");
    if (const Status printed = print_versions(*answer, out); !printed.ok())
      return report(printed, err);
  }
  return Exit::kOk;
}

int show_model(const ModelOptions& options, std::ostream& out, std::ostream& err) {
  if (options.version > 0)
    return show_answer({options.url, version_target(options, options.version), options.json}, print_version, out, err);
  const int code = show_answer({options.url, target_of(options), options.json}, print_model, out, err);
  if (code != Exit::kOk || options.json)
    return code;
  const auto rollout = ask_node(options.url, target_of(options, "/rollout"));
  if (rollout.status().code() == Code::kNotFound)
    return Exit::kOk;  // none is on trial
  return rollout.ok() ? report(print_rollout(*rollout, out), err) : report(rollout.status(), err);
}

int diff_models(const ModelOptions& options, std::ostream& out, std::ostream& err) {
  const auto a = ask_node(options.url, version_target(options, options.version));
  if (!a.ok())
    return report(a.status(), err);
  const auto b = ask_node(options.url, version_target(options, options.other));
  if (!b.ok())
    return report(b.status(), err);
  if (!options.json)
    return report(print_difference(*a, *b, out), err);
  out << '[' << *a << ',' << *b << "]\n";
  return Exit::kOk;
}

int train_model(const ModelOptions& options, std::ostream& out, std::ostream& err) {
  const auto begun = ask_node(options.url, target_of(options, "/train"), std::string());
  if (begun.ok())
    out << printable(options.model) << ": the training has begun; `penstock models show " << printable(options.model)
        << "` tells how far it is\n";
  return report(begun.status(), err);
}

int cancel_training(const ModelOptions& options, std::ostream& out, std::ostream& err) {
  const auto cancelled = ask_node(options.url, target_of(options, "/cancel"), std::string());
  if (cancelled.ok())
    out << printable(options.model) << ": the training ends as soon as it looks\n";
  return report(cancelled.status(), err);
}

int promote_model(const ModelOptions& options, std::ostream& out, std::ostream& err) {
  const std::string how = "/promote?to=" + percent_encode(options.to) + (options.force ? "&force=true" : "");
  return move(options, version_target(options, options.version, how), out, err);
}

int roll_back_model(const ModelOptions& options, std::ostream& out, std::ostream& err) {
  const std::string why = options.reason.empty() ? "" : "?reason=" + percent_encode(options.reason);
  return move(options, target_of(options, "/rollback" + why), out, err);
}

int pin_model(const ModelOptions& options, bool pinned, std::ostream& out, std::ostream& err) {
  return move(options, version_target(options, options.version, pinned ? "/pin" : "/unpin"), out, err);
}

int prune_models(const ModelOptions& options, std::ostream& out, std::ostream& err) {
  const std::string keep = options.keep == 0 ? "" : "?keep=" + std::to_string(options.keep);
  const auto answer = ask_node(options.url, target_of(options, "/prune" + keep), std::string());
  if (!answer.ok())
    return report(answer.status(), err);
  if (options.json) {
    out << *answer << '\n';
    return Exit::kOk;
  }
  simdjson::dom::parser parser;
  simdjson::dom::array dropped;
  if (parser.parse(*answer)["dropped"].get(dropped) != simdjson::SUCCESS)
    return report(internal_error("the node's answer is not what this version of penstock expects"), err);
  out << printable(options.model) << ": " << dropped.size() << (dropped.size() == 1 ? " version" : " versions")
      << " dropped";
  for (const simdjson::dom::element version : dropped)
    out << ' ' << version;
  out << '\n';
  return Exit::kOk;
}

int export_model(const ModelOptions& options, std::ostream& out, std::ostream& err) {
  const auto bytes = fetch_from_node(options.url, version_target(options, options.version, "/bytes"));
  if (!bytes.ok())
    return report(bytes.status(), err);
  const std::string file =
      options.file.empty() ? options.model + "-" + std::to_string(options.version) + ".model" : options.file;
  std::ofstream stream(file, std::ios::binary);
  stream << *bytes;
  stream.close();
  if (!stream) {
    err << "penstock: cannot write " << printable(file) << '\n';
    return Exit::kCannotCreate;
  }
  out << printable(options.model) << ": version " << options.version << " is in " << printable(file) << ", "
      << bytes->size() << " bytes\n";
  return Exit::kOk;
}

int import_model(const ModelOptions& options, std::ostream& out, std::ostream& err) {
  std::ifstream stream(options.file, std::ios::binary);
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  if (!stream || bytes.str().empty()) {
    err << "penstock: cannot read " << printable(options.file) << '\n';
    return Exit::kNoInput;
  }
  const auto answer =
      send_to_node(options.url, target_of(options, "/versions"), "application/octet-stream", bytes.str());
  if (!answer.ok())
    return report(answer.status(), err);
  return report(print_moved(options.model, *answer, out), err);
}

}  // namespace penstock::cli
