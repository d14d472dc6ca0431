#include "monitoring/prometheus_monitor.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "monitoring/log_lines.h"
#include "monitoring/metrics.h"
#include "tests/support/every_event.h"
#include "tests/support/recording_monitor.h"

namespace penstock::monitoring {
namespace {

const Origin kStage{"failed", "stage", "filter"};
const Origin kJob{"nightly", "job", "job"};
const Origin kModel{"taste", "trainer", "als"};

void emit_all(const std::function<void(const Event&)>& emit) {
  std::set<size_t> kinds;
  test::emit_every_event([&](const Event& event) { kinds.insert(event.index()), emit(event); });
  REQUIRE(kinds.size() == std::variant_size_v<Event>);  // a new kind belongs into that list
}

struct Fixture {
  ManualClock clock{Timestamp{100'000'000}};
  std::ostringstream log;
  PrometheusMonitor monitor{{"shop", "1.2.3", {LogFormat::kText, LogLevel::kDebug, &log}}, clock};

  /// The value of the first sample whose name and labels contain all parts, or `absent`.
  std::string sample(const std::vector<std::string>& parts) const {
    std::istringstream lines(monitor.exposition());
    for (std::string line; std::getline(lines, line);) {
      bool all = !line.starts_with("#");
      for (const std::string& part : parts)
        all = all && line.find(part) != std::string::npos;
      if (all)
        return line.substr(line.rfind(' ') + 1);
    }
    return "absent";
  }
};

TEST_CASE_METHOD(Fixture, "every event moves a metric or writes a line") {
  emit_all([&](const Event& event) {
    const std::string metrics = monitor.exposition();
    const std::string lines = log.str();
    monitor.emit(event);
    INFO("event " << event.index());
    CHECK((monitor.exposition() != metrics || log.str() != lines));
    if (log_level(event) != LogLevel::kOff)
      CHECK_FALSE(log_line(event).message.empty());
  });
}

TEST_CASE_METHOD(Fixture, "every exposed metric is in the list, with its type, and every one of the list is exposed") {
  emit_all([&](const Event& event) { monitor.emit(event); });
  std::set<std::string> exposed;
  std::istringstream lines(monitor.exposition());
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("# TYPE penstock_"))
      exposed.insert(line.substr(7));
  std::set<std::string> listed;
  for (const MetricInfo& metric : metric_list())
    listed.insert(std::string(metric.name) + " " + std::string(type_name(metric.type)));
  CHECK(exposed == listed);
}

TEST_CASE_METHOD(Fixture, "counters add up by component") {
  monitor.emit(BatchReceived{kStage, 5, 100});
  monitor.emit(BatchReceived{kStage, 7, 50});
  monitor.emit(TimeSpent{kStage, 1.5, 0.5, 0.25});
  CHECK(sample({"penstock_component_received_events_total{", "component_id=\"failed\"", "component_kind=\"stage\"",
                "component_type=\"filter\"", "topology=\"shop\""}) == "12");
  CHECK(sample({"component_received_bytes_total"}) == "150");
  CHECK(sample({"time_seconds_total", "state=\"busy\""}) == "1.5");
  CHECK(sample({"time_seconds_total", "state=\"blocked\""}) == "0.25");
  CHECK(sample({"penstock_build_info", "version=\"1.2.3\""}) == "1");
}

TEST_CASE_METHOD(Fixture, "what the process takes is told apart by topology, as all else") {
  CHECK_FALSE(sample({"process_resident_memory_bytes{", "topology=\"shop\""}).empty());
  CHECK_FALSE(sample({"process_cpu_seconds_total{", "topology=\"shop\""}).empty());
}

TEST_CASE_METHOD(Fixture, "components that differ in kind only have series of their own") {
  const Origin server{"taste", "server", "als"};
  monitor.emit(BatchReceived{kModel, 1, 1});
  monitor.emit(BatchReceived{server, 2, 1});
  CHECK(sample({"received_events_total", "trainer"}) == "1");
  CHECK(sample({"received_events_total", "server"}) == "2");
}

TEST_CASE_METHOD(Fixture, "a model's age is computed when it is asked for, and only the serving version is shown") {
  monitor.emit(ModelLive{kModel, 3, 90, 10, 20, 30});
  CHECK(sample({"penstock_model_staleness_seconds"}) == "10");
  clock.advance_micros(5'000'000);
  CHECK(sample({"penstock_model_staleness_seconds"}) == "15");
  monitor.emit(ModelLive{kModel, 4, 100, 10, 20, 30});
  CHECK(sample({"penstock_model_staleness_seconds"}) == "5");
  CHECK(sample({"penstock_model_version_info", "version=\"3\""}) == "absent");
  CHECK(sample({"penstock_model_version_info", "version=\"4\""}) == "1");
  monitor.emit(ModelTrained{kModel, 3, 1.5});
  monitor.emit(ModelTrained{kModel, 4, 1.5});
  CHECK(sample({"penstock_model_trainings_total", "result=\"ok\""}) == "2");
}

TEST_CASE_METHOD(Fixture, "a version that foretells nothing any more is forgotten") {
  monitor.emit(PrequentialMeasured{kModel, 3, "all", "ndcg@10", 0.2});
  monitor.emit(PrequentialMeasured{kModel, 4, "all", "ndcg@10", 0.3});
  clock.advance_micros(100'000'000);
  monitor.emit(PrequentialMeasured{kModel, 4, "all", "ndcg@10", 0.4});
  CHECK(sample({"prequential_metric", "version=\"3\""}) == "0.2");
  clock.advance_micros(60'000'000);
  CHECK(sample({"prequential_metric", "version=\"3\""}) == "absent");
  CHECK(sample({"prequential_metric", "version=\"4\""}) == "0.4");
  monitor.emit(PrequentialMeasured{kModel, 3, "all", "ndcg@10", 0.1});
  CHECK(sample({"prequential_metric", "version=\"3\""}) == "0.1");
}

TEST_CASE_METHOD(Fixture, "free names of metrics become labels, or `other`") {
  monitor.emit(ModelMetric{kModel, 3, "recall@10/|T|", 0.2});
  monitor.emit(ModelMetric{kModel, 3, "a name with blanks", 0.3});
  CHECK(sample({"model_metric", "metric=\"recall_10_T\""}) == "0.2");
  CHECK(sample({"model_metric", "metric=\"other\""}) == "0.3");
}

TEST_CASE_METHOD(Fixture, "totals that are counted elsewhere grow and never fall") {
  monitor.emit(StoreReport{.refused = 2, .damaged = 0, .writable = true});
  monitor.emit(StoreReport{.refused = 5, .damaged = 0, .writable = true});
  CHECK(sample({"refused_commits_total"}) == "5");
  monitor.emit(StoreReport{.refused = 4, .damaged = 1, .writable = false});
  CHECK(sample({"refused_commits_total"}) == "5");
  CHECK(sample({"damaged_reads_total"}) == "1");
  CHECK(sample({"lmdb_writable"}) == "0");
}

TEST_CASE_METHOD(Fixture, "a component is in one state at a time") {
  monitor.emit(ComponentState{kStage, "running", ""});
  CHECK(sample({"component_up"}) == "1");
  monitor.emit(ComponentState{kStage, "failing", "disk on fire"});
  CHECK(sample({"component_up"}) == "0");
  CHECK(sample({"component_state", "running"}) == "0");
  CHECK(sample({"component_state", "failing"}) == "1");
  CHECK_THAT(log.str(), Catch::Contains("error failing: disk on fire component_id=failed"));
}

TEST_CASE_METHOD(Fixture, "events served together count one by one") {
  monitor.emit(EventServed{kModel, 0.003, 5});
  monitor.emit(EventServed{kModel, 100, 1});
  CHECK(sample({"event_to_served_seconds_bucket", "le=\"0.0025\""}) == "0");
  CHECK(sample({"event_to_served_seconds_bucket", "le=\"0.005\""}) == "5");
  CHECK(sample({"event_to_served_seconds_bucket", "le=\"60\""}) == "5");
  CHECK(sample({"event_to_served_seconds_count"}) == "6");
}

TEST_CASE_METHOD(Fixture, "free text never becomes a label") {
  monitor.emit(RecordsRejected{kStage, 1, "no such column \"a\" at offset 17"});
  monitor.emit(ComponentError{kStage, std::string(100, 'x'), "boom"});
  CHECK(sample({"discarded_events_total", "reason=\"other\""}) == "1");
  CHECK(sample({"errors_total", "error_type=\"other\""}) == "1");
}

TEST_CASE_METHOD(Fixture, "threads may emit the same new series at once") {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        monitor.emit(RequestServed{"GET /v1/status", 200 + i % 10, 0.001});
        if (i % 50 == 0)
          (void)monitor.exposition();
      }
    });
  for (std::thread& thread : threads)
    thread.join();
  CHECK(sample({"serve_requests_total", "code=\"203\""}) == "80");
}

