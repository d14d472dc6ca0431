#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace penstock::cli {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kFirstDraw = kSecond;        // quicker work shows nothing
constexpr int64_t kRedraw = kSecond / 10;      // on a terminal
constexpr int64_t kPlainEvery = 10 * kSecond;  // elsewhere
constexpr size_t kBarWidth = 24;

void write_to_stderr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::string bar(double fraction) {
  const auto full = static_cast<size_t>(fraction * kBarWidth);
  return "[" + std::string(full, '#') + std::string(kBarWidth - full, '.') + "]";
}

}  // namespace

Progress::Progress(std::string title, std::string unit)
    : Progress(std::move(title), std::move(unit), Terminal::of(stderr), Clock::system(), write_to_stderr) {}

Progress::Progress(std::string title, std::string unit, Terminal terminal, const Clock& clock, Write write)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      terminal_(terminal),
      clock_(clock),
      write_(std::move(write)),
      started_(clock.monotonic_nanos()),
      shown_(started_) {}

void Progress::update(uint64_t done, uint64_t total, std::string_view note) {
  const std::lock_guard lock(mutex_);
  if (finished_)
    return;
  done_ = done;
  total_ = total;
  note_ = note;
  const int64_t now = clock_.monotonic_nanos();
  if (now - started_ < kFirstDraw || now - shown_ < (terminal_.interactive ? kRedraw : kPlainEvery))
    return;
  shown_ = now;
  const std::string text = line(static_cast<double>(now - started_) / kSecond);
  if (terminal_.interactive) {
    erase();
    write_(text.substr(0, std::max(1, terminal_.width - 1)));
    drawn_ = true;
  } else {
    write_(text + "\n");
  }
}

void Progress::finish() {
  const std::lock_guard lock(mutex_);
  if (finished_)
    return;
  finished_ = true;
  if (drawn_)
    erase();
  const double seconds = static_cast<double>(clock_.monotonic_nanos() - started_) / kSecond;
  if (seconds >= 1 && unit_.empty())
    write_(fmt::format("{}: {}\n", title_, short_seconds(seconds)));
  else if (seconds >= 1)
    write_(fmt::format("{}: {} {} in {}\n", title_, with_separators(done_), unit_, short_seconds(seconds)));
}

std::string Progress::line(double seconds) const {
  const double rate = static_cast<double>(done_) / seconds;
  std::string text = title_ + " ";
  if (total_ > 0) {
    const double fraction = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
    if (terminal_.interactive)
      text += bar(fraction) + " ";
    text += fmt::format("{:.0f} % ", fraction * 100);
  }
  if (unit_.empty())
    text.pop_back();
  else
    text += fmt::format("{} {}, {}/s", short_number(static_cast<double>(done_)), unit_, short_number(rate));
  if (total_ > done_ && done_ > 0)
    text += fmt::format(", {} left", short_seconds(static_cast<double>(total_ - done_) / rate));
  if (!note_.empty())
    text += ", " + note_;
  return text;
}

void Progress::erase() { write_("\r\x1b[K"); }

std::string with_separators(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t i = text.size(); i > 3; i -= 3)
    text.insert(i - 3, ",");
  return text;
}

std::string short_number(double number) {
  constexpr const char* kUnits[] = {"", "k", "M", "G", "T"};
  size_t unit = 0;
  while (number >= 999.5 && unit + 1 < std::size(kUnits)) {
    number /= 1000;
    ++unit;
  }
  const int decimals = number >= 99.95 || (unit == 0 && number == static_cast<int>(number)) ? 0
                       : number >= 9.995                                                    ? 1
                                                                                            : 2;
  return fmt::format("{:.{}f}{}", number, decimals, kUnits[unit]);
}

std::string short_seconds(double seconds) {
  if (seconds < 10)
    return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<uint64_t>(std::llround(seconds));
  if (whole < 60)
    return fmt::format("{} s", whole);
  if (whole < 3600)
    return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02} h", whole / 3600, whole % 3600 / 60);
}

}  // namespace penstock::cli
