// The kill loop as a program: `kill_loop PENSTOCK [--kills N] [--seed S] [--clients C] [--starts EVENTS]`. The last line is
// the summary; the exit code is 0 if nothing was lost or doubled. scripts/kill_loop.sh builds and runs it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "tests/kill/kill_loop.h"

int main(int argc, char** argv) {
  using namespace penstock::kill;
  LoopOptions options;
  options.kills = 200;
  options.progress = &std::cout;
  int64_t events = 1'000'000;
  CLI::App app("Kills a node again and again and looks whether anything was lost or doubled.");
  app.add_option("PENSTOCK", options.binary, "The program")->required();
  app.add_option("--kills", options.kills, "How often")->check(CLI::NonNegativeNumber);
  app.add_option("--seed", options.seed, "Of moments and orders");
  app.add_option("--clients", options.clients, "Threads that post")->check(CLI::PositiveNumber);
  app.add_option("--starts", events, "Afterwards, time starts with so many events in the store; 0: do not");
  CLI11_PARSE(app, argc, argv);

  const LoopResult result = run_kill_loop(options);
  for (const std::string& mistake : result.mistakes)
    std::cout << "MISTAKE: " << mistake << "\n";
  for (const auto& [name, count] : result.deaths)
    std::cout << "died " << count << " times: " << name << "\n";
  if (events > 0) {
    std::vector<double> seconds = measure_starts(options.binary, events, 5);
    std::sort(seconds.begin(), seconds.end());
    std::cout << "from start to ready with " << events << " events: median " << seconds[seconds.size() / 2]
              << " s, longest " << seconds.back() << " s (goal: under 1 s)\n";
  }
  std::cout << summary(result) << std::endl;
  return result.mistakes.empty() ? 0 : 1;
}
