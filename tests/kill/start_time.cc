// How long a node takes from its start to being ready, on a store with many events that was never closed.
#include <chrono>
#include <stdexcept>

#include "tests/kill/kill_loop.h"
#include "tests/kill/order.h"
#include "tests/kill/receiver.h"
#include "tests/kill/scene.h"

namespace penstock::kill {

std::vector<double> measure_starts(const std::string& binary, int64_t events, int times) {
  using SteadyClock = std::chrono::steady_clock;
  const Receiver receiver;
  const Scene scene(binary, receiver.url());
  std::vector<double> seconds;
  {
    test::RunningNode node(scene.start_without_sinks(scene.data_dir()));
    if (!node.wait_until_ready())
      throw std::runtime_error("the node is not ready: " + node.process().err());
    constexpr int64_t kAtOnce = 5'000, kUsers = 100'000, kItems = 10'000;
    for (int64_t id = 0; id < events;) {
      std::string body = "[";
      for (const int64_t end = std::min(events, id + kAtOnce); id < end; ++id)
        body += (body.size() > 1 ? "," : "") + Order(id, kUsers, kItems).json();
      const test::Answer answer =
          test::http(node.port(), "POST", "/ingest/orders", body + "]", std::chrono::seconds(60));
      if (answer.code != 201)
        throw std::runtime_error("the node answered " + std::to_string(answer.code) + " " + answer.body);
    }
    (void)node.post("/v1/models/taste/train", "");
    (void)node.wait_for("/v1/models/taste", "\"version\":1", std::chrono::seconds(120));
    node.kill();
  }
  for (int i = 0; i < times; ++i) {
    const auto begun = SteadyClock::now();
    test::RunningNode node(scene.start_without_sinks(scene.data_dir()));
    if (!node.wait_until_ready(std::chrono::seconds(60)))
      throw std::runtime_error("the node is not ready: " + node.process().err());
    seconds.push_back(std::chrono::duration<double>(SteadyClock::now() - begun).count());
    node.kill();
  }
  return seconds;
}

}  // namespace penstock::kill
