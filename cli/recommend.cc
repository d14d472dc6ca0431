#include "cli/recommend.h"

#include <simdjson.h>

#include "actors/servers/http_target.h"
#include "actors/servers/json_writer.h"
#include "cli/exit.h"
#include "cli/item_table.h"
#include "cli/table.h"

namespace penstock::cli {
namespace {

Status print(const RecommendOptions& options, const std::string& answer, std::ostream& out) {
  PENSTOCK_ASSIGN(std::string basis, model_line(answer));
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS)
    return internal_error("the node's answer is no JSON");
  std::string_view text;
  uint64_t history = 0;
  bool fallback = false;
  if (root["fallback"].get(fallback) == simdjson::SUCCESS && fallback && root["reason"].get(text) == simdjson::SUCCESS)
    out << (options.user.empty() ? "session" : "user " + printable(options.user)) << ": "
        << printable(std::string(text)) << "\n\n";
  PENSTOCK_TRY(print_items(answer, out));
  if (root["recommender"].get(text) == simdjson::SUCCESS)
    basis = "recommender " + printable(std::string(text)) + ", " + basis;
  if (root["history"].get(history) == simdjson::SUCCESS)
    basis += "; from " + std::to_string(history) + (history == 1 ? " item" : " items") + " of history";
  if (root["newest_event"].get(text) == simdjson::SUCCESS)
    basis += ", the newest of " + printable(std::string(text));
  out << basis << '\n';
  return ok();
}

std::string session_body(const RecommendOptions& options) {
  JsonWriter json;
  const auto list = [&](const char* name, const std::vector<std::string>& values) {
    json.key(name).begin_array();
    for (const std::string& value : values)
      json.value(value);
    json.end_array();
  };
  json.begin_object();
  list("items", options.session);
  if (!options.user.empty())
    json.field("user", options.user);
  json.field("n", options.n);
  list("exclude", options.exclude);
  json.field("filter", options.filter);
  json.field("model", options.model);
  json.end_object();
  return json.take();
}

}  // namespace

int recommend(const RecommendOptions& options, std::ostream& out, std::ostream& err) {
  if (options.user.empty() && options.session.empty()) {
    err << "penstock recommend: --user must name a user, or --session items\n";
    return Exit::kUsage;
  }
  const auto show = [&](const std::string& answer, std::ostream& stream) { return print(options, answer, stream); };
  if (!options.session.empty())
    return show_answer({options.url, "/v1/sessions/recommendations", options.json, session_body(options)}, show, out,
                       err);
  std::string target = "/v1/users/" + percent_encode(options.user) + "/recommendations?n=" + std::to_string(options.n);
  for (const std::string& item : options.exclude)
    target += "&exclude=" + percent_encode(item);
  if (!options.filter.empty())
    target += "&filter=" + percent_encode(options.filter);
  if (!options.model.empty())
    target += "&model=" + percent_encode(options.model);
  return show_answer({options.url, target, options.json}, show, out, err);
}

}  // namespace penstock::cli
