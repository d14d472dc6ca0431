// POST /v1/models/{name}/choose.
//
//   {"user": "u1", "context": {"device": "phone"}, "arms": ["a", "b"], "decision": "my-id"}, all of it optional
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "actors/servers/api_routes.h"
#include "actors/servers/json_writer.h"
#include "actors/servers/prediction_desk.h"

namespace penstock {
namespace {

using rapidjson::Value;

constexpr size_t kMostArms = 1000;
constexpr size_t kMostIdBytes = 200;
constexpr size_t kMostContextBytes = 64 * 1024;

std::string text_of(const Value& value) { return {value.GetString(), value.GetStringLength()}; }

std::string json_of(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

Status read_arms(const Value& value, ChoiceQuery& query) {
  bool good = value.IsArray() && !value.Empty() && value.Size() <= kMostArms;
  for (rapidjson::SizeType i = 0; good && i < value.Size(); ++i) {
    good = value[i].IsString() && value[i].GetStringLength() > 0 && value[i].GetStringLength() <= kMostIdBytes;
    if (good)
      query.arms.push_back(text_of(value[i]));
  }
  return good ? ok()
              : invalid_argument("the body at /arms: expected an array of 1 to " + std::to_string(kMostArms) +
                                 " names, each of 1 to " + std::to_string(kMostIdBytes) + " bytes");
}

Status read_member(const std::string& name, const Value& value, ChoiceQuery& query) {
  if (name == "user" || name == "decision") {
    if (!value.IsString() || value.GetStringLength() > kMostIdBytes)
      return invalid_argument("the body at /" + name + ": expected a text of at most " + std::to_string(kMostIdBytes) +
                              " bytes");
    (name == "user" ? query.user : query.decision) = text_of(value);
    return ok();
  }
  if (name == "arms")
    return read_arms(value, query);
  if (name != "context")
    return invalid_argument("the body at /" + name + ": unknown; known are user, context, arms, decision");
  if (!value.IsObject())
    return invalid_argument("the body at /context: expected an object with the features as its members");
  query.context = json_of(value);
  if (query.context.size() > kMostContextBytes)
    return invalid_argument("the body at /context: has more than 64 KiB");
  return ok();
}

Result<ChoiceQuery> read_body(const std::string& text) {
  ChoiceQuery query;
  if (text.empty())
    return query;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (document.HasParseError())
    return invalid_argument("byte " + std::to_string(document.GetErrorOffset()) +
                            " of the body: " + rapidjson::GetParseError_En(document.GetParseError()));
  if (!document.IsObject())
    return invalid_argument("the body must be an object with user, context, arms or decision");
  for (const auto& member : document.GetObject())
    PENSTOCK_TRY(read_member(text_of(member.name), member.value, query));
  return query;
}

std::string to_json(const Choice& choice) {
  JsonWriter json;
  json.begin_object();
  json.field("model", choice.model);
  json.field("arm", choice.arm);
  json.field("propensity", choice.propensity);
  json.field("decision", choice.decision);
  json.field("logged", choice.logged);
  json.field("learnt", choice.learnt);
  json.key("scores").begin_array();
  for (const Choice::Arm& arm : choice.arms) {
    json.begin_object();
    json.field("arm", arm.arm);
    json.field("score", arm.score);
    json.field("propensity", arm.propensity);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.take();
}

void choose(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string_view type = call.request.header("Content-Type").value_or("");
  if (!call.request.body.empty() && !equal_ignoring_case(type.substr(0, type.find(';')), "application/json"))
    return respond(problem(415, "send the body as application/json", call.request.path));
  PredictionDesk* desk = context.node.predictions();
  if (desk == nullptr)
    return respond(problem(404, "the topology has no bandit", call.request.path));
  Result<ChoiceQuery> query = read_body(call.request.body);
  if (!query.ok())
    return respond(problem(query.status(), call.request.path));
  query->model = call.path_text("name");
  const Result<Choice> choice = desk->choose(*query);
  respond(choice.ok() ? json_answer(to_json(*choice)) : problem(choice.status(), call.request.path));
}

}  // namespace

std::vector<ApiRoute> choice_routes() {
  return {
      {.method = "POST",
       .path = "/v1/models/{name}/choose",
       .id = "choose",
       .summary = "Chooses one of a bandit's arms for this situation, and tells with which probability it did.",
       .parameters = {{ApiParameter::In::kPath, "name", ApiParameter::Kind::kText, "The bandit."}},
       .answers = {{200, "The choice. Its `decision` is the id that outcomes name.", "Choice"},
                   {400, "The body is wrong.", "Problem"},
                   {404, "There is no such bandit.", "Problem"},
                   {415, "The body is not JSON.", "Problem"},
                   {503, "The bandit is starting, or has no arms yet.", "Problem"}},
       .handle = choose,
       .body_types = {"application/json"},
       .body_schema = "ChoiceQuery"},
  };
}

}  // namespace penstock
