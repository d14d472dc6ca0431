// The death loop as a program: `kafka_loop PENSTOCK [--kills N] [--seed S] [--rate R]`. The last line is the summary; the exit code
// is 0 if nothing was lost or doubled. scripts/kafka_loop.sh builds and runs it.
#include <CLI/CLI.hpp>
#include <iostream>

#include "tests/kafka/death_loop.h"

int main(int argc, char** argv) {
  using namespace penstock::test;
  DeathOptions options;
  options.kills = 200;
  options.progress = &std::cout;
  CLI::App app("Kills nodes that share a topic, and the broker, and looks whether anything was lost or doubled.");
  app.add_option("PENSTOCK", options.binary, "The program")->required();
  app.add_option("--kills", options.kills, "How often")->check(CLI::NonNegativeNumber);
  app.add_option("--seed", options.seed, "Of moments and orders");
  app.add_option("--rate", options.rate, "Orders a second")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  KafkaBroker broker;
  const DeathResult result = run_death_loop(broker, options);
  for (const std::string& mistake : result.mistakes)
    std::cout << "MISTAKE: " << mistake << "\n";
  for (const auto& [name, count] : result.deaths)
    std::cout << name << ": " << count << "\n";
  std::cout << summary(result) << std::endl;
  return result.mistakes.empty() ? 0 : 1;
}
