// GET /v1/users/{id}/recommendations and GET /v1/items/{id}/similar.
#include "actors/servers/api_routes.h"
#include "actors/servers/json_writer.h"

namespace penstock {
namespace {

using In = ApiParameter::In;
using Kind = ApiParameter::Kind;

const ApiParameter kN = {In::kQuery, "n", Kind::kInteger, "How many items.", 10, 1, 1000};
const ApiParameter kModel = {In::kQuery, "model", Kind::kText, "Which model; default: the topology's first."};

void write_answer(JsonWriter& json, const Recommendation& answer) {
  json.key("items").begin_array();
  for (const RecommendedItem& item : answer.items) {
    json.begin_object();
    json.field("item", item.item);
    json.field("score", static_cast<float>(item.score));
    json.field("strategy", item.strategy);
    json.end_object();
  }
  json.end_array();
  json.key("model").begin_object();
  json.field("name", answer.model);
  json.key("version");
  answer.model_version ? json.value(*answer.model_version) : json.null();
  json.end_object();
}

void recommend(const ApiContext& context, ApiCall call, const Responder& respond) {
  RecommendationQuery query;
  query.user = call.path_text("id");
  query.model = call.text("model");
  query.n = static_cast<size_t>(call.integer(context.route.parameter("n")));
  query.exclude = call.list("exclude");
  const Result<Recommendation> answer = context.node.recommend(query);
  if (!answer.ok())
    return respond(problem(answer.status(), call.request.path));
  JsonWriter json;
  json.begin_object();
  json.field("user", query.user);
  write_answer(json, *answer);
  json.key("newest_event");
  answer->newest_event ? json.value(*answer->newest_event) : json.null();
  json.field("history", answer->history);
  json.field("fallback", answer->fallback);
  if (answer->fallback)
    json.field("reason", "nothing is known of this user yet: most popular items instead");
  json.end_object();
  respond(json_answer(json.take()));
}

void similar(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string& item = call.path_text("id");
  const auto n = static_cast<size_t>(call.integer(context.route.parameter("n")));
  const Result<Recommendation> answer = context.node.similar(item, call.text("model"), n);
  if (!answer.ok())
    return respond(problem(answer.status(), call.request.path));
  JsonWriter json;
  json.begin_object();
  json.field("item", item);
  write_answer(json, *answer);
  json.end_object();
  respond(json_answer(json.take()));
}

}  // namespace

std::vector<ApiRoute> recommendation_routes() {
  return {
      {.method = "GET",
       .path = "/v1/users/{id}/recommendations",
       .id = "recommend",
       .summary = "The items that a user will most likely want next, best first.",
       .parameters = {{In::kPath, "id", Kind::kText, "The user."},
                      kN,
                      {In::kQuery, "exclude", Kind::kList, "Items that must not be among them."},
                      kModel},
       .answers = {{200, "The items. A user of whom nothing is known gets the most popular ones.", "Recommendation"},
                   {404, "There is no such model.", "Problem"},
                   {503, "No version of the model has been trained yet.", "Problem"}},
       .handle = recommend},
      {.method = "GET",
       .path = "/v1/items/{id}/similar",
       .id = "similar",
       .summary = "The items most similar to an item, best first.",
       .parameters = {{In::kPath, "id", Kind::kText, "The item."}, kN, kModel},
       .answers = {{200, "The items.", "SimilarItems"},
                   {404, "There is no such item or model.", "Problem"},
                   {503, "No version of the model has been trained yet.", "Problem"}},
       .handle = similar},
  };
}

}  // namespace penstock
