// Another program run by a test: started with its own arguments, environment and folder, read, signalled, awaited with a
// deadline. What it writes goes to files, so that it never waits for the test to read. Killed when the object dies.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace penstock::test {

struct Command {
  std::vector<std::string> arguments;                   // the first is the program
  std::map<std::string, std::string> environment = {};  // added to the test's own
  std::string folder = {};                              // empty: the test's own
};

class Process {
 public:
  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// The exit code, 128 + signal if it was killed by one, or nothing if it still runs after `patience`.
  std::optional<int> wait(std::chrono::milliseconds patience);
  bool running() { return !wait(std::chrono::milliseconds(0)); }

  /// Everything written so far.
  std::string out() const;
  std::string err() const;
  /// Waits until `text` stands in either output; false if it does not within `patience`.
  bool wait_for_output(const std::string& text, std::chrono::milliseconds patience);

 private:
  std::string outputs_;  // folder of the two files
  pid_t pid_ = -1;
  int descriptor_ = -1;  // pidfd
  std::optional<int> code_;
};

struct Finished {
  int code;  // -1: still ran after `patience` and was killed
  std::string out;
  std::string err;
};

/// Runs a program to its end.
Finished run_to_end(const Command& command, std::chrono::milliseconds patience = std::chrono::seconds(60));

}  // namespace penstock::test
