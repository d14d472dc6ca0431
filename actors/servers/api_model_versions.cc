// /v1/models/{name}/versions and what can be done with them: look, promote, roll back, pin, prune, export, import.
#include <charconv>

#include "actors/servers/api_json.h"
#include "actors/servers/api_routes.h"
#include "actors/servers/http_target.h"
#include "actors/servers/model_desk.h"

namespace penstock {
namespace {

using In = ApiParameter::In;
using Kind = ApiParameter::Kind;

const ApiParameter kName = {In::kPath, "name", Kind::kText, "The model."};
const ApiParameter kVersion = {In::kPath, "version", Kind::kText, "The number of the version."};
constexpr const char* kFile = "application/octet-stream";

// The desk, and the version that the path names (0 where it names none); answers what is wrong, if anything is.
struct Asked {
  ModelDesk* desk = nullptr;
  std::string model;
  uint64_t version = 0;
};

std::optional<Asked> asked(const ApiContext& context, const ApiCall& call, const Responder& respond) {
  Asked out{context.node.model_desk(), call.path_text("name")};
  if (out.desk == nullptr) {
    respond(problem(503, "the node is not there yet, or not any more", call.request.path));
    return std::nullopt;
  }
  if (!call.path.contains("version"))
    return out;
  const std::string& text = call.path_text("version");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.version);
  if (error == std::errc() && end == text.data() + text.size() && out.version > 0)
    return out;
  respond(problem(400, "expected the number of a version, counted from 1, found \"" + text + "\"", call.request.path));
  return std::nullopt;
}

// What does not fit the present state of the model is a conflict, and a file that is broken is the client's fault.
HttpResponse refusal(const Status& status, const std::string& path) {
  if (status.code() == Code::kFailedPrecondition)
    return problem(409, status.message(), path);
  return problem(status, path);
}

ModelDesk::VersionDone answer_version(const Responder& respond, std::string path, int status = 200) {
  return [respond, path = std::move(path), status](const Result<ModelVersion>& version) {
    if (!version.ok())
      return respond(refusal(version.status(), path));
    JsonWriter json;
    write_version(json, *version);
    HttpResponse answer = json_answer(json.take(), status);
    if (status == 201)
      answer.headers.emplace_back("Location", path + "/" + std::to_string(version->version));
    respond(std::move(answer));
  };
}

void versions(const ApiContext& context, ApiCall call, const Responder& respond) {
  const auto what = asked(context, call, respond);
  if (!what)
    return;
  const auto known = what->desk->versions(what->model);
  if (!known.ok())
    return respond(problem(known.status(), call.request.path));
  JsonWriter json;
  json.begin_object();
  json.key("versions").begin_array();
  for (const ModelVersion& version : *known)
    write_version(json, version);
  json.end_array();
  json.end_object();
  respond(json_answer(json.take()));
}

void version(const ApiContext& context, ApiCall call, const Responder& respond) {
  if (const auto what = asked(context, call, respond))
    answer_version(respond, call.request.path)(what->desk->version(what->model, what->version));
}

void promote(const ApiContext& context, ApiCall call, const Responder& respond) {
  const auto what = asked(context, call, respond);
  if (!what)
    return;
  const std::string to = call.text("to").empty() ? "live" : call.text("to");
  const auto state = model_state_of(to);
  if (!state || (*state != ModelState::kLive && !on_trial(*state)))
    return respond(
        problem(400, "query parameter `to`: expected live, shadow or canary, found \"" + to + "\"", call.request.path));
  what->desk->promote({what->model, what->version, *state, call.text("force") == "true"},
                      answer_version(respond, call.request.path));
}

void roll_back(const ApiContext& context, ApiCall call, const Responder& respond) {
  const auto what = asked(context, call, respond);
  if (!what)
    return;
  const std::string reason = call.text("reason");
  what->desk->roll_back(what->model, reason.empty() ? "rolled back by hand" : "rolled back by hand: " + reason,
                        answer_version(respond, call.request.path));
}

void pin(const ApiContext& context, ApiCall call, const Responder& respond) {
  if (const auto what = asked(context, call, respond))
    what->desk->pin(what->model, what->version, call.request.segments.back() == "pin",
                    answer_version(respond, call.request.path));
}

void prune(const ApiContext& context, ApiCall call, const Responder& respond) {
  const auto what = asked(context, call, respond);
  if (!what)
    return;
  const auto keep = static_cast<size_t>(call.integer(context.route.parameter("keep")));
  what->desk->prune(what->model, keep,
                    [respond, path = call.request.path](const Result<std::vector<uint64_t>>& dropped) {
                      if (!dropped.ok())
                        return respond(problem(dropped.status(), path));
                      JsonWriter json;
                      json.begin_object();
                      json.key("dropped").begin_array();
                      for (const uint64_t version : *dropped)
                        json.value(version);
                      json.end_array();
                      json.end_object();
                      respond(json_answer(json.take()));
                    });
}

void export_version(const ApiContext& context, ApiCall call, const Responder& respond) {
  const auto what = asked(context, call, respond);
  if (!what)
    return;
  const std::string file = what->model + "-" + std::to_string(what->version) + ".model";
  what->desk->export_version(
      what->model, what->version, [respond, path = call.request.path, file](Result<std::string> bytes) {
        if (!bytes.ok())
          return respond(problem(bytes.status(), path));
        HttpResponse answer{200, kFile, std::move(bytes).value()};
        answer.headers.emplace_back("Content-Disposition", "attachment; filename*=UTF-8''" + percent_encode(file));
        respond(std::move(answer));
      });
}

void import_version(const ApiContext& context, ApiCall call, const Responder& respond) {
  const auto what = asked(context, call, respond);
  if (!what)
    return;
  if (call.request.body.empty())
    return respond(problem(400, "the body should be a file as `penstock models export` writes it, and is empty",
                           call.request.path));
  auto done = [respond, path = call.request.path,
               stored = answer_version(respond, call.request.path, 201)](Result<ModelVersion> version) {
    if (version.status().code() == Code::kDataLoss)
      return respond(problem(400, version.status().message(), path));
    stored(std::move(version));
  };
  what->desk->import_version(what->model, std::move(call.request.body), std::move(done));
}

ApiRoute route(const char* method, const std::string& path, const char* id, const char* summary,
               std::vector<ApiParameter> more, std::vector<ApiAnswer> answers,
               std::function<void(const ApiContext&, ApiCall, const Responder&)> handle) {
  std::vector<ApiParameter> parameters = {kName};
  if (path.find("{version}") != std::string::npos)
    parameters.push_back(kVersion);
  parameters.insert(parameters.end(), more.begin(), more.end());
  answers.push_back({404, "There is no such model or version.", "Problem"});
  return {.method = method,
          .path = "/v1/models/{name}" + path,
          .id = id,
          .summary = summary,
          .parameters = std::move(parameters),
          .answers = std::move(answers),
          .handle = std::move(handle)};
}

}  // namespace

