// The real binary running a topology, as a test sees it: started, awaited, asked over HTTP, stopped or killed.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tests/support/http.h"
#include "tests/support/process.h"

namespace penstock::test {

class RunningNode {
 public:
  struct Start {
    std::string binary;
    std::string topology;
    std::string data_dir;
    std::map<std::string, std::string> environment = {};
    std::vector<std::string> arguments = {};  // further ones of `run`
  };
  explicit RunningNode(const Start& start);

  /// Until /ready says yes; false if it does not within `patience`.
  bool wait_until_ready(std::chrono::milliseconds patience = std::chrono::seconds(60));
  /// Until the answer to `GET target` has `text` in its body. Gives the last answer.
  Answer wait_for(const std::string& target, const std::string& text,
                  std::chrono::milliseconds patience = std::chrono::seconds(60));

  Answer get(const std::string& target) { return http_get(port(), target); }
  Answer post(const std::string& target, const std::string& body) { return http(port(), "POST", target, body); }
  /// From its line `listening on http://127.0.0.1:PORT`; 0 before that.
  uint16_t port();

  /// Ctrl-C. Gives the exit code (-1: it did not end within 10 s) and how long that took.
  struct Stopped {
    int code;
    std::chrono::milliseconds took;
  };
  Stopped interrupt();
  void kill();

  Process& process() { return process_; }

 private:
  Process process_;
  uint16_t port_ = 0;
};

}  // namespace penstock::test
