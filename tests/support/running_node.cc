#include "tests/support/running_node.h"

#include <csignal>
#include <cstdlib>
#include <thread>

namespace penstock::test {
namespace {

using Clock = std::chrono::steady_clock;

/// Asks again and again until `there` says yes.
template <class There>
bool wait_until(std::chrono::milliseconds patience, Process& process, const There& there) {
  const auto until = Clock::now() + patience;
  while (!there()) {
    if (Clock::now() > until || !process.running())
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

std::vector<std::string> arguments(const RunningNode::Start& start) {
  std::vector<std::string> all = {start.binary, "run", start.topology, "--data-dir", start.data_dir};
  all.insert(all.end(), start.arguments.begin(), start.arguments.end());
  return all;
}

}  // namespace

RunningNode::RunningNode(const Start& start) : process_({arguments(start), start.environment}) {}

uint16_t RunningNode::port() {
  if (port_ != 0)
    return port_;
  const std::string said = process_.out();
  const std::string before = "listening on http://127.0.0.1:";
  const size_t at = said.find(before);
  if (at != std::string::npos && said.find('\n', at) != std::string::npos)
    port_ = static_cast<uint16_t>(std::atoi(said.c_str() + at + before.size()));
  return port_;
}

bool RunningNode::wait_until_ready(std::chrono::milliseconds patience) {
  return wait_until(patience, process_, [this] { return port() != 0 && get("/ready").code == 200; });
}

Answer RunningNode::wait_for(const std::string& target, const std::string& text, std::chrono::milliseconds patience) {
  Answer last;
  wait_until(patience, process_, [&] {
    if (port() != 0)
      last = get(target);
    return last.body.find(text) != std::string::npos;
  });
  return last;
}

RunningNode::Stopped RunningNode::interrupt() {
  const auto begun = Clock::now();
  process_.signal(SIGINT);
  const int code = process_.wait(std::chrono::seconds(10)).value_or(-1);
  return {code, std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun)};
}

void RunningNode::kill() {
  process_.signal(SIGKILL);
  (void)process_.wait(std::chrono::seconds(10));
}

}  // namespace penstock::test
