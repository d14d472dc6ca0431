// GET /v1/models, GET /v1/models/{name} and its rollout, POST /v1/models/{name}/train and cancel.
#include "actors/servers/api_json.h"
#include "actors/servers/api_routes.h"
#include "actors/servers/http_target.h"
#include "actors/servers/model_desk.h"
#include "core/nearest.h"

namespace penstock {
namespace {

const ApiParameter kName = {ApiParameter::In::kPath, "name", ApiParameter::Kind::kText, "The model."};

void models(const ApiContext& context, ApiCall, const Responder& respond) {
  JsonWriter json;
  json.begin_object();
  json.key("models").begin_array();
  for (const ModelStatus& model : context.node.status().models)
    write_model(json, model, false);
  json.end_array();
  json.end_object();
  respond(json_answer(json.take()));
}

void model(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string& name = call.path_text("name");
  std::vector<std::string> known;
  for (const ModelStatus& status : context.node.status().models) {
    if (status.id == name) {
      JsonWriter json;
      write_model(json, status, true);
      return respond(json_answer(json.take()));
    }
    known.push_back(status.id);
  }
  const auto meant = nearest(name, known);
  respond(problem(404, "there is no model \"" + name + "\"" + (meant ? "; did you mean \"" + *meant + "\"?" : ""),
                  call.request.path));
}

void train(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string name = call.path_text("name");
  context.node.train(name, [respond, name, path = call.request.path](const Status& begun) {
    if (!begun.ok())
      return respond(problem(begun, path));
    JsonWriter json;
    json.begin_object();
    json.field("model", name);
    json.field("state", "training");
    json.end_object();
    HttpResponse answer = json_answer(json.take(), 202);
    answer.headers.emplace_back("Location", "/v1/models/" + percent_encode(name));
    respond(std::move(answer));
  });
}

void cancel(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string& name = call.path_text("name");
  ModelDesk* desk = context.node.model_desk();
  const Status status =
      desk == nullptr ? unavailable("the node is not there yet, or not any more") : desk->cancel(name);
  if (!status.ok())
    return respond(status.code() == Code::kFailedPrecondition ? problem(409, status.message(), call.request.path)
                                                              : problem(status, call.request.path));
  JsonWriter json;
  json.begin_object();
  json.field("model", name);
  json.field("state", "cancelling");
  json.end_object();
  respond(json_answer(json.take(), 202));
}

void write_figures(JsonWriter& json, const char* name, const AnswerFigures& figures) {
  json.key(name).begin_object();
  json.field("answers", figures.answers);
  json.field("failed", figures.failed);
  json.field("known", figures.known);
  json.field("empty", figures.empty);
  json.field("judged", figures.judged);
  json.field("hits", figures.hits);
  json.field("p99_seconds", figures.p99_seconds);
  json.end_object();
}

void rollout(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string& name = call.path_text("name");
  const ModelDesk* desk = context.node.model_desk();
  if (desk == nullptr)
    return respond(problem(503, "the node is not there yet, or not any more", call.request.path));
  const auto trial = desk->trial(name);
  if (!trial.ok())
    return respond(problem(trial.status(), call.request.path));
  if (!*trial)
    return respond(problem(404, "no version of model \"" + name + "\" is on trial", call.request.path));
  JsonWriter json;
  json.begin_object();
  json.key("version");
  write_version(json, (*trial)->version);
  json.field("share", (*trial)->share);
  json.field("seconds_left", (*trial)->left.seconds());
  write_figures(json, "live", (*trial)->live);
  write_figures(json, "trial", (*trial)->trial);
  const ShadowFigures& shadow = (*trial)->shadow;
  json.key("shadow").begin_object();
  json.field("compared", shadow.compared);
  json.field("dropped", shadow.dropped);
  json.field("overlap", shadow.overlap);
  json.field("rank_correlation", shadow.rank_correlation);
  json.end_object();
  json.end_object();
  respond(json_answer(json.take()));
}

}  // namespace

std::vector<ApiRoute> model_routes() {
  return {
      {.method = "GET",
       .path = "/v1/models",
       .id = "models",
       .summary = "All models with their states and live versions.",
       .parameters = {},
       .answers = {{200, "The models.", "Models"}},
       .handle = models},
      {.method = "GET",
       .path = "/v1/models/{name}",
       .id = "model",
       .summary = "A model with all its stored versions, oldest first.",
       .parameters = {kName},
       .answers = {{200, "The model.", "Model"}, {404, "There is no such model.", "Problem"}},
       .handle = model},
      {.method = "POST",
       .path = "/v1/models/{name}/train",
       .id = "train",
       .summary = "Starts a training on all events there are now.",
       .parameters = {kName},
       .answers = {{202, "The training has begun; the model's state tells how far it is.", "TrainingBegun"},
                   {404, "There is no such model.", "Problem"},
                   {409, "The model is being trained.", "Problem"}},
       .handle = train},
      {.method = "POST",
       .path = "/v1/models/{name}/cancel",
       .id = "cancel_training",
       .summary = "Ends the training under way; the live version stays.",
       .parameters = {kName},
       .answers = {{202, "It ends as soon as it looks.", "TrainingBegun"},
                   {404, "There is no such model.", "Problem"},
                   {409, "The model is not being trained.", "Problem"}},
       .handle = cancel},
      {.method = "GET",
       .path = "/v1/models/{name}/rollout",
       .id = "rollout",
       .summary = "The version in shadow or canary, and what was counted of it beside the live one.",
       .parameters = {kName},
       .answers = {{200, "The trial.", "Rollout"},
                   {404, "There is no such model, or none of its versions is on trial.", "Problem"}},
       .handle = rollout},
  };
}

}  // namespace penstock
