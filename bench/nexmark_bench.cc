// The queries q0 to q8 of NEXMark on a whole node: generator, log, stages and store, everything committed to disk. First checks
// the answers of 50,000 events against those of bench/nexmark/recount.py, then prints events a second, and events a second
// and core by the CPU time of the whole process, generator included. q0, q1, q2, q5 and q7 read bids, which is what they count; the
// others read all events.
//
//   bench_nexmark [events, default 5000000] [workers, default 1] [query ...]
//   bench_nexmark dump        prints the events whose answers are checked as JSON Lines, for recount.py
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "actors/sources/nexmark_events.h"
#include "bench/machine.h"
#include "bench/nexmark/nexmark_run.h"
#include "messages/json_writer.h"

using namespace penstock;
using bench::NexmarkRun;

namespace {

const char* const kSources = PENSTOCK_SOURCE_DIR "/bench/nexmark";

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void dump() {
  NexmarkOptions options;
  options.interval = Duration{600};
  for (uint64_t from = 0; from < NexmarkRun::kCheckedEvents; from += 10'000) {
    const BatchPtr batch = nexmark_batch(options, from, 10'000);
    std::string lines;
    for (size_t i = 0; i < batch->rows(); ++i)
      append_row_json(*batch, i, lines), lines += '\n';
    std::fwrite(lines.data(), 1, lines.size(), stdout);
  }
}

struct Measured {
  uint64_t events = 0;
  double seconds = 0, cpu = 0;
};

Result<Measured> measure(const NexmarkRun::Options& options, const bench::NexmarkAnswer* expected) {
  std::filesystem::remove_all(options.folder);
  const double cpu_begun = cpu_seconds();
  const int64_t begun = Clock::system().monotonic_nanos();
  PENSTOCK_ASSIGN(const auto run, NexmarkRun::start(options));
  run->wait_until_read();
  const Measured out{run->events(), static_cast<double>(Clock::system().monotonic_nanos() - begun) * 1e-9,
                     cpu_seconds() - cpu_begun};
  if (expected) {
    PENSTOCK_ASSIGN(const bench::NexmarkAnswer answer, run->wait_for(*expected, 20));
    if (!(answer == *expected))
      return internal_error(options.query + " answers " + answer.to_string() + ", not " + expected->to_string());
  }
  return out;
}

Status run(uint64_t events, int workers, std::vector<std::string> queries) {
  PENSTOCK_ASSIGN(const auto expected, bench::read_expected(std::string(kSources) + "/expected.txt"));
  if (queries.empty())
    for (const auto& [query, answer] : expected)
      queries.push_back(query);
  const std::string folder = (std::filesystem::temp_directory_path() / "penstock-nexmark-bench").string();
  bench::print_machine();
  std::printf("%-5s %12s %8s %10s %16s %22s\n", "query", "events", "s", "CPU s", "thousand/s", "thousand/s and core");
  for (const std::string& query : queries) {
    const auto known = expected.find(query);
    if (known == expected.end())
      return invalid_argument("there is no query " + query);
    PENSTOCK_TRY(measure(NexmarkRun::Options::checked(query, kSources, folder, workers), &known->second).status());
    NexmarkRun::Options options{.query = query, .sources = kSources, .folder = folder, .events = events};
    options.workers = workers;
    PENSTOCK_ASSIGN(const Measured m, measure(options, nullptr));
    const auto count = static_cast<double>(m.events);
    std::printf("%-5s %12llu %8.2f %10.2f %16.0f %22.0f\n", query.c_str(), static_cast<unsigned long long>(m.events),
                m.seconds, m.cpu, count / m.seconds * 1e-3, count / m.cpu * 1e-3);
    std::fflush(stdout);
  }
  std::filesystem::remove_all(folder);
  return ok();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "dump") {
    dump();
    return 0;
  }
  const uint64_t events = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5'000'000;
  const int workers = argc > 2 ? std::atoi(argv[2]) : 1;
  const Status status = run(events, workers, std::vector<std::string>(argv + std::min(argc, 3), argv + argc));
  if (!status.ok())
    std::fprintf(stderr, "bench_nexmark: %s\n", status.message().c_str());
  return status.ok() ? 0 : 1;
}
