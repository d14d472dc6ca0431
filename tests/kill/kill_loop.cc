#include "tests/kill/kill_loop.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
#include <thread>

#include "core/random.h"
#include "tests/kill/clients.h"
#include "tests/kill/receiver.h"
#include "tests/kill/scene.h"
#include "tests/kill/verdict.h"

namespace penstock::kill {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

/// How a life of the node ends.
struct Death {
  const char* name;
  std::string faults;  // the node ends itself, at a point; empty: it is killed from outside
  int longest_ms;      // of its life, from readiness on; or from the very start
  enum class From { kReady, kStart, kTraining, kBackup, kJob } from = From::kReady;
};

const std::vector<Death>& deaths() {
  using From = Death::From;
  static const std::vector<Death> all = {
      {"running", "", 800},
      {"running", "", 200},
      {"starting", "", 150, From::kStart},
      {"training", "", 200, From::kTraining},
      {"backup", "", 400, From::kBackup},
      {"recomputing", "", 100, From::kJob},
      {"ingest.answer", "ingest.answer:crash:0.01", 1500},
      {"stage.process", "stage.process:crash:0.003", 1500},
      {"region.commit", "region.commit:crash:0.02", 1500},
      {"sink.write", "sink.write:crash:0.02", 1500},
      {"sink.sync", "sink.sync:crash:0.02", 1500},
      {"store.write", "store.write:crash:0.01", 1500},
      {"store.sync", "store.sync:crash:0.01", 1500},
      {"store.committed", "store.committed:crash:0.01", 1500},
      {"store.read", "store.read:crash:0.002", 1500},
      {"store.checkpoint", "store.checkpoint:crash:@1", 1500},
      {"train", "train:crash:@1", 1500, From::kTraining},
      {"store.backup", "store.backup:crash:@1", 1500, From::kBackup},
      {"batch.map", "batch.map:crash:0.1", 1500, From::kJob},
      {"batch.reduce", "batch.reduce:crash:0.2", 1500, From::kJob},
      {"batch.land", "batch.land:crash:0.5", 1500, From::kJob},
  };
  return all;
}

class Loop {
 public:
  explicit Loop(const LoopOptions& options)
      : options_(options), random_(options.seed), scene_(options.binary, receiver_.url()) {}

  LoopResult run() {
    {
      Clients clients(static_cast<size_t>(options_.clients), options_.seed, ledger_);
      for (int kill = 0; kill < options_.kills; ++kill) {
        // Each way to die comes once before any comes again.
        const size_t turn = static_cast<size_t>(kill) % deaths().size();
        if (turn == 0)
          shuffle();
        one_life(clients, deaths()[order_[turn]], kill);
      }
      last_life(clients);
      result_.requests = clients.requests();
      result_.repeats = clients.repeats();
    }
    judge(scene_, ledger_, receiver_, backups_, result_);
    std::sort(starts_.begin(), starts_.end());
    if (!starts_.empty()) {
      result_.longest_start = starts_.back();
      result_.median_start = starts_[starts_.size() / 2];
    }
    return std::move(result_);
  }

 private:
  void shuffle() {
    order_.resize(deaths().size());
    for (size_t i = 0; i < order_.size(); ++i)
      order_[i] = i;
    for (size_t i = order_.size(); i > 1; --i)
      std::swap(order_[i - 1], order_[random_.below(i)]);
  }

  std::chrono::milliseconds moment(int longest_ms) {
    return std::chrono::milliseconds(random_.below(static_cast<uint64_t>(longest_ms) + 1));
  }

