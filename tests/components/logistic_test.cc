#include "actors/aggregators/logistic.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.h"
#include "models/binary_metrics.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Role;

const SchemaPtr kOrders = test::schema({{"shop", Type::kInt64},
                                        {"minutes", Type::kFloat64},
                                        {"note", Type::kString},
                                        {"status", Type::kString},
                                        {"weight", Type::kFloat64}});

constexpr const char* kRefunds =
    "label: status = 'REFUNDED'\n"
    "features:\n  shop: categorical\n  minutes: numeric\n  note: {type: text, buckets: 64}\n";

Made made(const std::string& yaml = kRefunds) { return {Role::kModel, "logistic", yaml, {{"in", kOrders, false, {}}}}; }

// Orders of which late ones, and those of every fifth shop, are often refunded.
std::string orders(int count, uint64_t seed) {
  Random random(seed);
  std::string out;
  for (int i = 0; i < count; ++i) {
    const uint64_t shop = random.below(20);
    const double minutes = 30 + 10 * random.normal();
    const double log_odds = (shop % 5 == 0 ? 1 : -3) + 0.15 * (minutes - 30);
    const bool refunded = random.uniform() < 1 / (1 + std::exp(-log_odds));
    out += R"({"shop":)" + std::to_string(shop) + R"(,"minutes":)" + std::to_string(minutes) + R"(,"status":")" +
           (refunded ? "REFUNDED" : "DELIVERED") + R"("})" + "\n";
  }
  return out;
}

std::unique_ptr<Predictor> learnt(const Made& of, const std::string& lines) {
  auto model = of.aggregator();
  StageOutput out;
  REQUIRE(model->process(test::rows(kOrders, lines), out).ok());
  REQUIRE(out.rejected.empty());
  return std::unique_ptr<Predictor>(dynamic_cast<Predictor*>(model.release()));
}

double probability(const Predictor& model, const PredictionRow& row) {
  const auto prediction = model.predict(row, false);
  REQUIRE(prediction.ok());
  return prediction->probability;
}

TEST_CASE("logistic learns from the stream what makes an outcome likely") {
  const auto model = learnt(made(), orders(5'000, 1));
  const double bad = probability(*model, {{"shop", int64_t{5}}, {"minutes", 45.0}});
  const double good = probability(*model, {{"shop", int64_t{6}}, {"minutes", 25.0}});
  CHECK(bad > 0.8);
  CHECK(good < 0.1);
  CHECK(probability(*model, {{"shop", int64_t{999}}}) > good);
  const Predictor::Learnt sum = model->learnt();
  CHECK(sum.rows == 5'000);
  CHECK(sum.quality.auc > 0.85);
  CHECK(sum.quality.calibration_error < 0.05);
}

TEST_CASE("logistic says what its answer consists of") {
  const auto model = learnt(made(), orders(5'000, 1));
  const auto prediction = model->predict({{"shop", int64_t{5}}, {"minutes", 45.0}}, true);
  REQUIRE(prediction.ok());
  double sum = 0;
  std::string names;
  for (const auto& [name, part] : prediction->contributions) {
    sum += part;
    names += name + " ";
  }
  CHECK(sum == Approx(prediction->log_odds));
  CHECK_THAT(names, Catch::Contains("shop=5") && Catch::Contains("minutes") && Catch::Contains("bias"));
}

TEST_CASE("logistic goes on after a restart as if there had been none, however epochs were cut") {
  const Made of = made();
  const auto whole = learnt(of, orders(600, 3) + orders(300, 4));
  auto first = of.aggregator();
  std::map<std::string, std::string> table;
  StageOutput out;
  const BatchPtr rows = test::rows(kOrders, orders(600, 3));
  for (size_t from = 0; from < 600; from += 100) {
    REQUIRE(first->process(rows->slice(from, 100), out).ok());
    REQUIRE(first->end_epoch(out).ok());
    for (const auto& [key, value] : out.changes)
      table[key] = *value;
    out.clear();
  }
  auto second = of.aggregator();
  for (const auto& [key, value] : table)
    REQUIRE(second->restore(key, value).ok());
  REQUIRE(second->process(test::rows(kOrders, orders(300, 4)), out).ok());
  CHECK(second->read_all(1).value()->to_string() == whole->read_all(1).value()->to_string());
  const auto& again = dynamic_cast<const Predictor&>(*second);
  for (int64_t shop = 0; shop < 20; ++shop)
    CHECK(probability(again, {{"shop", shop}, {"minutes", 33.0}}) ==
          probability(*whole, {{"shop", shop}, {"minutes", 33.0}}));
}

TEST_CASE("logistic passes over rows without an outcome and rejects weights that mean nothing") {
  const Made of = made(std::string(kRefunds) + "weight: weight\n");
  auto model = of.aggregator();
  StageOutput out;
  const BatchPtr rows = test::rows_at(kOrders, R"({"shop":1,"status":"REFUNDED","weight":1}
{"shop":1,"weight":1}
{"shop":1,"status":"REFUNDED","weight":0}
{"shop":1,"status":"REFUNDED"}
{"shop":1,"status":"REFUNDED","weight":-1})",
                                      10);
  REQUIRE(model->process(rows, out).ok());
  CHECK(dynamic_cast<Predictor&>(*model).learnt().rows == 1);
  CHECK(test::reasons(out) == "prediction: the weight is -1, but must be 0 or more, and finite @14\n");
}

TEST_CASE("logistic refuses a state that was learnt with other features") {
  auto one = made().aggregator();
  StageOutput out;
  REQUIRE(one->process(test::rows(kOrders, orders(5, 1)), out).ok());
  REQUIRE(one->end_epoch(out).ok());
  const auto other = made("label: status = 'REFUNDED'\nfeatures: {shop: categorical}\n").aggregator();
  const Status status = other->restore(out.changes.front().first, *out.changes.front().second);
  CHECK(status.code() == Code::kFailedPrecondition);
  CHECK_THAT(status.message(), Catch::Contains("other features"));
  CHECK(one->restore("x", "").code() == Code::kDataLoss);
  CHECK(one->restore("m", std::string(1, '\1')).code() != Code::kOk);
  CHECK(one->restore("w1234", std::string("\1short")).code() == Code::kDataLoss);
}

TEST_CASE("a question about an unknown feature, or with the wrong type, says what would be right") {
  const auto model = learnt(made(), orders(5, 1));
  CHECK(model->predict({{"minuets", 3.0}}, false).status().message() ==
        "there is no feature `minuets`; did you mean `minutes`?");
  CHECK(model->predict({{"minutes", std::string("x")}}, false).status().message() ==
        "feature `minutes` must be a number");
}

TEST_CASE("the declaration of a logistic model is checked") {
  const auto mistakes = [](const std::string& yaml) {
    return test::mistakes(Role::kModel, "logistic", yaml, {{"in", kOrders, false, {}}});
  };
  CHECK(mistakes(kRefunds).empty());
  CHECK_THAT(mistakes("label: status\nfeatures: {shop: categorical}"), Catch::Contains("bool"));
  CHECK_THAT(mistakes("label: status = 'X'\nfeatures: {shp: categorical}"), Catch::Contains("shop"));
  CHECK_THAT(mistakes("label: status = 'X'\nfeatures: {status: numeric}"), Catch::Contains("status"));
  CHECK_THAT(mistakes("label: status = 'X'\nfeatures: {minutes: {type: numeric, buckets: 5}}"),
             Catch::Contains("says nothing for a numeric column"));
  CHECK_FALSE(mistakes("label: status = 'X'").empty());
}

}  // namespace
}  // namespace penstock