TEST_CASE_METHOD(Fixture, "Prometheus' own checker finds nothing wrong with the exposition", "[integration]") {
  if (std::system("command -v promtool >/dev/null") != 0) {
    WARN("promtool is not installed (Debian package prometheus): skipped");
    return;
  }
  emit_all([&](const Event& event) { monitor.emit(event); });
  const Origin odd{"a\"b\\c\nd", "stage", "\xc3\xbc"};
  monitor.emit(BatchReceived{odd, 1, 1});
  std::FILE* checker = popen("promtool check metrics", "w");
  REQUIRE(checker != nullptr);
  const std::string text = monitor.exposition();
  CHECK(std::fwrite(text.data(), 1, text.size(), checker) == text.size());
  CHECK(pclose(checker) == 0);
}

TEST_CASE("docs/metrics.md is the list of metrics") {
  const std::string path = PENSTOCK_SOURCE_DIR "/docs/metrics.md";
  if (std::getenv("PENSTOCK_UPDATE_DOCS") != nullptr)
    std::ofstream(path) << metrics_reference();
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  INFO("run the test with PENSTOCK_UPDATE_DOCS=1 to write the page anew");
  CHECK(text.str() == metrics_reference());
}

TEST_CASE("metric names follow the conventions") {
  for (size_t i = 0; i < metric_list().size(); ++i) {
    const MetricInfo& metric = metric_list()[i];
    const std::string_view name = metric.name;
    INFO(name);
    CHECK(metric.metric == static_cast<Metric>(i));
    CHECK(name.starts_with("penstock_"));
    CHECK(name.ends_with("_total") == (metric.type == MetricType::kCounter));
    if (metric.type == MetricType::kHistogram)
      CHECK(name.ends_with("_seconds"));
    CHECK(std::string_view(metric.meaning).ends_with("."));
  }
  CHECK(metric_list().size() == static_cast<size_t>(Metric::kCount));
}

