#include "tests/kafka/death_loop.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "core/random.h"
#include "tests/kafka/order_feed.h"
#include "tests/kafka/order_node.h"
#include "tests/kafka/orders.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kSettling = 120s;  // for what is left to do when nothing dies any more

/// What happens to a node, or to the broker.
struct Death {
  enum class Way { kKill, kKillStarting, kKillAll, kAway, kFault, kStop, kJoin };
  const char* name;
  Way way;
  const char* faults = "";  // with which it lives until then
};

const std::vector<Death>& deaths(bool storm) {
  using Way = Death::Way;
  static const std::vector<Death> joining = {{"joining and leaving", Way::kJoin}, {"stopped", Way::kStop}};
  static const std::vector<Death> all = {
      {"running", Way::kKill},
      {"running", Way::kKill},
      {"starting", Way::kKillStarting},
      {"all at once", Way::kKillAll},
      {"away for long", Way::kAway},
      {"joining and leaving", Way::kJoin},
      {"stopped", Way::kStop},
      {"source.read", Way::kFault, "source.read:crash:0.02"},
      {"store.write", Way::kFault, "store.write:crash:0.05"},
      {"store.sync", Way::kFault, "store.sync:crash:0.05"},
      {"store.committed", Way::kFault, "store.committed:crash:0.05"},
      {"region.commit", Way::kFault, "region.commit:crash:0.05"},
      {"sink.write", Way::kFault, "sink.write:crash:0.1"},
      {"sink.sync", Way::kFault, "sink.sync:crash:0.1"},
  };
  return storm ? joining : all;
}

class Loop {
 public:
  Loop(KafkaBroker& broker, const DeathOptions& options)
      : broker_(broker),
        options_(options),
        deaths_(deaths(options.storm)),
        random_(options.seed),
        in_("in-" + std::to_string(options.seed)),
        out_("out-" + std::to_string(options.seed)),
        nodes_(options.binary,
               {.broker = broker.address(),
                .topic = in_,
                .sections = "sinks:\n  out: {type: kafka, input: orders, brokers: " + broker.address() +
                            ", topic: " + out_ + ", key: user, backoff_min: 20ms, backoff_max: 500ms}"}) {
    create_topic(broker.address(), in_, 3);
    create_topic(broker.address(), out_, 3);
  }

  DeathResult run() {
    OrderFeed feed(broker_.address(), in_, options_.rate, options_.seed);
    for (const char* name : {"a", "b"})
      start(name);
    for (int kill = 0; kill < options_.kills; ++kill) {
      const size_t turn = static_cast<size_t>(kill) % deaths_.size();
      if (turn == 0)
        shuffle();
      pause(options_.storm ? 400 : 1200);
      if (kill % 8 == 4 && !options_.storm)
        lose_broker(kill % 16 == 4);
      happen(deaths_[order_[turn]]);
      ++result_.deaths[deaths_[order_[turn]].name];
      if (options_.progress)
        *options_.progress << "kill " << kill + 1 << ": " << deaths_[order_[turn]].name << ", " << feed.issued()
                           << " issued" << std::endl;
    }
    feed.finish();
    result_.issued = feed.issued();
    result_.taken_back = feed.taken_back();
    settle();
    judge();
    return std::move(result_);
  }

 private:
  void shuffle() {
    order_.resize(deaths_.size());
    for (size_t i = 0; i < order_.size(); ++i)
      order_[i] = i;
    for (size_t i = order_.size(); i > 1; --i)
      std::swap(order_[i - 1], order_[random_.below(i)]);
  }

  std::chrono::milliseconds moment(uint64_t most_ms) { return std::chrono::milliseconds(random_.below(most_ms + 1)); }
  void pause(uint64_t most_ms) { std::this_thread::sleep_for(moment(most_ms)); }

  void start(const std::string& name, const std::string& faults = {}) {
    std::map<std::string, std::string> environment;
    if (!faults.empty())
      environment = {{"PENSTOCK_FAULTS", faults}, {"PENSTOCK_FAULT_SEED", std::to_string(random_())}};
    running_[name] = nodes_.start(name, environment);
  }

  /// Only a kill may have ended it.
  void end(const std::string& name) {
    RunningNode& node = *running_[name];
    const auto code = node.process().wait(0ms);
    if (code && *code != 128 + SIGKILL)
      result_.mistakes.push_back("the node " + name + " ended with " + std::to_string(*code) + ": " +
                                 node.process().err());
    node.kill();
    running_.erase(name);
  }

  void stop(const std::string& name) {
    RunningNode& node = *running_[name];
    (void)node.wait_until_ready();
    if (const auto stopped = node.interrupt(); stopped.code != 0)
      result_.mistakes.push_back("the node " + name + " ended with " + std::to_string(stopped.code) +
                                 " when it was stopped: " + node.process().err());
    running_.erase(name);
  }

