// Request rate and latency of GET /v1/users/{id}/recommendations?n=10 over real sockets: with answers that are there
// already (what the server itself costs), and with als models of 64 factors over 10,000 and 100,000 items, where each
// answer solves the user from the whole history (165 items on average) and searches the catalogue. The load comes from
// one thread of the same machine, so on two cores the server has about one to itself.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "actors/servers/api.h"
#include "actors/servers/http_client.h"
#include "actors/servers/http_server.h"
#include "bench/http_load.h"
#include "bench/large_catalogue.h"
#include "bench/machine.h"
#include "bench/synthetic_interactions.h"
#include "models/als.h"
#include "monitoring/prometheus_monitor.h"

namespace penstock::bench {
namespace {

constexpr int kUsers = 2000;

class Silent final : public TrainingProgress {
 public:
  void step(size_t, size_t, const std::string&) override {}
};

/// What a model was learnt from, and the model.
struct Learnt {
  SyntheticInteractions data = synthetic_interactions(6040, 3706, 1000209, 1);
  ModelSnapshotPtr snapshot;

  Learnt() {
    AlsParameters parameters;
    parameters.low_priority = false;
    Silent silent;
    snapshot = make_als(parameters).value()->fit(data.train, {1, 2}, silent).value();
  }
};

/// Answers recommendations only: from a model, or ten fixed items without one.
class BenchNode final : public Node {
 public:
  BenchNode() = default;
  BenchNode(const Learnt& learnt, int64_t items)
      : snapshot_(enlarged(static_cast<const AlsSnapshot&>(*learnt.snapshot), items)) {
    for (int32_t user = 0; user < kUsers; ++user) {
      std::vector<ItemWeight> history;
      for (const int32_t item : learnt.data.train.by_user.row_indices(user))
        history.push_back({item, 1});
      histories_.push_back(std::move(history));
    }
  }

  Result<Recommendation> recommend(const RecommendationQuery& query) const override {
    Recommendation out;
    out.model = "taste";
    out.model_version = 1;
    size_t user = 0;
    std::from_chars(query.user.data(), query.user.data() + query.user.size(), user);
    if (!snapshot_) {
      for (size_t i = 0; i < query.n; ++i)
        out.items.push_back({std::to_string(user + i), 0.5f, "taste"});
      return out;
    }
    for (const ScoredItem& item : snapshot_->recommend({.history = histories_[user % histories_.size()], .n = query.n}))
      out.items.push_back({snapshot_->items()[static_cast<size_t>(item.item)], item.score, "taste"});
    return out;
  }
  Result<Recommendation> similar(const std::string&, const std::string&, size_t, const std::string&) const override {
    return none();
  }
  Result<BatchPtr> view_row(const std::string&, const std::vector<std::string>&) const override { return none(); }
  Result<BatchPtr> view_rows(const std::string&, size_t) const override { return none(); }
  NodeStatus status() const override { return {}; }
  SupervisionStatus supervision() const override { return {}; }
  Result<std::string> begin_backup(const std::string&) override { return none(); }
  std::optional<BackupStatus> backup_status() const override { return {}; }
  std::string metrics() const override { return {}; }
  Result<IngestFormat> ingest_format(const std::string&) const override { return none(); }
  std::vector<IngestPath> ingest_paths() const override { return {}; }
  void ingest(IngestRequest, IngestDone done) override { done(none()); }
  void train(const std::string&, TrainDone done) override { done(none()); }

 private:
  static Status none() { return not_found("only recommendations are measured here"); }

  ModelSnapshotPtr snapshot_;
  std::vector<std::vector<ItemWeight>> histories_;
};

double process_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void check(const HttpServer& server, Node& node) {
  const auto answer = HttpClient(*parse_url(server.url())).get("/v1/users/17/recommendations?n=10");
  const auto expected = node.recommend({"17", "", 10, {}});
  for (const RecommendedItem& item : expected->items)
    if (!answer.ok() || answer->status != 200 || expected->items.size() != 10 ||
        answer->body.find("{\"item\":\"" + item.item + "\"") == std::string::npos) {
      std::printf("wrong answer: %s\n", answer.ok() ? answer->body.c_str() : answer.status().message().c_str());
      std::exit(1);
    }
}

void measure(const char* name, BenchNode node, double seconds) {
  monitoring::PrometheusMonitor monitor({"bench", "0", {.level = monitoring::LogLevel::kOff}}, Clock::system());
  Api api(node, monitor, Clock::system());
  const auto server = *HttpServer::listen({}, api.handler());
  check(*server, node);
  std::printf("%s\n  %11s %12s %10s %10s %10s %22s\n", name, "connections", "requests/s", "p50 ms", "p99 ms", "max ms",
              "server CPU µs/request");
  for (const int connections : {1, 16, 64, 256}) {
    (void)put_load(server->port(), connections, seconds / 10,
                   [](uint64_t) { return get_request("/v1/users/1/recommendations"); });
    const double cpu = process_cpu_seconds();
    const LoadReport report = put_load(server->port(), connections, seconds, [](uint64_t i) {
      return get_request("/v1/users/" + std::to_string(i * 31 % kUsers) + "/recommendations?n=10");
    });
    if (report.failures > 0) {
      std::printf("  %11d failed\n", connections);
      std::exit(1);
    }
    std::printf("  %11d %12.0f %10.3f %10.3f %10.3f %22.1f\n", connections, report.rate(), report.percentile(0.5) * 1e3,
                report.percentile(0.99) * 1e3, report.percentile(1) * 1e3,
                (process_cpu_seconds() - cpu - report.client_cpu_seconds) / static_cast<double>(report.answers) * 1e6);
  }
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 3;
  penstock::bench::print_machine();
  using namespace penstock::bench;
  measure("answers that are there already", BenchNode(), seconds);
  const Learnt learnt;
  measure("als, 64 factors, 10,000 items", BenchNode(learnt, 10000), seconds);
  measure("als, 64 factors, 100,000 items", BenchNode(learnt, 100000), seconds);
}
