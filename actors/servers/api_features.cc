// GET /v1/features/{name}/{key} and GET /v1/features/{name}?keys=.
#include <algorithm>

#include "actors/servers/api_routes.h"
#include "actors/servers/feature_desk.h"
#include "actors/servers/json_writer.h"
#include "messages/json_writer.h"
#include "messages/timestamp.h"
#include "topology/hint.h"

namespace penstock {
namespace {

using In = ApiParameter::In;
using Kind = ApiParameter::Kind;
using Known = FeatureAnswer::Known;

constexpr size_t kMostKeys = 1000;

struct Question {
  std::optional<Timestamp> at = {};
  std::vector<std::string> select = {};
};

// Reads `at` and `select`; answers itself if they are wrong.
std::optional<Question> read_question(const ApiContext& context, const ApiCall& call, const Responder& respond) {
  const std::string& path = call.request.path;
  const auto refuse = [&](HttpResponse answer) {
    respond(std::move(answer));
    return std::nullopt;
  };
  if (context.node.features() == nullptr)
    return refuse(problem(404, "the topology has no feature stores", path));
  const auto names = context.node.features()->names(call.path_text("name"));
  if (!names.ok())
    return refuse(problem(names.status(), path));
  Question question{.select = call.list("select")};
  for (const std::string& name : question.select)
    if (std::find(names->begin(), names->end(), name) == names->end())
      return refuse(problem(400,
                            "query parameter `select`: there is no feature \"" + name + "\"; " +
                                topology::nearest_hint(name, *names, "there are"),
                            path, {{"select", "no feature " + name}}));
  if (const std::string at = call.text("at"); !at.empty()) {
    question.at = parse_timestamp(at);
    if (!question.at)
      return refuse(problem(400, "query parameter `at`: \"" + at + "\" is no time; write 2024-05-01T12:00:00Z", path,
                            {{"at", "expected a time as ISO 8601"}}));
  }
  return question;
}

// Why there are no features.
std::string reason(const FeatureAnswer& answer, const std::string& store, const std::string& key,
                   const Question& question) {
  const std::string then = question.at ? " up to " + format_timestamp(*question.at) : "";
  switch (answer.known) {
    case Known::kExpired:
      return "the features of " + key + " in \"" + store + "\" have expired" + then + ": its newest event was at " +
             format_timestamp(answer.newest);
    case Known::kForgotten:
      return "the history of " + key + " in \"" + store + "\" does not go back so far: ask for a time after " +
             format_timestamp(answer.oldest);
    default: return "\"" + store + "\" has no events of " + key + then;
  }
}

void write_features(JsonWriter& json, const RecordBatch& row, const Question& question) {
  json.key("features").begin_object();
  for (size_t c = 0; c < row.schema()->size(); ++c) {
    const std::string& name = row.schema()->field(c).name;
    if (!question.select.empty() &&
        std::find(question.select.begin(), question.select.end(), name) == question.select.end())
      continue;
    std::string value;
    append_value_json(*row.column(c), row.row(0), value);
    json.key(name).raw(value);
  }
  json.end_object();
}

void one_key(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::optional<Question> question = read_question(context, call, respond);
  if (!question)
    return;
  const std::string& store = call.path_text("name");
  const std::vector<std::string>& key = call.path.find("key")->second;
  const auto answer = context.node.features()->read(store, key, question->at);
  if (!answer.ok())
    return respond(problem(answer.status(), call.request.path));
  std::string text;
  for (const std::string& part : key)
    text += (text.empty() ? "" : "/") + part;
  if (answer->known != Known::kYes)
    return respond(problem(answer->known == Known::kNoEvents ? 404 : 410, reason(*answer, store, text, *question),
                           call.request.path));
  JsonWriter json;
  json.begin_object();
  json.field("store", store);
  json.field("key", text);
  if (question->at)
    json.field("at", format_timestamp(*question->at));
  json.field("newest_event", format_timestamp(answer->newest));
  write_features(json, *answer->row, *question);
  json.end_object();
  respond(json_answer(json.take()));
}

void many_keys(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::optional<Question> question = read_question(context, call, respond);
  if (!question)
    return;
  const std::string& store = call.path_text("name");
  const std::vector<std::string> keys = call.list("keys");
  if (keys.empty() || keys.size() > kMostKeys)
    return respond(problem(
        400,
        keys.empty() ? "query parameter `keys` is missing: write ?keys=u1,u2, or /v1/features/" + store + "/KEY for one"
                     : "query parameter `keys`: at most " + std::to_string(kMostKeys) + " at once",
        call.request.path));
  JsonWriter json;
  json.begin_object();
  json.field("store", store);
  if (question->at)
    json.field("at", format_timestamp(*question->at));
  json.key("rows").begin_array();
  for (const std::string& key : keys) {
    const auto answer = context.node.features()->read(store, {key}, question->at);
    if (!answer.ok())
      return respond(problem(answer.status(), call.request.path));
    json.begin_object();
    json.field("key", key);
    if (answer->known == Known::kYes) {
      json.field("newest_event", format_timestamp(answer->newest));
      write_features(json, *answer->row, *question);
    } else {
      json.field("missing", reason(*answer, store, key, *question));
    }
    json.end_object();
  }
  json.end_array();
  json.end_object();
  respond(json_answer(json.take()));
}

}  // namespace

std::vector<ApiRoute> feature_routes() {
  const ApiParameter name{In::kPath, "name", Kind::kText, "The feature store."};
  const ApiParameter at{In::kQuery, "at", Kind::kText,
                        "As of all events up to this time (ISO 8601); default: as of now."};
  const ApiParameter select{In::kQuery, "select", Kind::kList, "Which features; default: all."};
  return {
      {.method = "GET",
       .path = "/v1/features/{name}",
       .id = "features_of_keys",
       .summary = "The features of several keys, as of now or of a time.",
       .parameters = {name, {In::kQuery, "keys", Kind::kList, "The keys, of a store with one key column."}, at, select},
       .answers = {{200, "A row for each key, in their order; of a key without features why.", "FeatureRows"},
                   {400, "A parameter or key is wrong.", "Problem"},
                   {404, "There is no such feature store.", "Problem"}},
       .handle = many_keys},
      {.method = "GET",
       .path = "/v1/features/{name}/{key...}",
       .id = "features_of_key",
       .summary = "The features of one key, as of now or of a time.",
       .parameters = {name,
                      {In::kPath, "key", Kind::kText,
                       "The values of the key columns; several are parted by slashes, as further path segments."},
                      at,
                      select},
       .answers = {{200, "The features.", "FeatureRow"},
                   {400, "A parameter or the key is wrong.", "Problem"},
                   {404, "There is no such feature store, or the key had no events up to then.", "Problem"},
                   {410, "The key's features have expired, or the history does not go back so far.", "Problem"}},
       .handle = one_key},
  };
}

}  // namespace penstock
