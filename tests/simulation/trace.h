// What happened in a simulated run, step by step: as a hash, by which two runs are found to be the same, and as text for a
// person. One thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string_view>

namespace penstock::simulation {

class Trace {
 public:
  /// `print`: every step becomes a line there; null: none does.
  explicit Trace(std::FILE* print = nullptr) : print_(print) {}

  /// `who` did `what`, such as `region:sold#1` and `batch`; `a` and `b` are numbers that tell more, such as input and rows.
  void note(std::string_view who, std::string_view what, uint64_t a = 0, uint64_t b = 0);
  /// Takes a result into the hash.
  void take(std::string_view text);

  uint64_t steps() const { return steps_; }
  uint64_t hash() const { return hash_; }

 private:
  void mix(uint64_t value);

  std::FILE* print_;
  uint64_t steps_ = 0;
  uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace penstock::simulation
