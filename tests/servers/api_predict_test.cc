// The request for a probability, over a desk that answers what a test has put into it.
#include <catch2/catch.hpp>

#include "actors/servers/prediction_desk.h"
#include "tests/servers/api_fixture.h"

namespace penstock {
namespace {

std::string text(const PredictionValue& value) {
  if (const auto* flag = std::get_if<bool>(&value))
    return *flag ? "true" : "false";
  if (const auto* whole = std::get_if<int64_t>(&value))
    return "int " + std::to_string(*whole);
  if (const auto* number = std::get_if<double>(&value))
    return "number " + std::to_string(*number);
  if (const auto* word = std::get_if<std::string>(&value))
    return "\"" + *word + "\"";
  if (const auto* list = std::get_if<std::vector<std::string>>(&value))
    return "list of " + std::to_string(list->size());
  return "missing";
}

class Desk final : public PredictionDesk {
 public:
  Result<PredictionAnswer> predict(const std::string& model, std::span<const PredictionRow> rows,
                                   bool contributions) const override {
    asked.clear();
    for (const PredictionRow& row : rows) {
      for (const auto& [name, value] : row)
        asked += name + ": " + text(value) + " ";
      asked += "|";
    }
    if (model != "refunds")
      return not_found("there is no model \"" + model + "\"");
    PredictionAnswer answer{model, {}, 500};
    for (size_t i = 0; i < rows.size(); ++i) {
      answer.predictions.push_back({0.25, -1, {}});
      if (contributions)
        answer.predictions.back().contributions = {{"bias", -1.5}, {"city=Rome", 0.5}};
    }
    return answer;
  }
  Result<Choice> choose(const ChoiceQuery&) override { return not_found("nothing to choose"); }

  mutable std::string asked;
};

struct Fixture : test::ApiFixture {
  Fixture() { node.predictions_ = &desk; }
  std::string mistake(const std::string& body) { return detail(post("/v1/models/refunds/predict", body)); }
  Desk desk;
};

TEST_CASE_METHOD(Fixture, "a probability is asked for one case or several") {
  CHECK(post("/v1/models/refunds/predict", R"({"features":{"city":"Rome","shop":7,"minutes":3.5,"new":true,
      "tags":["a","b"],"note":null}})") == R"(200 {"model":"refunds","learnt":500,"probability":0.25})");
  CHECK(desk.asked == "city: \"Rome\" minutes: number 3.500000 new: true note: missing shop: int 7 tags: list of 2 |");
  CHECK(post("/v1/models/refunds/predict", R"({"rows":[{"shop":1},{}]})") ==
        R"(200 {"model":"refunds","learnt":500,"predictions":[{"probability":0.25},{"probability":0.25}]})");
  CHECK(desk.asked == "shop: int 1 ||");
}

TEST_CASE_METHOD(Fixture, "a probability comes with what it consists of where that is asked") {
  CHECK(post("/v1/models/refunds/predict", R"({"features":{},"contributions":true})") ==
        R"(200 {"model":"refunds","learnt":500,"probability":0.25,"log_odds":-1,"contributions":)"
        R"([{"feature":"bias","value":-1.5},{"feature":"city=Rome","value":0.5}]})");
}

TEST_CASE_METHOD(Fixture, "a wrong question for a probability is answered with what is wrong") {
  CHECK_THAT(mistake("{"), Catch::StartsWith("400 byte "));
  CHECK_THAT(mistake("[]"), Catch::Contains("either"));
  CHECK_THAT(mistake("{}"), Catch::Contains("either"));
  CHECK_THAT(mistake(R"({"features":{},"rows":[{}]})"), Catch::Contains("either"));
  CHECK_THAT(mistake(R"({"features":3})"), Catch::Contains("/features: expected an object"));
  CHECK_THAT(mistake(R"({"rows":[]})"), Catch::Contains("/rows: expected an array of 1 to 10000"));
  CHECK_THAT(mistake(R"({"rows":[{},5]})"), Catch::Contains("/rows/1: expected an object"));
  CHECK_THAT(mistake(R"({"features":{"a":{"b":1}}})"), Catch::Contains("/features/a: expected a text"));
  CHECK_THAT(mistake(R"({"features":{"a":[1]}})"), Catch::Contains("/features/a: expected a text"));
  CHECK_THAT(mistake(R"({"features":{},"contributions":1})"), Catch::Contains("true or false"));
  CHECK_THAT(mistake(R"({"features":{},"why":1})"), Catch::Contains("/why: unknown"));
  CHECK(detail(post("/v1/models/x/predict", R"({"features":{}})")) == R"(404 there is no model \"x\")");
  CHECK(detail(post("/v1/models/refunds/predict", "{}", "text/plain")) == "415 send the body as application/json");
  node.predictions_ = nullptr;
  CHECK_THAT(mistake(R"({"features":{}})"), Catch::StartsWith("404 the topology has no model"));
}

}  // namespace
}  // namespace penstock
