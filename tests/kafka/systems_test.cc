// The five shipped systems side by side on one real broker, by the one variable INPUT: all killed again and again while their topics
// fill, each comes to what its generator knows to be true.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "tests/kafka/system_on_kafka.h"

namespace penstock::test {
namespace {

/// `r3 deliveries 40 failed 5` of each row or member, sorted.
std::vector<std::string> counts(const rapidjson::Value& rows, const char* key,
                                const std::vector<const char*>& columns) {
  std::vector<std::string> out;
  const auto add = [&](std::string text, const rapidjson::Value& row) {
    for (const char* column : columns)
      text += " " + std::string(column) + " " + std::to_string(row[column].IsNull() ? 0 : row[column].GetInt64());
    out.push_back(std::move(text));
  };
  if (rows.IsArray())
    for (const auto& row : rows.GetArray())
      add(row[key].GetString(), row);
  else
    for (const auto& member : rows.GetObject())
      add(member.name.GetString(), member.value);
  std::ranges::sort(out);
  return out;
}

void food_delivery_is_true(SystemOnKafka& food) {
  const std::vector<const char*> columns = {"deliveries", "failed", "refund_cents"};
  const auto known = counts(food.truth()["restaurants"], "", columns);
  const auto found = [&] { return counts(food.rows("failures_by_restaurant")["rows"], "restaurant_id", columns); };
  food.wait_until([&] { return found() == known; });
  CHECK(found() == known);
  CHECK(food.wait_until([&] { return food.sum("trips_per_hour", "trips") == food.truth()["trips"].GetUint64(); }));
  std::vector<std::string> alerts, alarming;
  for (const auto& hour : food.truth()["alarming_hours"].GetArray())
    alarming.emplace_back(hour.GetString());
  const auto on_topic = [&] {
    alerts.clear();
    for (const TopicRecord& record : read_topic(food.broker().address(), "alerts"))
      alerts.emplace_back(parsed(record.value.value_or(""))["window_start"].GetString());
    return alerts;
  };
  food.wait_until([&] { return on_topic() == alarming; });
  CHECK(on_topic() == alarming);
  CHECK_FALSE(alarming.empty());
  uint64_t rejected = 0;
  for (const auto& stream : food.truth()["rejected"].GetObject())
    rejected += stream.value.GetUint64();
  CHECK(food.wait_until([&] { return food.dead_letters() == rejected; }));
  CHECK(food.reconciles("failures_by_restaurant"));
  CHECK(food.stop() == 0);
}

void als_saas_is_true(SystemOnKafka& saas) {
  const uint64_t clean = saas.truth()["clean"].GetUint64();
  saas.wait_until([&] { return saas.sum("interest", "events") >= clean; });
  CHECK(saas.sum("interest", "events") == clean);
  CHECK(saas.wait_until([&] { return saas.dead_letters() == saas.truth()["rejected"].GetUint64(); }));
  const std::vector<const char*> columns = {"views", "carts", "purchases", "sold"};
  std::vector<std::string> known = counts(saas.truth()["products"], "", columns);
  std::erase_if(known, [](const std::string& line) { return line.ends_with("views 0 carts 0 purchases 0 sold 0"); });
  // Each view is a region of its own, and comes to the end when it does.
  CHECK(saas.wait_until([&] { return counts(saas.rows("product_stats")["rows"], "product_id", columns) == known; }));
  CHECK(
      saas.wait_until([&] { return saas.rows("products")["rows"].Size() == saas.truth()["products"].MemberCount(); }));
  CHECK(saas.wait_until([&] { return saas.rows("users")["rows"].Size() == saas.truth()["users"].MemberCount(); }));
  for (const char* view : {"product_stats", "interest"})
    CHECK(saas.reconciles(view));
  CHECK(saas.stop() == 0);
}

void personalization_is_true(SystemOnKafka& shop) {
  shop.put("web-events", "closing.jsonl");
  const auto text = [](const rapidjson::Value& row) {
    std::string out = std::string(row["customer_id"].GetString()) + " " + row["item_id"].GetString() + " " +
                      (row["last_interaction"].IsNull() ? "-" : row["last_interaction"].GetString());
    for (const char* column : {"views", "purchases", "seconds", "strength", "explicit_rating"})
      out += " " + std::to_string(row[column].IsNull() ? -1 : row[column].GetInt64());
    return out;
  };
  std::set<std::string> known;
  for (const std::string& line : lines_of(shop.path("in/training_view.jsonl")))
    known.insert(text(parsed(line)));
  const auto found = [&] {
    std::set<std::string> out;
    const rapidjson::Document view = shop.rows("training_view");
    for (const auto& row : view["rows"].GetArray())
      out.insert(text(row));
    return out;
  };
  shop.wait_until([&] { return found() == known; });
  CHECK(found() == known);
  CHECK(shop.wait_until([&] { return shop.dead_letters() == shop.truth()["rejected"].GetUint64(); }));
  CHECK(shop.reconciles("training_view"));
  CHECK(shop.stop() == 0);
}

void ecommerce_is_true(SystemOnKafka& shop) {
  const auto& truth = shop.truth();
  shop.wait_until([&] {
    return shop.sum("product_activity", "views") == truth["views"].GetUint64() &&
           shop.sum("sales_per_hour", "lines") == truth["orders"].GetUint64();
  });
  CHECK(shop.sum("product_activity", "views") == truth["views"].GetUint64());
  const rapidjson::Document sales = shop.rows("sales_per_hour");
  CHECK(sales["rows"].Size() == truth["hours"].MemberCount());
  for (const auto& row : sales["rows"].GetArray()) {
    const auto& known = truth["hours"][row["window_start"].GetString()];
    CHECK(row["lines"] == known["lines"]);
    CHECK(row["revenue"].GetDouble() == Approx(known["cents"].GetDouble() / 100).margin(1e-6));
  }
  // The features are a region of their own, which may come to the end later than the views.
  for (const auto& entry : truth["users"].GetObject()) {
    const std::string user = entry.name.GetString();
    const auto& known = entry.value;
    CHECK(shop.wait_until([&] {
      const rapidjson::Document answer = shop.get("/v1/features/user_features/" + user);
      if (!answer.HasMember("features"))
        return false;
      const auto& features = answer["features"];
      return features["user_views"].GetUint64() == known["views"].GetUint64() &&
             features["user_purchases"].GetUint64() == known["purchases"].GetUint64() &&
             features["user_last_interaction"] == known["last"];
    }));
  }
  CHECK(shop.wait_until([&] {
    const rapidjson::Document outcomes = shop.rows("converted");
    return std::ranges::any_of(outcomes["rows"].GetArray(), [&](const rapidjson::Value& row) {
      return row["bought"].GetBool() && row["views"].GetUint64() == truth["converted"].GetUint64();
    });
  }));
  CHECK(shop.wait_until([&] { return shop.dead_letters() == truth["rejected"].GetUint64(); }));
  for (const char* view : {"product_activity", "category_activity"})
    CHECK(shop.reconciles(view));
  CHECK(shop.stop() == 0);
}

void feedback_is_true(SystemOnKafka& feedback) {
  const auto& truth = feedback.truth();
  const uint64_t offered = truth["offers_due"].GetUint64(), persisted = truth["persisted"].GetUint64();
  const uint64_t broken = truth["dirt"]["broken_json"].GetUint64(), rejected = truth["rejected"].GetUint64() - broken;

  const auto ledger = [&] {
    std::string out;
    const rapidjson::Document view = feedback.rows("ledger");
    for (const auto& row : view["rows"].GetArray())
      for (const char* column : {"received", "offered", "persisted", "rejected", "open"})
        out += std::to_string(row[column].GetInt64()) + " ";
    return out;
  };
  const std::string balance = std::to_string(offered + persisted + rejected) + " " + std::to_string(offered) + " " +
                              std::to_string(persisted) + " " + std::to_string(rejected) + " 0 ";
  feedback.wait_until([&] { return ledger() == balance; });
  CHECK(ledger() == balance);

  // Each partition of the one topic holds its score, and each record once.
  std::map<int32_t, uint64_t> by_partition;
  for (const TopicRecord& record : read_topic(feedback.broker().address(), "scored-feedback")) {
    ++by_partition[record.partition];
    CHECK(parsed(record.value.value_or(""))["score"].GetInt() == record.partition + 1);
  }
  for (int score = 1; score <= 3; ++score)
    CHECK(by_partition[score - 1] == truth["scores"][std::to_string(score).c_str()].GetUint64());

  // Customers answer on a topic; what has come before its answer is sent again, always with the same discount.
  std::map<std::string, int64_t> percent;
  std::set<std::string> answered;
  const auto answer_all = [&] {
    for (const TopicRecord& record : read_topic(feedback.broker().address(), "offers")) {
      const rapidjson::Document offer = parsed(record.value.value_or(""));
      const std::string id = offer["offer_id"].GetString();
      const auto [known, is_new] = percent.emplace(id, offer["percent"].GetInt64());
      CHECK(known->second == offer["percent"].GetInt64());
      CHECK(record.key == offer["customer_id"].GetString());
      if (answered.insert(id).second)
        feedback.put_line("acknowledgements", R"({"offer_id":")" + id + R"(","accepted":false})");
    }
    return answered.size() == offered;
  };
  CHECK(feedback.wait_until(answer_all));
  feedback.kill_and_start();
  CHECK(feedback.wait_until([&] { return feedback.sum("deliveries", "acknowledged") == offered; }));
  CHECK(feedback.sum("deliveries", "expired") == 0);
  CHECK(feedback.sum("deliveries", "waiting") == 0);
  CHECK(feedback.wait_until([&] { return feedback.sum("choice", "trials") == offered; }));
  CHECK(feedback.reconciles("ledger"));
  CHECK(feedback.stop() == 0);
}

constexpr size_t kLives = 4;

}  // namespace

TEST_CASE("the five systems on one broker come to what is true, though all are killed while their topics fill",
          "[kafka]") {
  using Topics = std::map<std::string, int>;
  using Texts = std::map<std::string, std::string>;
  const auto made = [](const char* system, int events, const Topics& topics, const Texts& streams,
                       const Texts& environment) {
    return std::make_unique<SystemOnKafka>(SystemStart{PENSTOCK_BINARY, system, events, topics, streams, environment});
  };
  std::vector<std::pair<std::unique_ptr<SystemOnKafka>, void (*)(SystemOnKafka&)>> systems;
  systems.emplace_back(
      made("food-delivery", 1500, {{"restaurants", 1}, {"trips", 1}, {"payments", 1}, {"alerts", 1}},
           {{"restaurants", "restaurants.jsonl"}, {"trips", "trips.jsonl"}, {"payments", "payments.jsonl"}},
           {{"FOOD_OUT", "FOLDER/out"}}),
      food_delivery_is_true);
  systems.emplace_back(
      made("als-saas", 3000, {{"interactions", 3}, {"products", 1}, {"users", 1}},
           {{"interactions", "interactions.jsonl"}, {"products", "products.jsonl"}, {"users", "users.jsonl"}},
           {{"REFRESH", "1d"}, {"FACTORS", "8"}, {"WAREHOUSE", "FOLDER/out"}, {"RESULTS", "FOLDER/out"}}),
      als_saas_is_true);
  systems.emplace_back(made("personalization", 2000, {{"web-events", 1}, {"purchases", 1}},
                            {{"web-events", "web_events.jsonl"}, {"purchases", "purchases.jsonl"}},
                            {{"PERSONALIZATION", "FOLDER/in"},
                             {"DATABASE_URL", "sqlite://FOLDER/out/shop.db"},
                             {"TABLE_WAIT", "10m"},
                             {"SESSION_IDLE", "10m"}}),
                       personalization_is_true);
  systems.emplace_back(
      made("ecommerce-realtime", 2000, {{"clickstream-events", 1}, {"purchase-events", 1}},
           {{"clickstream-events", "clickstream-events.jsonl"}, {"purchase-events", "purchase-events.jsonl"}},
           {{"ECOMMERCE_FILES", "FOLDER/in"},
            {"ECOMMERCE_OUT", "FOLDER/out"},
            {"CATALOGUE_WAIT", "5s"},
            {"IDLE_TIMEOUT", "1h"}}),
      ecommerce_is_true);
  systems.emplace_back(made("feedback-offers", 2000,
                            {{"feedback", 2},
                             {"customers", 1},
                             {"discounts", 1},
                             {"acknowledgements", 1},
                             {"scored-feedback", 3},
                             {"offers", 1}},
                            {{"feedback", "feedback.jsonl"}},
                            {{"PERSISTED_FILE", "FOLDER/out/persisted.jsonl"},
                             {"SUMMARY_FILE", "FOLDER/out/satisfaction.csv"},
                             {"RETRY_AFTER", "2s"},
                             {"PROFILE_WAIT", "1s"},
                             {"DISCOUNT_WAIT", "1s"}}),
                       feedback_is_true);
  for (const char* table : {"customers", "discounts"})
    systems.back().first->put(table, std::string(table) + ".jsonl");

  // Each life begins to read its part and is killed in the midst of what it makes of it, or dies of a fault.
  for (size_t life = 0; life < kLives; ++life)
    for (const auto& [system, is_true] : systems) {
      system->put_part(life, kLives);
      if (life > 0)
        system->wait_until([&, at = &system] { return (*at)->read() > 0; });
      life == 0 ? system->start() : system->kill_and_start(life == 2 ? "region.commit:crash:@9" : "");
    }
  for (const auto& [system, is_true] : systems)
    is_true(*system);
}

}  // namespace penstock::test
