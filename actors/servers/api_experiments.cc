// GET /v1/experiments and /v1/experiments/{id}.
#include "actors/servers/api_routes.h"
#include "actors/servers/experiment_desk.h"
#include "actors/servers/json_writer.h"

namespace penstock {
namespace {

void write(JsonWriter& json, const char* name, const Estimate& estimate) {
  json.key(name).begin_object();
  json.field("value", estimate.value);
  json.field("low", estimate.low);
  json.field("high", estimate.high);
  json.end_object();
}

void write(JsonWriter& json, const ExperimentStatus::Variant& variant, bool first) {
  json.begin_object();
  json.field("name", variant.name);
  json.field("model", variant.model);
  json.field("share", variant.share);
  json.field("users", variant.sums.users);
  json.field("impressions", variant.sums.x);
  json.field("converted", variant.sums.converted);
  json.field("outcomes", variant.sums.y);
  json.field("value", variant.sums.v);
  json.key("metrics").begin_object();
  for (const MetricUplift& metric : variant.metrics) {
    json.key(metric.metric).begin_object();
    json.field("value", metric.value.value);
    json.field("low", metric.value.low);
    json.field("high", metric.value.high);
    if (!first) {
      write(json, "difference", metric.difference);
      write(json, "uplift", metric.relative);
      json.field("p_value", metric.p_value);
    }
    json.end_object();
  }
  json.end_object();
  json.end_object();
}

void write(JsonWriter& json, const ExperimentStatus& status) {
  json.begin_object();
  json.field("name", status.id);
  json.field("type", status.type);
  json.field("impressions", status.impressions);
  json.field("outcomes", status.outcomes);
  json.field("within_seconds", static_cast<double>(status.within.micros) * 1e-6);
  json.field("measuring", status.measuring);
  json.key("sample_ratio").begin_object();
  json.field("p_value", status.mismatch);
  json.field("mismatch", status.mismatch < kMismatch);
  json.end_object();
  json.key("variants").begin_array();
  for (size_t i = 0; i < status.variants.size(); ++i)
    write(json, status.variants[i], i == 0);
  json.end_array();
  json.end_object();
}

void list(const ApiContext& context, ApiCall, const Responder& respond) {
  const ExperimentDesk* desk = context.node.experiments();
  JsonWriter json;
  json.begin_object();
  json.key("experiments").begin_array();
  if (desk != nullptr)
    for (const ExperimentStatus& status : desk->list())
      write(json, status);
  json.end_array();
  json.end_object();
  respond(json_answer(json.take()));
}

void show(const ApiContext& context, ApiCall call, const Responder& respond) {
  const ExperimentDesk* desk = context.node.experiments();
  if (desk == nullptr)
    return respond(problem(404, "the topology has no experiments", call.request.path));
  const Result<ExperimentStatus> status = desk->show(call.path_text("id"));
  if (!status.ok())
    return respond(problem(status.status(), call.request.path));
  JsonWriter json;
  write(json, *status);
  respond(json_answer(json.take()));
}

}  // namespace

std::vector<ApiRoute> experiment_routes() {
  return {
      {.method = "GET",
       .path = "/v1/experiments",
       .id = "experiments",
       .summary = "All experiments with what they have shown so far.",
       .parameters = {},
       .answers = {{200, "The experiments.", "Experiments"}},
       .handle = list},
      {.method = "GET",
       .path = "/v1/experiments/{id}",
       .id = "experiment",
       .summary = "An experiment: users, outcomes and uplift of each variant, with intervals of 95 %.",
       .parameters = {{ApiParameter::In::kPath, "id", ApiParameter::Kind::kText, "The experiment."}},
       .answers = {{200,
                    "The experiment. `mismatch`: users are not parted as declared; nothing else means anything then.",
                    "Experiment"},
                   {404, "There is no such experiment.", "Problem"}},
       .handle = show},
  };
}

}  // namespace penstock
