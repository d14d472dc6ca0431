// Input that comes a hundred times faster than the slowest stage can work: memory stays within the budget, answers still
// come, and nothing that was acknowledged is lost. Ten seconds of it; PENSTOCK_OVERLOAD_SECONDS asks for more
// (scripts/overload.sh). Times are printed, not judged: they are the machine's.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <thread>

#include "tests/support/running_node.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // whose allocators hold several times what is asked for
#else
constexpr bool kSanitized = false;
#endif

constexpr int kRecordsARequest = 100;
constexpr int kClients = 32;
constexpr uint64_t kBudget = 96u << 20;
constexpr double kSlowestStage = kRecordsARequest;  // records a second: a batch is one request's
constexpr const char* kSlow = "stage.process:delay=1s";

constexpr const char* kTopology = R"(
name: overloaded
settings: {memory_budget: 96MiB, in_flight_bytes: 4MiB, epoch_bytes: 256KiB}
schemas:
  event: {id: {type: int64, required: true}, user: {type: int64, required: true}, item: {type: int64, required: true}, note: string}
sources:
  events: {type: http, path: /ingest/events, schema: event}
stages:
  total: {type: reduce, input: events, aggregates: {n: count(*), ids: sum(id)}}
  per_user: {type: reduce, input: events, group_by: [user], aggregates: {n: count(*)}, memory: 1MiB}
models:
  popular: {type: popularity, input: events, user: user, item: item, memory: 1MiB}
servers:
  api: {type: http, listen: "127.0.0.1:0"}
)";

struct Sent {
  int64_t records = 0;
  int64_t ids = 0;
  int64_t refused = 0;  // requests answered 429 or 503
};

// Four hundred letters that do not pack well.
std::string note(int64_t id) {
  std::string out(400, ' ');
  auto state = static_cast<uint64_t>(id) + 1;
  for (char& letter : out)
    letter = static_cast<char>('0' + ((state = state * 6364136223846793005 + 1442695040888963407) >> 58));
  for (char& letter : out)
    letter = letter == '\\' ? '.' : letter;
  return out;
}

// One request's records, with ids from `first` on. Users recur seldom, so that state would grow with the input.
std::string body(int64_t first) {
  std::string out;
  for (int64_t id = first; id < first + kRecordsARequest; ++id)
    out += (id == first ? "[" : ",") + ("{\"id\":" + std::to_string(id)) +
           ",\"user\":" + std::to_string(id * 7919 % 1'000'003) + ",\"item\":" + std::to_string(id % 500) +
           ",\"note\":\"" + note(id) + "\"}";
  return out + "]";
}

// Sends as fast as answers come, from several clients, until `over`. Adds up what was acknowledged.
Sent send(RunningNode& node, std::atomic<int64_t>& next, const std::function<bool()>& over) {
  Sent sent;
  std::mutex mutex;
  const uint16_t port = node.port();
  std::vector<std::thread> clients;
  for (int client = 0; client < kClients; ++client)
    clients.emplace_back([&] {
      while (!over()) {
        const int64_t first = next.fetch_add(kRecordsARequest);
        const Answer answer = http(port, "POST", "/ingest/events", body(first), 30s);
        const std::lock_guard lock(mutex);
        if (answer.code == 201) {
          sent.records += kRecordsARequest;
          sent.ids += kRecordsARequest * first + kRecordsARequest * (kRecordsARequest - 1) / 2;
        } else {
          sent.refused += 1;
          if (sent.refused == 1)
            UNSCOPED_INFO(answer.code << ": " << answer.body);
        }
      }
    });
  for (std::thread& client : clients)
    client.join();
  return sent;
}

double p99_of_recommendations(RunningNode& node, const std::function<bool()>& over, std::string& failed) {
  std::vector<double> millis;
  for (int user = 0; !over(); ++user) {
    const auto begun = steady_clock::now();
    const Answer answer = node.get("/v1/users/" + std::to_string(user % 1000) + "/recommendations?n=10");
    millis.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - begun).count());
    if (answer.code != 200)
      failed += std::to_string(answer.code) + " " + answer.body + "\n";
    std::this_thread::sleep_for(5ms);
  }
  std::sort(millis.begin(), millis.end());
  return millis.empty() ? 0 : millis[millis.size() * 99 / 100];
}

