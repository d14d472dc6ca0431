// Runs simulated seeds and reports those whose outcome differs; see scripts/simulate.sh, which builds and calls it.
// Exit code: 0 if all outcomes are right, 1 if one is not, 2 for wrong arguments.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/simulation/fast_folder.h"
#include "tests/simulation/simulation.h"

using namespace penstock;
using namespace penstock::simulation;

namespace {

struct Arguments {
  uint64_t from = 0, seeds = 1;
  double progress = 0;
  bool trace = false, until_failure = false;
};

bool parse(int argc, char** argv, Arguments& out) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--trace" || name == "--until-failure") {
      (name == "--trace" ? out.trace : out.until_failure) = true;
      continue;
    }
    if (i + 1 == argc)
      return false;
    char* end = nullptr;
    const char* value = argv[++i];
    if (name == "--from")
      out.from = std::strtoull(value, &end, 10);
    else if (name == "--seeds")
      out.seeds = std::strtoull(value, &end, 10);
    else if (name == "--progress")
      out.progress = std::strtod(value, &end);
    else
      return false;
    if (*value == '\0' || *end != '\0')
      return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse(argc, argv, arguments)) {
    return 2;
  }
  const FastFolder folder;
  Simulation simulation(folder.path());
  FaultCounts counts;
  uint64_t failed = 0, done = 0;
  const auto begun = std::chrono::steady_clock::now();
  auto reported = begun;
  const auto seconds_since = [](auto then) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
  };
  const auto report = [&](const char* word) {
    std::printf("%s: %llu seeds up to %llu, %.0f a minute, %llu failed; %s\n", word,
                static_cast<unsigned long long>(done),
                static_cast<unsigned long long>(arguments.from + (done > 0 ? done - 1 : 0)),
                static_cast<double>(done) / seconds_since(begun) * 60, static_cast<unsigned long long>(failed),
                counts.to_string().c_str());
    std::fflush(stdout);
  };
  for (; done < arguments.seeds && (failed == 0 || !arguments.until_failure); ++done) {
    const uint64_t seed = arguments.from + done;
    const RunResult result = simulation.run(seed, arguments.trace ? stdout : nullptr);
    counts += result.counts;
    if (!result.difference.empty()) {
      ++failed;
      std::printf("FAILED seed %llu (scripts/simulate.sh --seeds 1 --from %llu --trace)\n%s\n",
                  static_cast<unsigned long long>(seed), static_cast<unsigned long long>(seed),
                  result.difference.c_str());
      std::fflush(stdout);
    }
    if (arguments.trace)
      std::printf("trace %016llx\n", static_cast<unsigned long long>(result.trace));
    if (arguments.progress > 0 && seconds_since(reported) >= arguments.progress) {
      ++done;
      report("progress");
      --done;
      reported = std::chrono::steady_clock::now();
    }
  }
  report("done");
  return failed == 0 ? 0 : 1;
}
