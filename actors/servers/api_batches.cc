// POST /v1/views/{name}/recompute and /reconcile; /v1/batch-runs.
#include "actors/servers/api_routes.h"
#include "actors/servers/batch_desk.h"
#include "actors/servers/json_writer.h"

namespace penstock {
namespace {

using In = ApiParameter::In;
using Kind = ApiParameter::Kind;

void write_row(JsonWriter& json, const char* name, const std::string& row) {
  json.key(name);
  row.empty() ? json.null() : json.raw(row);
}

void write_run(JsonWriter& json, const BatchRunStatus& run) {
  json.begin_object();
  json.field("run", run.run);
  json.field("view", run.view);
  json.field("purpose", purpose_name(run.purpose));
  json.field("owner", run.owner);
  json.field("state", run.state);
  json.field("message", run.message);
  json.field("tasks", run.tasks);
  json.field("tasks_done", run.tasks_done);
  json.field("records", run.records);
  json.field("records_done", run.records_done);
  json.field("rejected", run.rejected);
  json.field("retries", run.retries);
  json.field("eras", run.eras);
  json.field("rows", run.keys);
  json.key("version");
  run.version == 0 ? json.null() : json.value(run.version);
  json.field("differences", run.differences);
  json.key("first_differences").begin_array();
  for (const BatchDifference& difference : run.first_differences) {
    json.begin_object();
    write_row(json, "history", difference.history);
    write_row(json, "view", difference.view);
    json.end_object();
  }
  json.end_array();
  json.field("started", run.started);
  json.field("seconds", run.seconds);
  json.end_object();
}

BatchDesk* desk_of(const ApiContext& context, const ApiCall& call, const Responder& respond) {
  BatchDesk* desk = context.node.batches();
  if (!desk)
    respond(problem(404, "the node has no batch runs", call.request.path));
  return desk;
}

void begin(const ApiContext& context, ApiCall call, const Responder& respond, BatchPurpose purpose) {
  BatchDesk* desk = desk_of(context, call, respond);
  if (!desk)
    return;
  const Result<std::string> id = desk->start({.view = call.path_text("name"), .purpose = purpose}, {});
  if (id.status().code() == Code::kFailedPrecondition)
    return respond(problem(409, id.status().message(), call.request.path));
  if (!id.ok())
    return respond(problem(id.status(), call.request.path));
  const Result<BatchRunStatus> run = desk->run(*id);
  if (!run.ok())
    return respond(problem(run.status(), call.request.path));
  JsonWriter json;
  write_run(json, *run);
  HttpResponse answer = json_answer(json.take(), 202);
  answer.headers.emplace_back("Location", "/v1/batch-runs/" + *id);
  respond(std::move(answer));
}

void recompute(const ApiContext& context, ApiCall call, const Responder& respond) {
  begin(context, std::move(call), respond, BatchPurpose::kLand);
}

void reconcile(const ApiContext& context, ApiCall call, const Responder& respond) {
  begin(context, std::move(call), respond, BatchPurpose::kReconcile);
}

void list(const ApiContext& context, ApiCall call, const Responder& respond) {
  const BatchDesk* desk = desk_of(context, call, respond);
  if (!desk)
    return;
  JsonWriter json;
  json.begin_object();
  json.key("runs").begin_array();
  for (const BatchRunStatus& run : desk->runs())
    write_run(json, run);
  json.end_array();
  json.end_object();
  respond(json_answer(json.take()));
}

void answer_run(const BatchDesk& desk, const ApiCall& call, const Responder& respond) {
  const Result<BatchRunStatus> run = desk.run(call.path_text("run"));
  if (!run.ok())
    return respond(problem(run.status(), call.request.path));
  JsonWriter json;
  write_run(json, *run);
  respond(json_answer(json.take()));
}

void show(const ApiContext& context, ApiCall call, const Responder& respond) {
  if (const BatchDesk* desk = desk_of(context, call, respond))
    answer_run(*desk, call, respond);
}

void cancel(const ApiContext& context, ApiCall call, const Responder& respond) {
  BatchDesk* desk = desk_of(context, call, respond);
  if (!desk)
    return;
  if (const Status status = desk->cancel(call.path_text("run")); !status.ok())
    return respond(problem(status, call.request.path));
  answer_run(*desk, call, respond);
}

}  // namespace

std::vector<ApiRoute> batch_routes() {
  const ApiParameter view{In::kPath, "name", Kind::kText, "The view."};
  const ApiParameter run{In::kPath, "run", Kind::kText, "The run."};
  const std::vector<ApiAnswer> begun = {
      {202, "It has begun; the run's own address tells how it goes.", "BatchRun"},
      {404, "There is no such view.", "Problem"},
      {409, "A run of the view is under way, or it cannot be recomputed.", "Problem"}};
  return {
      {.method = "POST",
       .path = "/v1/views/{name}/recompute",
       .id = "recompute_view",
       .summary = "Begins to recompute a view from the whole history of its logs; the result becomes its new version.",
       .parameters = {view},
       .answers = begun,
       .handle = recompute},
      {.method = "POST",
       .path = "/v1/views/{name}/reconcile",
       .id = "reconcile_view",
       .summary = "Begins to recompute a view from the whole history of its logs, and to compare; nothing changes.",
       .parameters = {view},
       .answers = begun,
       .handle = reconcile},
      {.method = "GET",
       .path = "/v1/batch-runs",
       .id = "batch_runs",
       .summary = "The batch runs under way and the newest ones before, oldest first.",
       .parameters = {},
       .answers = {{200, "The runs.", "BatchRuns"}},
       .handle = list},
      {.method = "GET",
       .path = "/v1/batch-runs/{run}",
       .id = "batch_run",
       .summary = "A batch run: how far it is, or what came out.",
       .parameters = {run},
       .answers = {{200, "The run.", "BatchRun"}, {404, "There is no such run.", "Problem"}},
       .handle = show},
      {.method = "POST",
       .path = "/v1/batch-runs/{run}/cancel",
       .id = "cancel_batch_run",
       .summary = "Ends a batch run; nothing has changed then. One that is landing already may land all the same.",
       .parameters = {run},
       .answers = {{200, "The run.", "BatchRun"}, {404, "There is no such run under way.", "Problem"}},
       .handle = cancel},
  };
}

}  // namespace penstock
