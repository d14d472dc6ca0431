// GET /v1/models, GET /v1/models/{name}, POST /v1/models/{name}/train.
#include "actors/servers/api_json.h"
#include "actors/servers/api_routes.h"
#include "actors/servers/http_target.h"
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
  };
}

}  // namespace penstock
