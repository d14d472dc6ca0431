// POST /v1/backup, GET /v1/backup.
#include "actors/servers/api_routes.h"
#include "actors/servers/json_writer.h"
#include "messages/json_lines.h"
#include "messages/timestamp.h"

namespace penstock {
namespace {

// The name in the body; empty where there is no body.
Result<std::string> name_in(const std::string& body) {
  if (body.empty())
    return std::string();
  const auto schema = std::make_shared<const Schema>(std::vector<Field>{{"path", Type::kString, true}});
  PENSTOCK_ASSIGN(const Decoded decoded, JsonLinesDecoder(schema).decode_value(body, "body", 1));
  if (decoded.errors.empty() && decoded.batch->rows() == 1)
    return std::string(decoded.batch->column(0)->string(decoded.batch->row(0)));
  return invalid_argument(
      "the body should be {\"path\": \"NAME\"}, the name of the backup below the node's backup folder");
}

std::string text_of(const BackupStatus& status) {
  JsonWriter json;
  json.begin_object();
  json.field("path", status.path);
  json.field("state", status.state);
  json.field("message", status.message);
  json.field("started", format_timestamp(status.started));
  json.field("seconds", status.seconds);
  json.field("bytes", status.bytes);
  json.field("xxh3_128", status.checksum);
  json.end_object();
  return json.take();
}

void begin(const ApiContext& context, ApiCall call, const Responder& respond) {
  const Result<std::string> name = name_in(call.request.body);
  if (!name.ok())
    return respond(problem(name.status(), call.request.path));
  const Result<std::string> path = context.node.begin_backup(*name);
  if (!path.ok())
    return respond(problem(path.status(), call.request.path));
  BackupStatus begun = context.node.backup_status().value_or(BackupStatus{});
  begun.path = *path;
  HttpResponse answer = json_answer(text_of(begun), 202);
  answer.headers.emplace_back("Location", "/v1/backup");
  respond(std::move(answer));
}

void show(const ApiContext& context, ApiCall call, const Responder& respond) {
  const auto status = context.node.backup_status();
  if (!status)
    return respond(problem(404, "no backup was taken since the node started", call.request.path));
  respond(json_answer(text_of(*status)));
}

}  // namespace

std::vector<ApiRoute> backup_routes() {
  return {
      {.method = "POST",
       .path = "/v1/backup",
       .id = "begin_backup",
       .summary = "Begins a backup of the whole store while the node goes on: {\"path\": \"NAME\"}, a name below the "
                  "setting backup_dir; without a body it is named after the topology and the time.",
       .parameters = {},
       .answers = {{202, "It has begun; GET /v1/backup tells how it goes.", "Backup"},
                   {400, "The name is not one.", "Problem"},
                   {409, "There is a backup of that name, or one is being written.", "Problem"},
                   {503, "The node has no folder for backups.", "Problem"}},
       .handle = begin,
       .body_types = {"application/json"}},
      {.method = "GET",
       .path = "/v1/backup",
       .id = "backup",
       .summary = "The newest backup since the node started.",
       .parameters = {},
       .answers = {{200, "How it goes, or went.", "Backup"}, {404, "There was none.", "Problem"}},
       .handle = show}};
}

}  // namespace penstock
