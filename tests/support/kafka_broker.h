// A real broker for tests: Apache Kafka of one node by scripts/kafka.sh, in a temporary folder and on a free port. It goes away
// with the object, or with the test program however that ends.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {

class KafkaBroker {
 public:
  /// The one that all cases of a test program share, started when the first asks. Topics must have names of their own.
  static KafkaBroker& shared();

  /// Takes Kafka's jars by Maven if they are not there, starts the broker and waits for it. `settings`: `KEY=VALUE` for the broker.
  /// Errors: std::runtime_error with what the broker said.
  explicit KafkaBroker(std::vector<std::string> settings = {});

  std::string address() const { return "localhost:" + std::to_string(port_); }
  uint16_t port() const { return port_; }
  /// What it has written to its log since it was started last.
  std::string said() const { return process_ ? process_->out() + process_->err() : ""; }

  void stop();
  void kill();  // SIGKILL
  /// Again on the same port and data, and waits until it answers.
  void start();
  /// A stock tool through scripts/kafka.sh: `{"create", "orders", "3"}`, with what it reads.
  Finished tool(const std::vector<std::string>& arguments, const std::string& input = {}) const;

 private:
  const std::vector<std::string> settings_;
  TemporaryFolder folder_;
  uint16_t port_;
  std::optional<Process> process_;
};

/// `kcat -b BROKER arguments...`, with what it reads.
Finished kcat(const KafkaBroker& broker, const std::vector<std::string>& arguments, const std::string& input = {});

}  // namespace penstock::test
