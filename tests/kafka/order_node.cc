#include "tests/kafka/order_node.h"

#include <thread>

#include "tests/kafka/orders.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

std::string failure(const std::string& what, const Finished& finished) {
  return finished.code == 0
             ? ""
             : what + " ended with " + std::to_string(finished.code) + ": " + finished.out + finished.err;
}

}  // namespace

// A member that died is let go after two seconds, and a broker that came back is found soon.
std::string OrderTopology::text() const {
  return R"(name: orders
settings: {epoch_interval: 20ms, checkpoint_interval: 300ms, disk_budget: 4GiB)" +
         (settings.empty() ? "" : ", " + settings) + R"(}
schemas:
  order: {id: {type: int64, required: true}, user: {type: string, required: true}, amount: {type: int64, required: true})" +
         schema + R"(}
sources:
  orders:
    type: kafka
    brokers: )" +
         broker + R"(
    topic: )" +
         topic + R"(
    schema: order
    key: user
    partitions: 2
    properties: {session.timeout.ms: 2000, heartbeat.interval.ms: 400, reconnect.backoff.max.ms: 500})" +
         (source.empty() ? "" : "\n    " + source) + R"(
stages:
  per_user: {type: reduce, input: orders, group_by: [user], aggregates: {n: count(*), amount: sum(amount), ids: sum(id)}, workers: 2}
  total: {type: reduce, input: orders, aggregates: {n: count(*), ids: sum(id)}}
)" + sections +
         R"(
servers: {api: {type: http, listen: "127.0.0.1:0"}}
)";
}

OrderNodes::OrderNodes(std::string binary, const OrderTopology& topology)
    : binary_(std::move(binary)), topology_(folder_.write("orders.yaml", topology.text())) {}

std::unique_ptr<RunningNode> OrderNodes::start(const std::string& name,
                                               const std::map<std::string, std::string>& environment) const {
  return std::make_unique<RunningNode>(RunningNode::Start{binary_, topology_, data_dir(name), environment});
}

Finished OrderNodes::exported(const std::string& name, const std::string& log) const {
  return run_to_end({.arguments = {binary_, "export", log, "--data-dir", data_dir(name)}}, 300s);
}

std::vector<int64_t> OrderNodes::stored(const std::string& name, std::string& problem) const {
  const Finished log = exported(name, "orders");
  if (log.code != 0)
    problem = failure("export", log);
  return read_orders(log.out, problem);
}

std::string OrderNodes::check_store(const std::string& name) const {
  return failure("check-store", run_to_end({.arguments = {binary_, "check-store", data_dir(name)}}, 300s));
}

int64_t counted(RunningNode& node) {
  if (node.port() == 0)
    return -1;
  const Answer answer = node.get("/v1/views/total");
  const size_t at = answer.body.find("\"n\":");
  if (answer.code != 200)
    return -1;
  return at == std::string::npos ? 0 : std::atoll(answer.body.c_str() + at + 4);
}

int64_t wait_until_counted(const std::vector<RunningNode*>& nodes, int64_t count, std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    int64_t together = 0;
    for (RunningNode* node : nodes)
      together += std::max<int64_t>(0, counted(*node));
    if (together >= count || std::chrono::steady_clock::now() > until)
      return together;
    std::this_thread::sleep_for(50ms);
  }
}

}  // namespace penstock::test