std::vector<ApiRoute> model_version_routes() {
  const ApiAnswer told = {200, "The version as it is now.", "ModelVersion"};
  const ApiAnswer refused = {409, "It is not possible as things are; the answer says why.", "Problem"};
  ApiRoute importing =
      route("POST", "/versions", "import_version",
            "Stores a version that was exported elsewhere, as a candidate. The server's max_body limits its size.", {},
            {{201, "The new version.", "ModelVersion"},
             {400, "The body is no such file, is cut off or was changed.", "Problem"},
             {413, "It is larger than the server takes.", "Problem"},
             refused},
            import_version);
  importing.body_types = {kFile};
  importing.body_schema = "ModelFile";
  return {
      route("GET", "/versions", "model_versions", "All stored versions, oldest first.", {},
            {{200, "The versions.", "ModelVersions"}}, versions),
      route("GET", "/versions/{version}", "model_version", "One version.", {}, {{200, "The version.", "ModelVersion"}},
            version),
      route("GET", "/versions/{version}/bytes", "export_version",
            "The version as one file with a checksum, to be imported by another node.", {},
            {{200, "The file.", "ModelFile", kFile}}, export_version),
      std::move(importing),
      route("POST", "/versions/{version}/promote", "promote_version", "Lets a version serve, from now on.",
            {{In::kQuery, "to", Kind::kText, "live (the default), shadow or canary."},
             {In::kQuery, "force", Kind::kFlag, "Even if it was rejected."}},
            {told, {400, "`to` is no such state.", "Problem"}, refused}, promote),
      route("POST", "/rollback", "roll_back",
            "Gives up the version on trial, or else the live one: what was live before is live again.",
            {{In::kQuery, "reason", Kind::kText, "Why, for the record."}},
            {{200, "The version that was given up.", "ModelVersion"}, refused}, roll_back),
      route("POST", "/versions/{version}/pin", "pin_version", "Keeps a version from being pruned.", {}, {told}, pin),
      route("POST", "/versions/{version}/unpin", "unpin_version", "Lets a version be pruned again.", {}, {told}, pin),
      route("POST", "/prune", "prune_versions",
            "Drops old versions; never one that is live, on trial, pinned, or that a rollback leads to.",
            {{In::kQuery, "keep", Kind::kInteger, "How many of the newest are kept; 0: as many as the topology says.",
              0, 0, 1'000'000}},
            {{200, "Numbers of the versions that were dropped.", "VersionsDropped"}}, prune),
  };
}

}  // namespace penstock