  void happen(const Death& death) {
    using Way = Death::Way;
    const std::string name = random_.below(2) == 0 ? "a" : "b";
    switch (death.way) {
      case Way::kKill: break;
      case Way::kKillStarting:
        end(name);
        start(name);
        pause(400);
        break;
      case Way::kKillAll:
        for (const char* each : {"a", "b"})
          end(each);
        for (const char* each : {"a", "b"})
          start(each);
        return;
      case Way::kAway:  // until the group has let it go and its partitions are another's
        end(name);
        std::this_thread::sleep_for(2500ms + moment(1000));
        start(name);
        return;
      case Way::kFault:
        end(name);
        start(name, death.faults);
        (void)running_[name]->process().wait(4s);
        break;
      case Way::kStop:
        stop(name);
        pause(500);
        start(name);
        return;
      case Way::kJoin:
        start("c");
        pause(1500);
        if (options_.storm || random_.below(2) == 0)
          stop("c");
        else
          end("c");
        joined_ = true;
        return;
    }
    end(name);
    start(name);
  }

  void lose_broker(bool by_kill) {
    if (by_kill)
      broker_.kill();
    else
      broker_.stop();
    ++result_.deaths[by_kill ? "broker killed" : "broker stopped"];
    broker_.start();
  }

  /// Everybody who may have claimed records comes back and stores them.
  void settle() {
    if (joined_)
      start("c");
    std::vector<RunningNode*> all;
    auto patience = kSettling;
    for (auto& [name, node] : running_) {
      if (!node->wait_until_ready()) {
        result_.mistakes.push_back("the node " + name + " is not ready: " + node->process().err());
        patience = 0s;
      }
      all.push_back(node.get());
    }
    std::string problem;
    truth_ = read_orders(read_topic(broker_.address(), in_), problem);
    const auto expected = static_cast<int64_t>(truth_.size());
    (void)wait_until_counted(all, expected, patience);
    const auto until = std::chrono::steady_clock::now() + patience;
    while (read_topic(broker_.address(), out_).size() < truth_.size() && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(200ms);
    while (!running_.empty())
      stop(running_.begin()->first);
  }

  void judge() {
    std::string problem;
    std::vector<int64_t> stored;
    for (const std::string name : {"a", "b", "c"}) {
      if (name == "c" && !joined_)
        continue;
      const std::vector<int64_t> here = nodes_.stored(name, problem);
      result_.stored[name] = static_cast<int64_t>(here.size());
      stored.insert(stored.end(), here.begin(), here.end());
      complain("the store of " + name, nodes_.check_store(name));
    }
    const std::vector<int64_t> delivered = read_orders(read_topic(broker_.address(), out_), problem);
    result_.in_topic = static_cast<int64_t>(truth_.size());
    result_.delivered = static_cast<int64_t>(delivered.size());
    complain("the stores together", difference(truth_, stored));
    complain("the topic written", difference(truth_, delivered));
    complain("records", problem);
  }
  void complain(const std::string& where, const std::string& what) {
    if (!what.empty())
      result_.mistakes.push_back(where + ": " + what);
  }

  KafkaBroker& broker_;
  const DeathOptions options_;
  const std::vector<Death>& deaths_;
  Random random_;
  const std::string in_, out_;
  const OrderNodes nodes_;
  std::map<std::string, std::unique_ptr<RunningNode>> running_;
  std::vector<size_t> order_;
  bool joined_ = false;
  std::vector<int64_t> truth_;
  DeathResult result_;
};

}  // namespace

DeathResult run_death_loop(KafkaBroker& broker, const DeathOptions& options) { return Loop(broker, options).run(); }

std::string summary(const DeathResult& result) {
  std::string text;
  int kills = 0;
  for (const auto& [name, count] : result.deaths)
    if (!name.starts_with("broker"))
      kills += count;
  const auto count = [&](const char* name) {
    const auto found = result.deaths.find(name);
    return std::to_string(found == result.deaths.end() ? 0 : found->second);
  };
  text = std::to_string(kills) + " ends of nodes, broker killed " + count("broker killed") + " times, stopped " +
         count("broker stopped") + " times; " + std::to_string(result.issued) + " orders issued, " +
         std::to_string(result.taken_back) + " taken back, " + std::to_string(result.in_topic) +
         " in the topic; stored by";
  for (const auto& [name, stored] : result.stored)
    text += " " + name + " " + std::to_string(stored);
  text += "; " + std::to_string(result.delivered) + " written to the second topic; ";
  return text + (result.mistakes.empty() ? "nothing lost, nothing doubled"
                                         : std::to_string(result.mistakes.size()) + " MISTAKES");
}

}  // namespace penstock::test