TEST_CASE("an emit is cheap", "[.][bench]") {
  PrometheusMonitor monitor({"shop", "1", {LogFormat::kText, LogLevel::kInfo, nullptr}}, Clock::system());
  const auto time = [&](const char* what, const Event& event) {
    monitor.emit(event);
    const auto begin = std::chrono::steady_clock::now();
    constexpr int kTimes = 1'000'000;
    for (int i = 0; i < kTimes; ++i)
      monitor.emit(event);
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
    WARN(what << ": " << spent.count() / kTimes << " ns");
  };
  time("BatchReceived", BatchReceived{kStage, 1, 1});
  time("BatchProcessed", BatchProcessed{kStage, 0.001});
  time("TimeSpent", TimeSpent{kStage, 1, 1, 1});
  time("EpochCommitted", EpochCommitted{kStage, 1, 0.01, 10});
  time("RequestServed", RequestServed{"GET /v1/users/{id}/recommendations", 200, 0.001});
}

TEST_CASE("the recording monitor names every event") {
  test::RecordingMonitor recorder;
  emit_all([&](const Event& event) { recorder.emit(event); });
  const auto events = recorder.events();
  CHECK(std::set<std::string>(events.begin(), events.end()).size() == events.size());
  CHECK(recorder.count("request GET /health 200") == 1);
}

}  // namespace
}  // namespace penstock::monitoring
