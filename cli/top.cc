#include "cli/top.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <sstream>
#include <thread>

#include "cli/app.h"
#include "cli/node_client.h"
#include "cli/table.h"
#include "core/units.h"

namespace penstock::cli {
namespace {

struct TopOptions {
  std::string url = kDefaultUrl;
  double interval = 1;
  bool once = false;
};

std::string format(const char* pattern, double value) {
  std::array<char, 48> out{};
  std::snprintf(out.data(), out.size(), pattern, value);
  return out.data();
}

// 1234567 as 1.23M.
std::string count(double value) {
  for (const auto& [scale, unit] : {std::pair{1e9, "G"}, {1e6, "M"}, {1e3, "k"}})
    if (value >= scale * 9.995)
      return format(value >= scale * 100 ? "%.0f" : "%.1f", value / scale) + unit;
  return value > 0 && value < 10 && value != std::floor(value) ? format("%.1f", value) : format("%.0f", value);
}

std::string or_dash(double value, const std::string& text) { return value > 0 ? text : "-"; }
std::string percent(const TopRow& row, double share) { return row.measured ? format("%.0f%%", share * 100) : "-"; }
std::string bytes(double value) { return or_dash(value, to_string(Bytes{static_cast<uint64_t>(value)})); }

std::string span(double seconds) {
  return seconds < 120    ? format("%.0fs", seconds)
         : seconds < 7200 ? format("%.0fm", seconds / 60)
                          : format("%.1fh", seconds / 3600);
}

// Whoever ends the program gets the terminal back as it was.
class RawInput {
 public:
  RawInput() {
    if (isatty(STDIN_FILENO) == 0 || tcgetattr(STDIN_FILENO, &before_) != 0)
      return;
    raw_ = true;
    termios changed = before_;
    changed.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);  // Ctrl-C comes as a key
    tcsetattr(STDIN_FILENO, TCSANOW, &changed);
  }
  ~RawInput() {
    if (raw_)
      tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  RawInput(const RawInput&) = delete;
  RawInput& operator=(const RawInput&) = delete;

  /// Waits; true if the user wants to leave.
  bool wait(double seconds) const {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (!raw_) {
      std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
      return false;
    }
    if (poll(&input, 1, static_cast<int>(seconds * 1000)) <= 0)
      return false;
    char key = 0;
    return read(STDIN_FILENO, &key, 1) <= 0 || key == 'q' || key == 'Q' || key == 3 || key == 4;
  }

 private:
  termios before_{};
  bool raw_ = false;
};

Result<NodeLook> look(const std::string& url) {
  NodeLook out;
  PENSTOCK_ASSIGN(out.status, fetch_from_node(url, "/v1/status"));
  PENSTOCK_ASSIGN(out.tree, fetch_from_node(url, "/v1/supervision"));
  PENSTOCK_ASSIGN(const std::string metrics, fetch_from_node(url, "/metrics"));
  out.metrics = MetricsText(metrics);
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  return out;
}

size_t screen_height() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 3 ? size.ws_row : 40;
}

Status show_once(const TopOptions& options) {
  PENSTOCK_ASSIGN(const NodeLook before, look(options.url));
  std::this_thread::sleep_for(std::chrono::duration<double>(options.interval));
  PENSTOCK_ASSIGN(const NodeLook now, look(options.url));
  PENSTOCK_ASSIGN(const TopFigures figures, top_figures(before, now));
  print_top(figures, Terminal::of(stdout), 0, std::cout);
  std::cout.flush();
  return ok();
}

// A node that goes away is waited for.
Status show_live(const TopOptions& options) {
  PENSTOCK_ASSIGN(NodeLook before, look(options.url));
  const RawInput input;
  std::cout << "\x1b[?1049h\x1b[?25l" << std::flush;  // another screen, no cursor
  Status status;
  double pause = std::min(0.3, options.interval);  // the first view comes soon
  for (; status.ok() && !input.wait(pause); pause = options.interval) {
    std::ostringstream screen;
    Result<NodeLook> now = look(options.url);
    if (now.ok()) {
      const Result<TopFigures> figures = top_figures(before, *now);
      status = figures.status();
      if (figures.ok())
        print_top(*figures, Terminal::of(stdout), screen_height(), screen);
      before = std::move(now).value();
    } else {
      screen << printable(now.status().message()) << "\nwaiting for it; q quits\n";
    }
    std::string text = screen.str();
    for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 4)
      text.replace(at, 1, "\x1b[K\n");  // what stood there before goes
    std::cout << "\x1b[H" << text << "\x1b[J" << std::flush;
  }
  std::cout << "\x1b[?25h\x1b[?1049l" << std::flush;
  return status;
}

}  // namespace

