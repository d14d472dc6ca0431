// GET /v1/views/{name} and GET /v1/views/{name}/{key}.
#include "actors/servers/api_routes.h"
#include "actors/servers/json_writer.h"
#include "messages/json_writer.h"

namespace penstock {
namespace {

using In = ApiParameter::In;
using Kind = ApiParameter::Kind;

void view_row(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string& view = call.path_text("name");
  const std::vector<std::string>& key = call.path.find("key")->second;
  const Result<BatchPtr> row = context.node.view_row(view, key);
  if (!row.ok())
    return respond(problem(row.status(), call.request.path));
  if (*row == nullptr || (*row)->rows() == 0) {
    std::string text;
    for (const std::string& part : key)
      text += (text.empty() ? "" : "/") + part;
    return respond(problem(404, "view \"" + view + "\" has no row with the key " + text, call.request.path));
  }
  JsonWriter json;
  json.begin_object();
  json.field("view", view);
  json.key("row").raw(row_to_json(**row, 0));
  json.end_object();
  respond(json_answer(json.take()));
}

void view_rows(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string& view = call.path_text("name");
  const auto limit = static_cast<size_t>(call.integer(context.route.parameter("limit")));
  const Result<BatchPtr> rows = context.node.view_rows(view, limit);
  if (!rows.ok())
    return respond(problem(rows.status(), call.request.path));
  JsonWriter json;
  json.begin_object();
  json.field("view", view);
  json.key("rows").begin_array();
  for (size_t i = 0; *rows != nullptr && i < (*rows)->rows(); ++i)
    json.raw(row_to_json(**rows, i));
  json.end_array();
  json.end_object();
  respond(json_answer(json.take()));
}

}  // namespace

std::vector<ApiRoute> view_routes() {
  return {
      {.method = "GET",
       .path = "/v1/views/{name}",
       .id = "view_rows",
       .summary = "Rows of a view.",
       .parameters = {{In::kPath, "name", Kind::kText, "The view."},
                      {In::kQuery, "limit", Kind::kInteger, "At most so many rows.", 100, 1, 10000}},
       .answers = {{200, "The rows: in the order of a sort, else in no order.", "ViewRows"},
                   {404, "There is no such view.", "Problem"}},
       .handle = view_rows},
      {.method = "GET",
       .path = "/v1/views/{name}/{key...}",
       .id = "view_row",
       .summary = "One row of a view, by its key.",
       .parameters = {{In::kPath, "name", Kind::kText, "The view."},
                      {In::kPath, "key", Kind::kText,
                       "The values of the key columns; several are parted by slashes, as further path segments."}},
       .answers = {{200, "The row.", "ViewRow"},
                   {400, "The key does not fit the view's key columns.", "Problem"},
                   {404, "There is no such view, or it has no such row.", "Problem"}},
       .handle = view_row},
  };
}

}  // namespace penstock