uint64_t anonymous_memory(const Process& process) {
  std::ifstream status("/proc/" + std::to_string(process.pid()) + "/status");
  std::string word;
  uint64_t kilobytes = 0;
  while (status >> word)
    if (word == "RssAnon:")
      status >> kilobytes;
  return kilobytes * 1024;
}

std::function<bool()> until(steady_clock::time_point end) {
  return [end] { return steady_clock::now() >= end; };
}

}  // namespace

TEST_CASE("overload: memory stays within the budget, answers come, and nothing acknowledged is lost", "[overload]") {
  const char* const asked = std::getenv("PENSTOCK_OVERLOAD_SECONDS");
  const auto length = std::chrono::seconds(asked != nullptr ? std::max(1, std::atoi(asked)) : 10);
  TemporaryFolder folder;
  RunningNode::Start start{
      .binary = PENSTOCK_BINARY, .topology = folder.write("topology.yaml", kTopology), .data_dir = folder / "data"};
  std::atomic<int64_t> next = 0;
  Sent sent;
  const auto add = [&](const Sent& more) {
    sent.records += more.records;
    sent.ids += more.ids;
    sent.refused += more.refused;
  };
  std::string failed;
  double idle = 0;
  {
    RunningNode node(start);
    REQUIRE(node.wait_for("/v1/status", "\"ready\":true").code == 200);
    add(send(node, next, [&] { return next >= 20 * kRecordsARequest; }));
    REQUIRE(sent.records > 0);
    REQUIRE(node.wait_for("/v1/views/total", std::to_string(sent.records)).code == 200);
    idle = p99_of_recommendations(node, until(steady_clock::now() + 2s), failed);
    CHECK(failed == "");
    CHECK(node.interrupt().code == 0);
  }
  uint64_t most_memory = 0;
  double loaded = 0, rate = 0;
  {
    start.environment = {{"PENSTOCK_FAULTS", kSlow}};
    RunningNode node(start);
    REQUIRE(node.wait_for("/v1/status", "\"ready\":true").code == 200);
    const auto begun = steady_clock::now();
    const auto over = until(begun + length);
    std::thread watch([&] {
      while (!over()) {
        most_memory = std::max(most_memory, anonymous_memory(node.process()));
        std::this_thread::sleep_for(50ms);
      }
    });
    std::thread ask([&] { loaded = p99_of_recommendations(node, over, failed); });
    const Sent pushed = send(node, next, over);
    rate = static_cast<double>(pushed.records) / std::chrono::duration<double>(steady_clock::now() - begun).count();
    watch.join();
    ask.join();
    add(pushed);
    CHECK(failed == "");
    node.kill();
  }
  std::printf(
      "overload for %lld s: %.0f records a second acknowledged, %.0f times the slowest stage; %lld requests refused\n"
      "  most memory %.1f MiB of a budget of %.0f MiB; p99 of recommendations %.1f ms, idle %.1f ms\n",
      static_cast<long long>(length.count()), rate, rate / kSlowestStage, static_cast<long long>(sent.refused),
      static_cast<double>(most_memory) / (1 << 20), static_cast<double>(kBudget) / (1 << 20), loaded, idle);
  if (!kSanitized)
    CHECK(most_memory < kBudget);

  start.environment.clear();
  RunningNode node(start);
  const std::string all = "\"n\":" + std::to_string(sent.records) + ",\"ids\":" + std::to_string(sent.ids);
  const Answer total = node.wait_for("/v1/views/total", all, 600s);
  INFO(node.process().err());
  CHECK_THAT(total.body, Catch::Contains(all));
  CHECK(node.interrupt().code == 0);
}

}  // namespace penstock::test
