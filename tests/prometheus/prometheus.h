// A Prometheus of its own for a test: on a free port, with its data in a temporary folder, scraping one node every second. It
// goes away with the object.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {

struct RuleHealth {
  std::string name;
  std::string health;  // ok, unknown (not evaluated yet), err
  std::string error;
};

class Prometheus {
 public:
  static bool is_installed();
  /// Scrapes 127.0.0.1:`node` and evaluates the rules of these files every second.
  Prometheus(uint16_t node, const std::vector<std::string>& rule_files);

  /// Until it has scraped the node; false if it has not soon.
  bool wait_for_scrape();

  struct Answer {
    std::string error;  // empty: it was answered
    size_t series = 0;  // with a value that is a number
  };
  /// An instant query, as of now.
  Answer ask(const std::string& expression) const;
  /// Of all alert and recording rules that it has loaded.
  std::vector<RuleHealth> rules() const;
  /// What it said.
  std::string said() const { return process_.err(); }

 private:
  TemporaryFolder folder_;
  uint16_t port_;
  Process process_;
};

}  // namespace penstock::test
