#include "monitoring/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace penstock::monitoring {
namespace {

prometheus::MetricFamily family(const char* name, const char* help, double value, bool counter) {
  prometheus::MetricFamily out{
      name, help, counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge, {}};
  prometheus::ClientMetric metric;
  (counter ? metric.counter.value : metric.gauge.value) = value;
  out.metric.push_back(metric);
  return out;
}

}  // namespace

std::vector<prometheus::MetricFamily> process_metrics(const std::string& topology) {
  std::vector<prometheus::MetricFamily> out;
  if (rusage usage{}; getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    out.push_back(family("process_cpu_seconds_total", "CPU time that the process has used.",
                         seconds(usage.ru_utime) + seconds(usage.ru_stime), true));
  }
  std::ifstream statm("/proc/self/statm");
  uint64_t total = 0, resident = 0;
  if (statm >> total >> resident)
    out.push_back(family("process_resident_memory_bytes", "Memory that the process occupies.",
                         static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)), false));
  std::error_code error;
  size_t open = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end; it.increment(error))
    ++open;
  if (!error)
    out.push_back(family("process_open_fds", "File descriptors that are open.", static_cast<double>(open), false));
  if (rlimit limit{}; getrlimit(RLIMIT_NOFILE, &limit) == 0)
    out.push_back(
        family("process_max_fds", "File descriptors that may be open.", static_cast<double>(limit.rlim_cur), false));
  for (prometheus::MetricFamily& one : out)
    one.metric.front().label.push_back({"topology", topology});
  return out;
}

}  // namespace penstock::monitoring
