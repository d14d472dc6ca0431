#include <simdjson.h>
#include <catch2/catch.hpp>
#include <set>

#include "actors/servers/api_routes.h"
#include "tests/servers/api_fixture.h"
#include "tests/servers/fake_batches.h"
#include "tests/servers/fake_jobs.h"

namespace penstock {
namespace {

namespace dom = simdjson::dom;

/// Every `$ref` in the document.
void collect_references(const dom::element& element, std::set<std::string>& out) {
  if (dom::array array; element.get(array) == simdjson::SUCCESS)
    for (const dom::element child : array)
      collect_references(child, out);
  if (dom::object object; element.get(object) == simdjson::SUCCESS)
    for (const dom::key_value_pair field : object) {
      if (field.key == "$ref")
        out.insert(std::string(std::string_view(field.value)));
      collect_references(field.value, out);
    }
}

/// What a JSON Schema (of the kinds we write) finds wrong with a value; empty if nothing.
std::string mismatch(const dom::element& root, const dom::element& schema, const dom::element& value,
                     const std::string& where) {
  std::string_view text;
  if (schema["$ref"].get(text) == simdjson::SUCCESS)
    return mismatch(root, root.at_pointer(text.substr(1)), value, where);
  dom::array choices;
  if (schema["oneOf"].get(choices) == simdjson::SUCCESS) {
    std::string last;
    for (const dom::element choice : choices)
      if ((last = mismatch(root, choice, value, where)).empty())
        return "";
    return last;
  }
  std::set<std::string> types;
  if (schema["type"].get(text) == simdjson::SUCCESS)
    types.emplace(text);
  else if (dom::array list; schema["type"].get(list) == simdjson::SUCCESS)
    for (const dom::element type : list)
      types.emplace(std::string_view(type));
  const std::string found = value.is_null()                         ? "null"
                            : value.is_bool()                       ? "boolean"
                            : value.is_string()                     ? "string"
                            : value.is_array()                      ? "array"
                            : value.is_object()                     ? "object"
                            : value.is_int64() || value.is_uint64() ? "integer"
                                                                    : "number";
  if (!types.contains(found) && !(found == "integer" && types.contains("number")))
    return where + ": unexpected " + found;
  if (dom::array array; value.get(array) == simdjson::SUCCESS && schema["items"].error() == simdjson::SUCCESS)
    for (const dom::element child : array)
      if (std::string wrong = mismatch(root, schema["items"], child, where + "[]"); !wrong.empty())
        return wrong;
  dom::object object, properties;
  if (value.get(object) != simdjson::SUCCESS)
    return "";
  if (dom::array required; schema["required"].get(required) == simdjson::SUCCESS)
    for (const dom::element name : required)
      if (object[std::string_view(name)].error() != simdjson::SUCCESS)
        return where + ": no " + std::string(std::string_view(name));
  if (schema["properties"].get(properties) == simdjson::SUCCESS)
    for (const dom::key_value_pair field : object) {
      dom::element known;
      if (properties[field.key].get(known) != simdjson::SUCCESS)
        return where + ": undeclared " + std::string(field.key);
      if (std::string wrong = mismatch(root, known, field.value, where + "/" + std::string(field.key)); !wrong.empty())
        return wrong;
    }
  return "";
}

struct Fixture : test::ApiFixture {
  dom::parser parser;
  std::string text = ask("GET", "/openapi.json")->body;
  dom::element document = parser.parse(text);
};

TEST_CASE_METHOD(Fixture, "openapi.json covers every route with its parameters and answers") {
  CHECK(std::string_view(document["openapi"]) == "3.1.0");
  std::set<std::string> ids;
  for (const ApiRoute& route : api_routes()) {
    INFO(route.path);
    std::string path = route.path;
    if (const size_t dots = path.find("..."); dots != std::string::npos)
      path.erase(dots, 3);
    const dom::element operation = document["paths"][path][route.method == "GET"    ? "get"
                                                           : route.method == "POST" ? "post"
                                                                                    : "delete"];
    CHECK(std::string_view(operation["operationId"]) == route.id);
    CHECK(ids.insert(route.id).second);
    CHECK_FALSE(std::string_view(operation["summary"]).empty());
    for (const ApiAnswer& answer : route.answers)
      CHECK(operation["responses"][std::to_string(answer.status)]["description"].is_string());
    size_t in_path = 0;
    if (dom::array parameters; operation["parameters"].get(parameters) == simdjson::SUCCESS)
      for (const dom::element parameter : parameters) {
        if (std::string_view(parameter["in"]) != "path")
          continue;
        ++in_path;
        CHECK(path.find("{" + std::string(std::string_view(parameter["name"])) + "}") != std::string::npos);
      }
    CHECK(in_path == static_cast<size_t>(std::count(path.begin(), path.end(), '{')));
  }
}

TEST_CASE_METHOD(Fixture, "every reference in openapi.json leads somewhere, and every schema is used") {
  std::set<std::string> references, schemas;
  collect_references(document, references);
  for (const auto& [name, schema] : api_schemas())
    schemas.insert("#/components/schemas/" + name);
  CHECK(references == schemas);
}

TEST_CASE_METHOD(Fixture, "openapi.json and the index tell the paths of the node's own sources") {
  const dom::element operation = document["paths"]["/ingest/deliveries"]["post"];
  CHECK(std::string_view(operation["operationId"]) == "ingest_deliveries");
  CHECK(std::string_view(operation["parameters"].at_pointer("/0")["name"]) == "atomic");
  CHECK(std::string_view(operation["parameters"].at_pointer("/1")["in"]) == "header");
  CHECK(operation["requestBody"]["content"]["text/csv"].is_object());
  CHECK_THAT(get("/"), Catch::Contains(R"("path":"/ingest/deliveries")"));
}

TEST_CASE_METHOD(Fixture, "real answers are what openapi.json says") {
  const std::vector<std::array<std::string, 4>> requests = {
      {"GET", "/", "", "Index"},
      {"GET", "/v1/users/42/recommendations", "", "Recommendation"},
      {"GET", "/v1/users/stranger/recommendations", "", "Recommendation"},
      {"POST", "/v1/recommendations", R"({"users":["42","stranger"]})", "Recommendations"},
      {"POST", "/v1/sessions/recommendations", R"({"items":["i1"]})", "Recommendation"},
      {"GET", "/v1/items/i1/similar", "", "SimilarItems"},
      {"POST", "/v1/events", R"([{"user":1,"item":"a"}])", "EventsTaken"},
      {"POST", "/v1/events", R"([{"user":1}])", "Problem"},
      {"POST", "/ingest/deliveries", R"([{"user":1},{"user":1,"item":"a"}])", "EventsTaken"},
      {"GET", "/v1/views/failures", "", "ViewRows"},
      {"GET", "/v1/views/failures/Ulm/7", "", "ViewRow"},
      {"GET", "/v1/models", "", "Models"},
      {"GET", "/v1/models/taste", "", "Model"},
      {"POST", "/v1/models/taste/train", "", "TrainingBegun"},
      {"POST", "/v1/views/failures/recompute", "", "BatchRun"},
      {"POST", "/v1/views/failures/reconcile", "", "Problem"},
      {"GET", "/v1/batch-runs", "", "BatchRuns"},
      {"POST", "/v1/batch-runs/failures-1/cancel", "", "BatchRun"},
      {"GET", "/v1/jobs", "", "Jobs"},
      {"GET", "/v1/jobs/nightly", "", "Job"},
      {"POST", "/v1/jobs/nightly/run", "", "JobRun"},
      {"GET", "/v1/jobs/nightly", "", "Job"},
      {"POST", "/v1/jobs/nightly/cancel", "", "JobRun"},
      {"GET", "/v1/status", "", "Status"},
      {"GET", "/v1/logs", "", "Logs"},
      {"GET", "/health", "", "Probe"},
      {"GET", "/nowhere", "", "Problem"},
      {"GET", "/v1/status?n=1", "", "Problem"},
  };
  test::FakeJobs jobs;
  node.jobs_ = &jobs;
  test::FakeBatches batches;
  node.batches_ = &batches;
  node.status_.models.push_back({"young", "als", "untrained", "", -1, {}, {}});
  for (const auto& [method, target, body, schema] : requests) {
    INFO(method + " " + target);
    dom::parser answers;
    const std::string answer = ask(method, target, body)->body;
    dom::element value;
    REQUIRE(answers.parse(answer).get(value) == simdjson::SUCCESS);
    CHECK(mismatch(document, document["components"]["schemas"][schema], value, schema) == "");
  }
}

}  // namespace
}  // namespace penstock