  void one_life(Clients& clients, const Death& death, int number) {
    const auto begun = SteadyClock::now();
    test::RunningNode node(scene_.start(death.faults, options_.seed * 1000 + static_cast<uint64_t>(number)));
    bool ready = false;
    if (death.from == Death::From::kStart) {
      (void)node.process().wait(moment(death.longest_ms));
    } else {
      ready = become_ready(node, begun);
      clients.node_at(node.port());
      prepare(node, death.from, number);
      const auto longest = std::chrono::milliseconds(death.longest_ms);
      (void)node.process().wait(death.faults.empty() ? moment(death.longest_ms) : longest);
    }
    const bool by_itself = !node.process().running();
    const double lived = std::chrono::duration<double>(SteadyClock::now() - begun).count();
    const std::optional<int> code = by_itself ? node.process().wait(0ms) : std::nullopt;
    node.kill();
    clients.node_at(0);
    if (code && *code != 128 + SIGKILL)
      result_.mistakes.push_back("the node ended with " + std::to_string(*code) + ": " + node.process().err());
    ++result_.deaths[by_itself || death.faults.empty() ? death.name : "running"];
    if (options_.progress != nullptr)
      *options_.progress << "kill " << number + 1 << ": " << death.name << (by_itself ? " (itself)" : "")
                         << (ready ? "" : ", before it was ready") << " after " << lived << " s, " << ledger_.issued()
                         << " issued, " << ledger_.acknowledged().size() << " acknowledged" << std::endl;
  }

  bool become_ready(test::RunningNode& node, SteadyClock::time_point begun) {
    // By hand instead of wait_until_ready, to see the moment.
    while (node.process().running() && SteadyClock::now() - begun < 60s) {
      if (node.port() != 0 && node.get("/ready").code == 200) {
        starts_.push_back(std::chrono::duration<double>(SteadyClock::now() - begun).count());
        return true;
      }
      std::this_thread::sleep_for(2ms);
    }
    if (node.process().running())
      result_.mistakes.push_back("the node was not ready within a minute: " + node.process().err());
    return false;
  }

  void prepare(test::RunningNode& node, Death::From from, int number) {
    if (node.port() == 0)
      return;
    (void)node.process().wait(moment(150));
    if (from == Death::From::kTraining)
      (void)node.post("/v1/models/taste/train", "");
    if (from == Death::From::kJob)
      (void)node.post("/v1/jobs/again/run", "");
    if (from != Death::From::kBackup)
      return;
    const std::string name = "b" + std::to_string(number);
    backups_[name] = ledger_.acknowledged();
    (void)node.post("/v1/backup", R"({"path":")" + name + "\"}");
  }

  void last_life(Clients& clients) {
    test::RunningNode node(scene_.start());
    (void)become_ready(node, SteadyClock::now());
    clients.node_at(node.port());
    const std::string name = "last";
    backups_[name] = ledger_.acknowledged();
    (void)node.post("/v1/backup", R"({"path":"last"})");
    (void)node.wait_for("/v1/backup", "\"state\":\"finished\"", 60s);
    clients.finish();
    judge_running(node, scene_, ledger_, receiver_, result_);
    const test::RunningNode::Stopped stopped = node.interrupt();
    if (stopped.code != 0)
      result_.mistakes.push_back("the node ended with " + std::to_string(stopped.code) + " when it was stopped");
  }

  const LoopOptions options_;
  Random random_;
  Receiver receiver_;
  Scene scene_;
  Ledger ledger_;
  std::vector<size_t> order_;
  std::map<std::string, std::set<int64_t>> backups_;  // by name: what was acknowledged before it was begun
  std::vector<double> starts_;
  LoopResult result_;
};

}  // namespace

LoopResult run_kill_loop(const LoopOptions& options) { return Loop(options).run(); }

std::string summary(const LoopResult& result) {
  int kills = 0;
  for (const auto& [name, count] : result.deaths)
    kills += count;
  return std::to_string(kills) + " kills: " + std::to_string(result.issued) + " orders issued, " +
         std::to_string(result.acknowledged) + " acknowledged, " + std::to_string(result.stored) + " stored; " +
         std::to_string(result.repeats) + " of " + std::to_string(result.requests) + " requests were repeats; " +
         std::to_string(result.delivered) + " rows delivered for " + std::to_string(result.delivered_ids) + "; " +
         std::to_string(result.backups) + " backups restored; view recomputed by " + std::to_string(result.batch_runs) +
         " batch runs; ready after " + std::to_string(result.median_start) + " s (median), " +
         std::to_string(result.longest_start) + " s (longest); " +
         (result.mistakes.empty() ? "nothing lost, nothing doubled"
                                  : std::to_string(result.mistakes.size()) + " MISTAKES");
}

}  // namespace penstock::kill
