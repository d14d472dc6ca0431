// POST /v1/models/{name}/predict.
//
//   {"features": {"city": "Rome", "minutes": 31}} or {"rows": [{...}, {...}]}, and {"contributions": true}
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include "actors/servers/api_routes.h"
#include "actors/servers/json_writer.h"
#include "actors/servers/prediction_desk.h"

namespace penstock {
namespace {

using rapidjson::Value;

constexpr size_t kMostRows = 10'000;

struct Body {
  std::vector<PredictionRow> rows;
  bool contributions = false;
  bool many = false;  // `rows` was given: answered with a list
};

std::string text_of(const Value& value) { return {value.GetString(), value.GetStringLength()}; }

Result<PredictionValue> read_value(const std::string& pointer, const Value& value) {
  if (value.IsNull())
    return PredictionValue{};
  if (value.IsBool())
    return PredictionValue{value.GetBool()};
  if (value.IsInt64())
    return PredictionValue{value.GetInt64()};
  if (value.IsNumber())
    return PredictionValue{value.GetDouble()};
  if (value.IsString())
    return PredictionValue{text_of(value)};
  std::vector<std::string> list;
  bool texts = value.IsArray();
  for (rapidjson::SizeType i = 0; texts && i < value.Size(); ++i) {
    texts = value[i].IsString();
    if (texts)
      list.push_back(text_of(value[i]));
  }
  if (!texts)
    return invalid_argument("the body at " + pointer + ": expected a text, number, bool, null or a list of texts");
  return PredictionValue{std::move(list)};
}

Result<PredictionRow> read_row(const std::string& pointer, const Value& row) {
  if (!row.IsObject())
    return invalid_argument("the body at " + pointer + R"(: expected an object of features such as {"city":"Rome"})");
  PredictionRow out;
  for (const auto& member : row.GetObject()) {
    std::string name = text_of(member.name);
    std::string place = pointer;
    place.append("/").append(name);
    PENSTOCK_ASSIGN(PredictionValue value, read_value(place, member.value));
    out.insert_or_assign(std::move(name), std::move(value));
  }
  return out;
}

Status read_member(const std::string& name, const Value& value, Body& body) {
  if (name == "features") {
    PENSTOCK_ASSIGN(PredictionRow row, read_row("/features", value));
    body.rows.push_back(std::move(row));
    return ok();
  }
  if (name == "contributions") {
    if (!value.IsBool())
      return invalid_argument("the body at /contributions: expected true or false");
    body.contributions = value.GetBool();
    return ok();
  }
  if (name != "rows")
    return invalid_argument("the body at /" + name + ": unknown; known are features, rows, contributions");
  if (!value.IsArray() || value.Empty() || value.Size() > kMostRows)
    return invalid_argument("the body at /rows: expected an array of 1 to " + std::to_string(kMostRows) + " objects");
  body.many = true;
  for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
    PENSTOCK_ASSIGN(PredictionRow row, read_row("/rows/" + std::to_string(i), value[i]));
    body.rows.push_back(std::move(row));
  }
  return ok();
}

Result<Body> read_body(const std::string& text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (document.HasParseError())
    return invalid_argument("byte " + std::to_string(document.GetErrorOffset()) +
                            " of the body: " + rapidjson::GetParseError_En(document.GetParseError()));
  if (!document.IsObject() || document.HasMember("features") == document.HasMember("rows"))
    return invalid_argument(R"(the body must be an object with either "features" (one case) or "rows" (several))");
  Body body;
  for (const auto& member : document.GetObject())
    PENSTOCK_TRY(read_member(text_of(member.name), member.value, body));
  return body;
}

void write_prediction(JsonWriter& json, const Prediction& prediction, bool contributions) {
  json.field("probability", prediction.probability);
  if (!contributions)
    return;
  json.field("log_odds", prediction.log_odds);
  json.key("contributions").begin_array();
  for (const auto& [feature, value] : prediction.contributions) {
    json.begin_object();
    json.field("feature", feature);
    json.field("value", value);
    json.end_object();
  }
  json.end_array();
}

std::string to_json(const PredictionAnswer& answer, const Body& asked) {
  JsonWriter json;
  json.begin_object();
  json.field("model", answer.model);
  json.field("learnt", answer.learnt);
  if (!asked.many) {
    write_prediction(json, answer.predictions.front(), asked.contributions);
  } else {
    json.key("predictions").begin_array();
    for (const Prediction& prediction : answer.predictions) {
      json.begin_object();
      write_prediction(json, prediction, asked.contributions);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  return json.take();
}

void predict(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string_view type = call.request.header("Content-Type").value_or("");
  if (!equal_ignoring_case(type.substr(0, type.find(';')), "application/json"))
    return respond(problem(415, "send the body as application/json", call.request.path));
  const PredictionDesk* desk = context.node.predictions();
  if (desk == nullptr)
    return respond(problem(404, "the topology has no model that foretells outcomes", call.request.path));
  const Result<Body> body = read_body(call.request.body);
  if (!body.ok())
    return respond(problem(body.status(), call.request.path));
  const auto answer = desk->predict(call.path_text("name"), body->rows, body->contributions);
  respond(answer.ok() ? json_answer(to_json(*answer, *body)) : problem(answer.status(), call.request.path));
}

}  // namespace

std::vector<ApiRoute> prediction_routes() {
  return {{.method = "POST",
           .path = "/v1/models/{name}/predict",
           .id = "predict",
           .summary = "The probability of what an online model (logistic) foretells, for one case or several.",
           .parameters = {{ApiParameter::In::kPath, "name", ApiParameter::Kind::kText, "The model."}},
           .answers = {{200, "The probabilities.", "Predicted"},
                       {400, "The body is wrong, or a feature is.", "Problem"},
                       {404, "There is no such model, or it foretells no outcomes.", "Problem"},
                       {415, "The body is no JSON.", "Problem"},
                       {503, "The model is starting.", "Problem"}},
           .handle = predict,
           .body_types = {"application/json"},
           .body_schema = "Predict"}};
}

}  // namespace penstock
