// Records followed through the real program from ingest to answer, by the lines of its log alone: through two regions and
// the buffer between them, to a file and into a model.
#include <rapidjson/document.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>

#include "tests/support/process.h"
#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

const char* const kShop = R"(name: shop
schemas: {order: {id: {type: string, required: true}, user: string, item: string, amount: int64}}
sources:
  orders: {type: http, path: /ingest/orders, schema: order, id: id, key: user}
stages:
  real: {type: filter, input: orders, where: amount > 0}
  held: {type: buffer, input: real}
  spent: {type: map, input: held, select: {user: user, item: item, amount: amount}}
  totals: {type: reduce, input: spent, group_by: [user], aggregates: {n: count(*)}, workers: 2}
models:
  taste: {type: popularity, input: held, user: user, item: item}
sinks:
  out: {type: file, input: held, path: out, format: jsonl}
servers: {api: {type: http, listen: 127.0.0.1:0}}
)";

const std::string kTrace = "0af7651916cd43dd8448eb211c80319c", kClient = "b7ad6b7169203331";

struct Step {
  std::string component, step, message, record, span, parent, trace;
  double age;
};

std::vector<Step> steps(const std::string& log) {
  std::vector<Step> out;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    rapidjson::Document json;
    json.Parse(line.c_str());
    if (json.HasParseError() || !json.IsObject() || !json.HasMember("trace_id"))
      continue;
    const auto text = [&](const char* name) { return json.HasMember(name) ? json[name].GetString() : ""; };
    out.push_back({text("component_id"), text("step"), text("message"), text("record"), text("span_id"),
                   text("parent_id"), text("trace_id"), std::stod(text("age_seconds"))});
  }
  return out;
}

struct Shop {
  TemporaryFolder folder;
  std::string topology = folder.write("shop.yaml", kShop);
  std::string data = folder.path() + "/data";
  std::unique_ptr<RunningNode> node;

  void start(const std::string& rule) {
    node = std::make_unique<RunningNode>(
        RunningNode::Start{PENSTOCK_BINARY, topology, data, {}, {"--log", "json", "--trace", rule}});
    REQUIRE(node->wait_until_ready());
  }
  Answer send(const std::string& orders, const std::vector<std::string>& headers = {}) {
    return http(node->port(), "POST", "/ingest/orders", orders, std::chrono::seconds(10), headers);
  }
  std::vector<Step> until(const std::string& line) {
    INFO(node->process().err());
    REQUIRE(node->process().wait_for_output(line, std::chrono::seconds(20)));
    return steps(node->process().err());
  }
};

std::string order(const std::string& id, const std::string& user, int amount) {
  return R"({"id":")" + id + R"(","user":")" + user + R"(","item":"tea","amount":)" + std::to_string(amount) + "}";
}

