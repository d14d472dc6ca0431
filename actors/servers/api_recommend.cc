// What is recommended: GET /v1/users/{id}/recommendations, POST /v1/recommendations (many users), POST
// /v1/sessions/recommendations (somebody without a name), GET /v1/items/{id}/similar.
#include "actors/servers/api_routes.h"
#include "actors/servers/json_writer.h"
#include "actors/servers/recommendation_body.h"

namespace penstock {
namespace {

using In = ApiParameter::In;
using Kind = ApiParameter::Kind;

const ApiParameter kN = {In::kQuery, "n", Kind::kInteger, "How many items.", 10, 1, 1000};
const ApiParameter kModel = {
    In::kQuery, "model", Kind::kText,
    "Which experiment, recommender or model; default: the topology's first experiment, else recommender, else model."};
const ApiParameter kFilter = {
    In::kQuery, "filter", Kind::kText,
    "SQL over the columns of the recommender's items, and of its users as user.column, that has "
    "to be true of each item."};

void write_answer(JsonWriter& json, const Recommendation& answer) {
  json.key("items").begin_array();
  for (const RecommendedItem& item : answer.items) {
    json.begin_object();
    json.field("item", item.item);
    json.field("score", static_cast<float>(item.score));
    json.field("strategy", item.strategy);
    if (!answer.recommender.empty() || !item.because.empty()) {
      json.key("because").begin_array();
      for (const std::string& reason : item.because)
        json.value(reason);
      json.end_array();
    }
    json.end_object();
  }
  json.end_array();
  json.key("model").begin_object();
  json.field("name", answer.model);
  json.key("version");
  answer.model_version ? json.value(*answer.model_version) : json.null();
  json.end_object();
}

void write_origin(JsonWriter& json, const Recommendation& answer) {
  if (!answer.recommender.empty()) {
    json.field("recommender", answer.recommender);
    json.key("step");
    answer.step.empty() ? json.null() : json.value(answer.step);
    json.key("models").begin_object();
    for (const auto& [model, version] : answer.models)
      json.field(model, version);
    json.end_object();
    json.field("cached", answer.cached);
  }
  if (!answer.experiment.empty()) {
    json.field("experiment", answer.experiment);
    json.field("variant", answer.variant);
  }
  if (!answer.impression.empty())
    json.field("impression", answer.impression);
}

// The members of an answer, but for the user.
void write_recommendation(JsonWriter& json, const Recommendation& answer) {
  write_answer(json, answer);
  json.key("newest_event");
  answer.newest_event ? json.value(*answer.newest_event) : json.null();
  json.field("history", answer.history);
  json.field("fallback", answer.fallback);
  if (answer.fallback)
    json.field("reason", answer.recommender.empty() ? "nothing is known of this user yet: most popular items instead"
                                                    : "candidates were too few: filled up by " + answer.step);
  write_origin(json, answer);
}

void recommend(const ApiContext& context, ApiCall call, const Responder& respond) {
  RecommendationQuery query;
  query.user = call.path_text("id");
  query.model = call.text("model");
  query.n = static_cast<size_t>(call.integer(context.route.parameter("n")));
  query.exclude = call.list("exclude");
  query.filter = call.text("filter");
  const Result<Recommendation> answer = context.node.recommend(query);
  if (!answer.ok())
    return respond(problem(answer.status(), call.request.path));
  JsonWriter json;
  json.begin_object();
  json.field("user", query.user);
  write_recommendation(json, *answer);
  json.end_object();
  respond(json_answer(json.take()));
}

bool is_json(const ApiCall& call, const Responder& respond) {
  const std::string_view type = call.request.header("Content-Type").value_or("");
  if (equal_ignoring_case(type.substr(0, type.find(';')), "application/json"))
    return true;
  respond(problem(415, "send the body as application/json", call.request.path));
  return false;
}

// A mistake of the question itself is that of the whole request; what goes wrong for one user stands in that user's place.
void recommend_many(const ApiContext& context, ApiCall call, const Responder& respond) {
  if (!is_json(call, respond))
    return;
  Result<RecommendationBatch> batch = parse_recommendation_batch(call.request.body);
  if (!batch.ok())
    return respond(problem(batch.status(), call.request.path));
  JsonWriter json;
  json.begin_object();
  json.key("answers").begin_array();
  for (const std::string& user : batch->users) {
    batch->query.user = user;
    const Result<Recommendation> answer = context.node.recommend(batch->query);
    if (answer.status().code() == Code::kInvalidArgument || answer.status().code() == Code::kNotFound)
      return respond(problem(answer.status(), call.request.path));
    json.begin_object();
    json.field("user", user);
    if (answer.ok())
      write_recommendation(json, *answer);
    else
      json.field("error", answer.status().message());
    json.end_object();
  }
  json.end_array();
  json.end_object();
  respond(json_answer(json.take()));
}

void recommend_session(const ApiContext& context, ApiCall call, const Responder& respond) {
  if (!is_json(call, respond))
    return;
  const Result<RecommendationQuery> query = parse_session(call.request.body);
  if (!query.ok())
    return respond(problem(query.status(), call.request.path));
  const Result<Recommendation> answer = context.node.recommend(*query);
  if (!answer.ok())
    return respond(problem(answer.status(), call.request.path));
  JsonWriter json;
  json.begin_object();
  json.key("user");
  query->user.empty() ? json.null() : json.value(query->user);
  write_recommendation(json, *answer);
  json.end_object();
  respond(json_answer(json.take()));
}

void similar(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string& item = call.path_text("id");
  const auto n = static_cast<size_t>(call.integer(context.route.parameter("n")));
  const Result<Recommendation> answer = context.node.similar(item, call.text("model"), n, call.text("filter"));
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
                      kFilter,
                      kModel},
       .answers = {{200, "The items. A user of whom nothing is known gets the most popular ones.", "Recommendation"},
                   {400, "The filter is wrong, or there is nothing that could take one.", "Problem"},
                   {404, "There is no such model.", "Problem"},
                   {503, "No version of the model has been trained yet.", "Problem"}},
       .handle = recommend},
      {.method = "POST",
       .path = "/v1/recommendations",
       .id = "recommend_many",
       .summary = "The same for many users at once, in the order of the request.",
       .parameters = {},
       .answers = {{200, "An answer, or an error, for each user.", "Recommendations"},
                   {400, "The body or its filter is wrong.", "Problem"},
                   {404, "There is no such model.", "Problem"},
                   {415, "The body is no JSON.", "Problem"}},
       .handle = recommend_many,
       .body_types = {"application/json"},
       .body_schema = "RecommendationBatch"},
      {.method = "POST",
       .path = "/v1/sessions/recommendations",
       .id = "recommend_session",
       .summary = "The items that somebody will most likely want next who has just had to do with these, best first.",
       .parameters = {},
       .answers = {{200, "The items.", "Recommendation"},
                   {400, "The body or its filter is wrong.", "Problem"},
                   {404, "There is no such model.", "Problem"},
                   {415, "The body is no JSON.", "Problem"},
                   {503, "No version of the model has been trained yet.", "Problem"}},
       .handle = recommend_session,
       .body_types = {"application/json"},
       .body_schema = "Session"},
      {.method = "GET",
       .path = "/v1/items/{id}/similar",
       .id = "similar",
       .summary = "The items most similar to an item, best first.",
       .parameters = {{In::kPath, "id", Kind::kText, "The item."}, kN, kFilter, kModel},
       .answers = {{200, "The items.", "SimilarItems"},
                   {400, "The filter is wrong, or there is nothing that could take one.", "Problem"},
                   {404, "There is no such item or model.", "Problem"},
                   {503, "No version of the model has been trained yet.", "Problem"}},
       .handle = similar},
  };
}

}  // namespace penstock
