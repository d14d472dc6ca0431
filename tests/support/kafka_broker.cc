#include "tests/support/kafka_broker.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

const std::string kScript = std::string(PENSTOCK_SOURCE_DIR) + "/scripts/kafka.sh";

bool is_free(uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(listener);
  return free;
}

/// Two ports next to each other, below those that the system gives to whoever connects: nobody gets them while the
/// broker is down.
uint16_t free_ports() {
  const uint16_t first = 12'000, count = 8'000;
  static uint16_t turn = 0;
  for (int tries = 0; tries < count; tries += 2) {
    const auto port = static_cast<uint16_t>(first + (getpid() * 26 + turn) % count / 2 * 2);
    turn = static_cast<uint16_t>(turn + 2);
    if (is_free(port) && is_free(static_cast<uint16_t>(port + 1)))
      return port;
  }
  throw std::runtime_error("no free port for a broker");
}

/// Runs a program that reads `input`.
Finished fed(std::vector<std::string> arguments, const std::string& input) {
  const TemporaryFolder folder;
  const std::string file = folder.write("input", input);
  arguments.insert(arguments.begin(), {"/bin/sh", "-c", "exec \"$@\" <\"$0\"", file});
  return run_to_end({.arguments = std::move(arguments)}, 120s);
}

}  // namespace

KafkaBroker& KafkaBroker::shared() {
  static KafkaBroker broker;
  return broker;
}

KafkaBroker::KafkaBroker(std::vector<std::string> settings) : settings_(std::move(settings)), port_(free_ports()) {
  const Finished fetched = run_to_end({.arguments = {kScript, "fetch"}}, 10min);
  if (fetched.code != 0)
    throw std::runtime_error("no broker: " + fetched.err);
  start();
}

void KafkaBroker::start() {
  Command command = {.arguments = {kScript, "run", "--port", std::to_string(port_), "--data", folder_.path()},
                     .environment = {{"PENSTOCK_KAFKA_JAVA", "-XX:TieredStopAtLevel=1"}}};  // short lives, busy machine
  for (const std::string& setting : settings_)
    command.arguments.insert(command.arguments.end(), {"--set", setting});
  process_.emplace(command);
  if (!process_->wait_for_output("Kafka Server started", 120s))
    throw std::runtime_error("the broker does not start: " + said());
}

void KafkaBroker::stop() {
  process_->signal(SIGTERM);
  (void)process_->wait(30s);
  process_.reset();
}

void KafkaBroker::kill() {
  process_->signal(SIGKILL);
  (void)process_->wait(30s);
  process_.reset();
}

Finished KafkaBroker::tool(const std::vector<std::string>& arguments, const std::string& input) const {
  std::vector<std::string> all = {kScript,  arguments.front(), "--port", std::to_string(port_),
                                  "--data", folder_.path()};
  all.insert(all.end(), arguments.begin() + 1, arguments.end());
  return fed(std::move(all), input);
}

Finished kcat(const KafkaBroker& broker, const std::vector<std::string>& arguments, const std::string& input) {
  std::vector<std::string> all = {"kcat", "-b", broker.address()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return fed(std::move(all), input);
}

}  // namespace penstock::test
