// How far a long piece of work is, on stderr: a bar with rate and remaining time that redraws itself on a terminal, an
// occasional plain line elsewhere. Work of less than a second leaves no trace. Thread safe.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "cli/terminal.h"
#include "core/clock.h"
#include "models/model.h"

namespace penstock::cli {

/// Where lines go. On a terminal a text may begin with a carriage return and lack the line feed.
using Write = std::function<void(std::string_view text)>;

class Progress {
 public:
  /// `title` says what is done, `unit` what is counted: `reading ratings`, `events`. No unit: only the share
  /// that is done is shown.
  Progress(std::string title, std::string unit);
  Progress(std::string title, std::string unit, Terminal terminal, const Clock& clock, Write write);
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `total` 0: unknown. `note` is a word on the state.
  void update(uint64_t done, uint64_t total, std::string_view note = {});
  /// The last state for good, with the time it took. Further calls do nothing.
  void finish();

 private:
  std::string line(double seconds) const;
  void erase();

  const std::string title_;
  const std::string unit_;
  const Terminal terminal_;
  const Clock& clock_;
  const Write write_;
  const int64_t started_;

  std::mutex mutex_;
  int64_t shown_;       // when the last line was written
  bool drawn_ = false;  // an unfinished line stands on the terminal
  bool finished_ = false;
  uint64_t done_ = 0;
  uint64_t total_ = 0;
  std::string note_;
};

/// Shows a training as progress.
class ShownTraining final : public TrainingProgress {
 public:
  explicit ShownTraining(std::string title) : progress_(std::move(title), "iterations") {}
  void step(size_t done, size_t total, const std::string& note) override { progress_.update(done, total, note); }
  void finish() { progress_.finish(); }

 private:
  Progress progress_;
};

/// `1,234,567`.
std::string with_separators(uint64_t number);
/// Three figures with a unit letter: `950`, `12.3k`, `4.56M`.
std::string short_number(double number);
/// `0.4 s`, `12 s`, `3:05 min`, `2:01 h`.
std::string short_seconds(double seconds);

}  // namespace penstock::cli
