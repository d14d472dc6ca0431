#include "tests/kill/scene.h"

#include <rapidjson/document.h>

#include <sstream>

#include "tests/kill/order.h"

namespace penstock::kill {
namespace {

using namespace std::chrono_literals;

// Two regions (the second behind a buffer, with an exchange), a model, a sink of each kind of delivery, and jobs that make
// a view anew and write it to a file.
std::string topology_text(const std::string& backup_dir, const std::string& sinks, const std::string& jobs) {
  return R"(name: kill-loop
settings: {epoch_interval: 20ms, checkpoint_interval: 300ms, disk_budget: 4GiB, backup_dir: )" +
         backup_dir + R"(}
schemas:
  order:
    id: {type: int64, required: true}
    user: {type: string, required: true}
    item: {type: string, required: true}
    amount: {type: int64, required: true}
    at: {type: timestamp, required: true}
sources:
  orders: {type: http, path: /ingest/orders, schema: order, id: id, key: user, event_time: at, partitions: 2}
stages:
  per_user:
    type: reduce
    input: orders
    group_by: [user]
    aggregates: {n: count(*), amount: sum(amount), ids: sum(id)}
  kept: {type: buffer, input: orders, retain_for: 1d}
  per_item:
    type: reduce
    input: kept
    group_by: [item]
    aggregates: {n: count(*), amount: sum(amount), ids: sum(id)}
    workers: 2
models:
  taste: {type: als, input: orders, user: user, item: item, factors: 8}
)" + sinks +
         jobs +
         R"(
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)";
}

void add_row(const rapidjson::Value& row, const std::string& key, View& view) {
  view[row[key.c_str()].GetString()] = {row["n"].GetInt64(), row["amount"].GetInt64(), row["ids"].GetInt64()};
}

std::string failure(const std::string& what, const test::Finished& finished) {
  return finished.code == 0
             ? ""
             : what + " ended with " + std::to_string(finished.code) + ": " + finished.out + finished.err;
}

}  // namespace

View Stored::by(bool user) const {
  View view;
  for (const int64_t id : ids) {
    const Order order(id);
    Totals& totals = view[user ? order.user() : order.item()];
    totals.count += 1;
    totals.amount += order.amount();
    totals.ids += id;
  }
  return view;
}

Scene::Scene(std::string binary, const std::string& receiver_url) : binary_(std::move(binary)) {
  const std::string sinks =
      "sinks:\n  out: {type: file, input: orders, path: " + file_sink() +
      "}\n  hook: {type: http, input: orders, url: \"" + receiver_url +
      "\", backoff_min: 5ms, backoff_max: 100ms}\n  totals: {type: result_file, input: per_user, path: " +
      result_file() + "}\n";
  topology_ = folder_.write("topology.yaml", topology_text(backup_dir(), sinks,
                                                           "jobs:\n  again: {every: 2s, run: [per_user]}\n"
                                                           "  report: {after: [again], run: [totals]}\n"));
  // By command alone; a run that a backup holds unfinished goes on all the same.
  without_sinks_ =
      folder_.write("without_sinks.yaml", topology_text(backup_dir(), "", "jobs:\n  again: {run: [per_user]}\n"));
}

test::RunningNode::Start Scene::start(const std::string& faults, uint64_t fault_seed) const {
  test::RunningNode::Start start{.binary = binary_, .topology = topology_, .data_dir = data_dir()};
  if (!faults.empty())
    start.environment = {{"PENSTOCK_FAULTS", faults}, {"PENSTOCK_FAULT_SEED", std::to_string(fault_seed)}};
  return start;
}

test::RunningNode::Start Scene::start_without_sinks(const std::string& data_dir) const {
  return {.binary = binary_, .topology = without_sinks_, .data_dir = data_dir};
}

std::multiset<int64_t> read_orders(const std::string& text, std::string& problem) {
  std::multiset<int64_t> ids;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    rapidjson::Document row;
    if (row.Parse(line.c_str()).HasParseError() || !row.IsObject() || !row.HasMember("id")) {
      problem = "no order: " + line;
      continue;
    }
    const Order order(row["id"].GetInt64());
    if (!order.same(row["user"].GetString(), row["item"].GetString(), row["amount"].GetInt64()))
      problem = "order " + std::to_string(order.id) + " was changed: " + line;
    ids.insert(order.id);
  }
  return ids;
}

Stored Scene::stored(const std::string& data_dir) const {
  Stored out;
  for (int partition = 0; partition < 2; ++partition) {
    const test::Finished exported = test::run_to_end(
        {.arguments = {binary_, "export", "orders", "--data-dir", data_dir, "--partition", std::to_string(partition)}},
        300s);
    if (exported.code != 0)
      out.problem = failure("export", exported);
    std::istringstream lines(exported.out);
    int64_t offset = 0;
    for (std::string line; std::getline(lines, line); ++offset)
      for (const int64_t id : read_orders(line, out.problem)) {
        out.records["orders/" + std::to_string(partition) + "/" + std::to_string(offset)] = id;
        if (!out.ids.insert(id).second)
          out.problem = "order " + std::to_string(id) + " is in the log twice";
      }
  }
  return out;
}

std::string Scene::check_store(const std::string& data_dir) const {
  return failure("check-store", test::run_to_end({.arguments = {binary_, "check-store", data_dir}}, 300s));
}

std::string Scene::restore(const std::string& backup, const std::string& data_dir) const {
  return failure("restore",
                 test::run_to_end({.arguments = {binary_, "restore", backup, "--data-dir", data_dir}}, 300s));
}

View read_view(test::RunningNode& node, const std::string& name, const std::string& key) {
  const test::Answer answer = node.get("/v1/views/" + name + "?limit=1000");
  rapidjson::Document document;
  document.Parse(answer.body.c_str());
  if (answer.code != 200 || !document.IsObject() || !document.HasMember("rows"))
    return {{std::to_string(answer.code) + " " + answer.body, {-1, 0, 0}}};
  View view;
  for (const auto& row : document["rows"].GetArray())
    add_row(row, key, view);
  return view;
}

View read_result(const std::string& text, const std::string& key) {
  View view;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    rapidjson::Document row;
    if (row.Parse(line.c_str()).HasParseError() || !row.IsObject() || !row.HasMember(key.c_str()))
      return {{"no row: " + line, {-1, 0, 0}}};
    add_row(row, key, view);
  }
  return view;
}

}  // namespace penstock::kill
