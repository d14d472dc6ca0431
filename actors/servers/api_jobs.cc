// GET /v1/jobs, GET /v1/jobs/{name} with its runs, POST /v1/jobs/{name}/run and cancel.
#include "actors/servers/api_routes.h"
#include "actors/servers/http_target.h"
#include "actors/servers/job_desk.h"
#include "actors/servers/json_writer.h"

namespace penstock {
namespace {

const ApiParameter kName = {ApiParameter::In::kPath, "name", ApiParameter::Kind::kText, "The job."};
const ApiParameter kNameOrRun = {ApiParameter::In::kPath, "name", ApiParameter::Kind::kText,
                                 "The job, or one of its runs: nightly, nightly.7."};
const ApiParameter kRuns = {
    ApiParameter::In::kQuery, "runs", ApiParameter::Kind::kInteger, "How many of the newest runs.", 20, 0, 10000};

void write_time(JsonWriter& json, const char* name, const std::optional<Timestamp>& time) {
  json.key(name);
  if (time)
    json.value(*time);
  else
    json.null();
}

void write_known(JsonWriter& json, const char* name, double value) {
  json.key(name);
  if (value >= 0)
    json.value(value);
  else
    json.null();
}

void write_texts(JsonWriter& json, const char* name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts)
    json.value(text);
  json.end_array();
}

void write_run(JsonWriter& json, const JobRun& run) {
  json.begin_object();
  json.field("id", run.id());
  json.field("job", run.job);
  json.field("number", run.number);
  json.field("state", state_name(run.state));
  json.field("cause", run.cause);
  json.field("reason", run.reason);
  write_time(json, "due", run.due);
  json.field("started", run.started);
  write_time(json, "ended", run.ended);
  json.field("resumed", run.resumed);
  write_known(json, "progress", is_over(run.state) ? -1 : run.progress);
  write_known(json, "eta_seconds", is_over(run.state) ? -1 : run.eta_seconds);
  json.key("steps").begin_array();
  for (const JobStep& step : run.steps) {
    json.begin_object();
    json.field("id", step.id);
    json.field("state", state_name(step.state));
    write_time(json, "started", step.started);
    write_time(json, "ended", step.ended);
    json.field("tries", step.tries);
    json.field("note", step.note);
    write_known(json, "progress", step.progress);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void write_run_or_null(JsonWriter& json, const char* name, const std::optional<JobRun>& run) {
  json.key(name);
  if (run)
    write_run(json, *run);
  else
    json.null();
}

// `runs` null: without them.
void write_job(JsonWriter& json, const JobStatus& job, const std::vector<JobRun>* runs, size_t limit) {
  json.begin_object();
  json.field("name", job.name);
  json.field("schedule", job.rhythm);
  json.field("on_start", job.on_start);
  write_texts(json, "after", job.after);
  write_texts(json, "run", job.run);
  write_time(json, "next", job.next_due);
  write_time(json, "succeeded", job.succeeded);
  json.field("late_seconds", job.late_seconds);
  write_run_or_null(json, "running", job.running);
  write_run_or_null(json, "last", job.last);
  if (runs != nullptr) {
    json.key("runs").begin_array();
    for (size_t i = 0; i < runs->size() && i < limit; ++i)
      write_run(json, (*runs)[i]);
    json.end_array();
  }
  json.end_object();
}

// Null, and answered: the topology has none.
JobDesk* desk_of(const ApiContext& context, const HttpRequest& request, const Responder& respond) {
  JobDesk* desk = context.node.jobs();
  if (desk == nullptr)
    respond(problem(404, "the topology has no jobs", request.path));
  return desk;
}

void jobs(const ApiContext& context, ApiCall, const Responder& respond) {
  JsonWriter json;
  json.begin_object();
  json.key("jobs").begin_array();
  if (const JobDesk* desk = context.node.jobs())
    for (const JobStatus& job : desk->jobs())
      write_job(json, job, nullptr, 0);
  json.end_array();
  json.end_object();
  respond(json_answer(json.take()));
}

void job(const ApiContext& context, ApiCall call, const Responder& respond) {
  const JobDesk* desk = desk_of(context, call.request, respond);
  if (desk == nullptr)
    return;
  const Result<JobStatus> status = desk->job(call.path_text("name"));
  const Result<std::vector<JobRun>> runs = desk->runs(call.path_text("name"));
  if (!status.ok() || !runs.ok())
    return respond(problem(status.ok() ? runs.status() : status.status(), call.request.path));
  JsonWriter json;
  write_job(json, *status, &*runs, static_cast<size_t>(call.integer(kRuns)));
  respond(json_answer(json.take()));
}

HttpResponse accepted(const JobRun& run) {
  JsonWriter json;
  write_run(json, run);
  HttpResponse answer = json_answer(json.take(), 202);
  answer.headers.emplace_back("Location", "/v1/jobs/" + percent_encode(run.job));
  return answer;
}

void run(const ApiContext& context, ApiCall call, const Responder& respond) {
  if (JobDesk* desk = desk_of(context, call.request, respond))
    desk->begin(call.path_text("name"), [respond, path = call.request.path](const Result<JobRun>& begun) {
      respond(begun.ok() ? accepted(*begun) : problem(begun.status(), path));
    });
}

void cancel(const ApiContext& context, ApiCall call, const Responder& respond) {
  JobDesk* desk = desk_of(context, call.request, respond);
  if (desk == nullptr)
    return;
  const Result<JobRun> ending = desk->cancel(call.path_text("name"));
  if (ending.ok())
    return respond(accepted(*ending));
  respond(ending.status().code() == Code::kFailedPrecondition
              ? problem(409, ending.status().message(), call.request.path)
              : problem(ending.status(), call.request.path));
}

}  // namespace

std::vector<ApiRoute> job_routes() {
  return {
      {.method = "GET",
       .path = "/v1/jobs",
       .id = "jobs",
       .summary = "All jobs: when they are due, what runs, and how they last ended.",
       .parameters = {},
       .answers = {{200, "The jobs.", "Jobs"}},
       .handle = jobs},
      {.method = "GET",
       .path = "/v1/jobs/{name}",
       .id = "job",
       .summary = "A job with its runs, newest first.",
       .parameters = {kName, kRuns},
       .answers = {{200, "The job.", "Job"}, {404, "There is no such job.", "Problem"}},
       .handle = job},
      {.method = "POST",
       .path = "/v1/jobs/{name}/run",
       .id = "run_job",
       .summary = "Begins a run now; answered when it is on record.",
       .parameters = {kName},
       .answers = {{202, "The run has begun; GET /v1/jobs/{name} tells how far it is.", "JobRun"},
                   {404, "There is no such job.", "Problem"},
                   {409, "The job runs already.", "Problem"}},
       .handle = run},
      {.method = "POST",
       .path = "/v1/jobs/{name}/cancel",
       .id = "cancel_job",
       .summary = "Ends the run under way; what its finished steps did stays.",
       .parameters = {kNameOrRun},
       .answers = {{202, "It ends as soon as its step looks.", "JobRun"},
                   {404, "There is no such job.", "Problem"},
                   {409, "It does not run.", "Problem"}},
       .handle = cancel},
  };
}

}  // namespace penstock