TEST_CASE_METHOD(Shop, "a client's record is followed from its request to the answer that reflects it",
                 "[integration]") {
  start("requests");
  REQUIRE(send("[" + order("o0", "bob", 5) + "]").code == 201);
  const Answer taken = send("[" + order("o1", "ann", 3) + "]", {"traceparent: 00-" + kTrace + "-" + kClient + "-01"});
  REQUIRE(taken.code == 201);
  CHECK_THAT(taken.head, Catch::Contains("traceparent: 00-" + kTrace));
  until("delivered: ");
  until("learnt: ");
  REQUIRE(node->wait_for("/v1/views/totals/ann", "\"n\"").code == 200);
  REQUIRE(node->post("/v1/models/taste/train", "").code / 100 == 2);
  until("trained: ");
  REQUIRE(node->wait_for("/v1/users/ann/recommendations", "\"items\"").code == 200);
  const std::vector<Step> all = until("answered: ");

  std::map<std::string, Step> by_name;
  std::map<std::string, size_t> place;
  for (const Step& step : all) {
    INFO(step.message);
    CHECK(step.trace == kTrace);  // nobody else's
    CHECK(step.age >= 0);
    CHECK((step.parent == kClient || place.contains(step.parent)));  // what it follows from stands before it
    place.emplace(step.span, place.size());
    by_name[step.component + " " + step.step] = step;
  }
  CHECK(by_name["orders ingested"].record == "orders/0/1");
  CHECK(by_name["orders ingested"].parent == kClient);
  CHECK_THAT(taken.head, Catch::Contains(by_name["orders ingested"].span));
  CHECK(by_name["real processed"].message == "processed: passed on");
  CHECK(by_name["real processed"].parent == by_name["orders ingested"].span);
  CHECK(by_name["spent processed"].record == "held/0/1");
  CHECK(by_name["totals processed"].message == "processed: taken in");
  CHECK(by_name["taste learnt"].record == "held/0/1");
  CHECK(by_name["out delivered"].record == "held/0/1");
  CHECK(by_name["taste answered"].parent == by_name["taste learnt"].span);
  CHECK(by_name["taste trained"].message == "trained: is part of version 1");
  CHECK_THAT(by_name["taste answered"].message, Catch::Contains("by model taste"));
  size_t goes_on = 0;
  for (const Step& step : all)
    goes_on += step.step == "committed" && step.message.ends_with("goes on as held/0/1");
  CHECK(goes_on == 1);
}

TEST_CASE_METHOD(Shop, "what a filter drops, and who does not ask, is not followed further", "[integration]") {
  start("requests");
  REQUIRE(send("[" + order("o1", "ann", -1) + "]", {"traceparent: 00-" + kTrace + "-" + kClient + "-01"}).code == 201);
  const Answer silent = send("[" + order("o2", "ann", 2) + "]", {"traceparent: 00-" + kTrace + "-" + kClient + "-00"});
  CHECK(silent.head.find("traceparent") == std::string::npos);
  node->wait_for("/v1/views/totals/ann", "\"n\"");
  std::string seen;
  for (const Step& step : until("committed: "))
    seen += step.component + " " + step.message + "; ";
  CHECK_THAT(seen, Catch::StartsWith("orders ingested: durable as orders/0/0; real processed: dropped; "));
  CHECK(seen.find("held/") == std::string::npos);
}

TEST_CASE_METHOD(Shop, "a share of the records is followed, the same ones after a kill", "[integration]") {
  start("1/10");
  const auto post = [&](int from) {
    std::string orders;
    for (int i = from; i < from + 15; ++i)
      orders += (orders.empty() ? "[" : ",") + order("o" + std::to_string(i), "ann", 1);
    REQUIRE(send(orders + "]").code == 201);
  };
  post(0);
  std::map<std::string, std::string> trace_of;
  for (const Step& step : until("learnt: "))
    if (step.step == "ingested" && step.record.starts_with("orders/"))  // and those of the buffer behind
      trace_of[step.record] = step.trace;
  CHECK(trace_of.size() == 2);
  CHECK(trace_of.contains("orders/0/0"));
  CHECK(trace_of.contains("orders/0/10"));
  node->kill();
  start("1/10");
  post(15);
  std::set<std::string> records;
  for (const Step& step : until("orders/0/20"))
    if (step.step == "ingested") {
      records.insert(step.record);
      CHECK((!trace_of.contains(step.record) || trace_of[step.record] == step.trace));
    }
  CHECK(records.contains("orders/0/20"));
}

TEST_CASE_METHOD(Shop, "a rule that says nothing is refused with what would be right", "[integration]") {
  const Finished wrong =
      run_to_end({.arguments = {PENSTOCK_BINARY, "run", topology, "--data-dir", data, "--trace", "often"}});
  CHECK(wrong.code == 65);
  CHECK_THAT(wrong.err, Catch::Contains("off, requests, or a share such as 1/10000"));
}

}  // namespace
}  // namespace penstock::test