void print_top(const TopFigures& figures, const Terminal& terminal, size_t height, std::ostream& out) {
  std::ostringstream lines;
  Table table({{"COMPONENT"},
               {"STATE"},
               {"IN/S", Table::Align::kRight},
               {"OUT/S", Table::Align::kRight},
               {"BUSY", Table::Align::kRight},
               {"BLOCKED", Table::Align::kRight},
               {"BEHIND", Table::Align::kRight},
               {"LAG", Table::Align::kRight},
               {"QUEUE", Table::Align::kRight},
               {"STATE BYTES", Table::Align::kRight},
               {"RESTARTS", Table::Align::kRight},
               {"DEAD", Table::Align::kRight},
               {"AGE", Table::Align::kRight}});
  for (const TopRow& row : figures.rows)
    table.add({printable(row.role == "region" ? row.id : row.role + " " + row.id), printable(row.state),
               or_dash(row.rows_in, count(row.rows_in)), or_dash(row.rows_out, count(row.rows_out)),
               percent(row, row.busy), percent(row, row.blocked), or_dash(row.lag_rows, count(row.lag_rows)),
               or_dash(row.lag_seconds, span(row.lag_seconds)), bytes(row.queue_bytes), bytes(row.state_bytes),
               or_dash(static_cast<double>(row.restarts), std::to_string(row.restarts)),
               or_dash(row.dead_letters, count(row.dead_letters)), row.age_seconds < 0 ? "-" : span(row.age_seconds)});
  table.print(lines);
  out << paint(printable(figures.topology), Paint::kBold, terminal) << ": up " << span(figures.uptime_seconds) << ", "
      << (figures.ready ? "ready" : "not ready yet") << ", "
      << (figures.healthy ? "healthy" : paint("NOT HEALTHY", Paint::kRed, terminal)) << "; " << count(figures.requests)
      << " requests/s, " << count(figures.dead_letters) << " dead letters\n"
      << "memory " << bytes(figures.memory_bytes) << " of " << bytes(figures.memory_budget) << ", store "
      << bytes(figures.store_bytes) << " of " << bytes(figures.store_budget) << "\n\n";
  size_t shown = 3;
  size_t number = 0;
  std::istringstream rows(lines.str());
  for (std::string line; std::getline(rows, line); ++number) {
    if (height > 0 && ++shown >= height) {
      out << "and " << figures.rows.size() + 1 - number << " more (a higher window shows them)";
      return;
    }
    const TopRow* row = number == 0 ? nullptr : &figures.rows[number - 1];
    if (terminal.interactive && static_cast<int>(line.size()) > terminal.width - 14)
      line.resize(static_cast<size_t>(std::max(20, terminal.width - 14)));
    if (row == nullptr)
      out << paint(line, Paint::kDim, terminal);
    else if (row->bottleneck)
      out << paint(line + "  <- bottleneck", Paint::kYellow, terminal);
    else if (row->state == "failing" || row->state == "restarting" || row->state == "stalled")
      out << paint(line, Paint::kRed, terminal);
    else
      out << line;
    out << '\n';
  }
}

void add_top(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<TopOptions>();
  CLI::App* verb = add_verb(app, "top", "Watch a running node: rates, loads, lags, and the bottleneck. q quits.",
                            "  penstock top\n"
                            "  penstock top --once --interval 5\n");
  verb->add_option("--url", options->url, "Where the node listens")->capture_default_str();
  verb->add_option("--interval", options->interval, "Seconds between two looks")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  verb->add_flag("--once", options->once, "Print one view and end; so too where the output is no terminal");
  verb->callback([options, &exit] {
    const bool live = !options->once && Terminal::of(stdout).interactive;
    exit.fail(live ? show_live(*options) : show_once(*options));
  });
}

}  // namespace penstock::cli
