// GET /v1/tap/{id}.
#include "actors/servers/api_routes.h"
#include "actors/servers/tap_desk.h"
#include "actors/servers/tap_stream.h"
#include "core/nearest.h"

namespace penstock {
namespace {

using In = ApiParameter::In;
using Kind = ApiParameter::Kind;

Status read_where(const std::string& text, const SchemaPtr& schema, TapOptions& options) {
  if (text.empty())
    return ok();
  auto where = sql::Expression::compile(text, schema);
  if (!where.ok())
    return invalid_argument("where: " + where.problem().message +
                            (where.problem().hint.empty() ? "" : "; " + where.problem().hint));
  if (where->type() != Type::kBool)
    return invalid_argument("where: a condition must be bool, but this is " + std::string(type_name(where->type())) +
                            "; compare it with something, as in `price > 0`");
  options.where = std::move(where).value();
  return ok();
}

Status read_columns(const std::vector<std::string>& names, const Schema& schema, TapOptions& options) {
  for (const std::string& name : names) {
    const auto column = schema.index_of(name);
    if (!column) {
      const std::vector<std::string> known = schema.names();
      const auto meant = nearest(name, known);
      return invalid_argument("there is no column \"" + name + "\"; " +
                              (meant ? "did you mean \"" + *meant + "\"?" : "the rows are " + schema.to_string()));
    }
    options.columns.push_back(*column);
  }
  return ok();
}

void tap(const ApiContext& context, ApiCall call, const Responder& respond) {
  TapDesk* desk = context.node.taps();
  if (desk == nullptr)
    return respond(problem(503, "the node does not show rows yet; ask again in a moment", call.request.path));
  const std::string& component = call.path_text("id");
  const Result<SchemaPtr> schema = desk->schema(component);
  if (!schema.ok())
    return respond(problem(schema.status(), call.request.path));
  TapOptions options;
  options.limit = static_cast<uint64_t>(call.integer(context.route.parameter("limit")));
  options.buffer_rows = static_cast<size_t>(call.integer(context.route.parameter("buffer")));
  for (const Status& status :
       {read_where(call.text("where"), *schema, options), read_columns(call.list("columns"), **schema, options)})
    if (!status.ok())
      return respond(problem(status, call.request.path));
  const auto stream = std::make_shared<TapStream>(std::move(options));
  stream->hold(desk->listen(component, [weak = std::weak_ptr(stream)](const BatchPtr& rows) {
    if (const auto open = weak.lock())
      open->put(rows);
  }));
  HttpResponse answer;
  answer.content_type = "text/event-stream";
  answer.headers.emplace_back("Cache-Control", "no-store");
  answer.stream = stream;
  respond(std::move(answer));
}

}  // namespace

std::vector<ApiRoute> tap_routes() {
  return {
      {.method = "GET",
       .path = "/v1/tap/{id}",
       .id = "tap",
       .summary = "The rows that a component emits from now on, live.",
       .parameters = {{In::kPath, "id", Kind::kText,
                       "A source, stage, output `stage.name`, or a sink (what comes to it)."},
                      {In::kQuery, "where", Kind::kText,
                       "A condition in SQL over the columns; only rows for which it is true."},
                      {In::kQuery, "columns", Kind::kList, "The columns to show; all if none is named."},
                      {In::kQuery, "limit", Kind::kInteger, "End after so many rows; 0: never.", 0, 0, 1'000'000'000},
                      {In::kQuery, "buffer", Kind::kInteger,
                       "How many rows may wait for the client before further ones are dropped.", 10'000, 1, 1'000'000}},
       .answers = {{200, "Server-sent events: row, dropped (how many were), error, end.", "", "text/event-stream"},
                   {400, "The condition or a column is wrong.", "Problem"},
                   {404, "There is no such component.", "Problem"}},
       .handle = tap},
  };
}

}  // namespace penstock
