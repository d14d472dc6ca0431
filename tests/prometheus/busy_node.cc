#include "tests/prometheus/busy_node.h"

#include <rapidjson/document.h>

#include <filesystem>
#include <stdexcept>

namespace penstock::test {
namespace {

/// So that there are failures to count, too.
constexpr const char* kFaults = "serve:fail:0.02,stage.process:fail:@400,batch.map:fail:@2";

// Learnt by heart of one answer: the id of a choice.
std::string decision_of(const Answer& answer) {
  rapidjson::Document document;
  document.Parse(answer.body.data(), answer.body.size());
  return document.IsObject() && document.HasMember("decision") ? document["decision"].GetString() : "";
}

}  // namespace

BusyNode::BusyNode() : broker_(KafkaBroker::shared()) {
  for (const char* topic : {"payments", "purchases"})
    if (const Finished made = broker_.tool({"create", topic, "2"}); made.code != 0)
      throw std::runtime_error(made.out + made.err);
  const std::string gone = folder_ / "gone";
  std::filesystem::create_directory(gone);
  node_ = std::make_unique<RunningNode>(
      RunningNode::Start{PENSTOCK_BINARY,
                         PENSTOCK_SOURCE_DIR "/tests/prometheus/everything.yaml",
                         folder_ / "data",
                         {{"KAFKA_BROKERS", broker_.address()}, {"OUT", folder_ / "."}, {"PENSTOCK_FAULTS", kFaults}}});
  if (!node_->wait_until_ready())
    throw std::runtime_error("the node is not ready: " + node_->process().out() + node_->process().err());
  std::filesystem::remove_all(gone);
}

void BusyNode::serve_clients() {
  post_orders();
  ask();
  if (round_ == 0) {
    command("/v1/backup");
    command("/v1/models/bestsellers/train");
  }
  if (round_ == 3)
    command("/v1/models/bestsellers/train");
  if (round_ % 3 == 0)
    (void)node_->post("/v1/views/sales/reconcile", "");
  ++round_;
}

std::unique_ptr<LmdbSnapshot> BusyNode::stop() {
  (void)node_->interrupt();
  auto store = LmdbSnapshot::open(folder_ / "data");
  if (!store.ok())
    throw std::runtime_error(store.status().message());
  return std::move(store).value();
}

// Until it is taken: now and then a request fails on purpose.
void BusyNode::command(const std::string& target) {
  for (int tries = 0; tries < 5 && node_->post(target, "").code >= 500; ++tries)
    continue;
}

void BusyNode::post_orders() {
  const auto order = [&](const std::string& more) {
    ++orders_;
    return R"({"id":"o)" + std::to_string(orders_) + R"(","user":)" + std::to_string(1 + orders_ % 300) +
           R"(,"at":"2026-03-01T10:00:00Z")" + more + "}";
  };
  const std::string decision = decision_of(node_->post("/v1/models/banner/choose", R"({"user":"7"})"));
  const std::string repeated = order("");
  (void)node_->post("/ingest/orders",
                    "[" + repeated + "," + order(R"(,"amount":2.5,"decision":")" + decision + "\"") + "]");
  (void)node_->post("/ingest/orders", "[" + repeated + R"(,{"id":"wrong","user":"x"}])");
  (void)kcat(broker_, {"-P", "-t", "payments"}, order(R"(,"amount":1)") + "\n" + order("") + "\n");
}

void BusyNode::ask() {
  for (int user = 1; user <= 10; ++user) {
    const std::string of = "/v1/users/" + std::to_string((10 * round_ + user) % 300) + "/recommendations?n=5";
    for (const char* model : {"", "&model=taste", "&model=home", "&model=home"})
      (void)node_->get(of + model);
  }
  (void)node_->get("/v1/users/nobody/recommendations?model=taste");
  (void)node_->get("/v1/users/nobody/recommendations?model=home");
  (void)node_->post("/v1/sessions/recommendations", R"({"items":["3","5"],"model":"taste"})");
  (void)node_->post("/v1/models/bought/predict", R"({"features":{"category":"c1","price":10}})");
  (void)node_->get("/v1/views/sales?limit=5");
  (void)node_->get("/v1/nothing/here");
}

}  // namespace penstock::test
