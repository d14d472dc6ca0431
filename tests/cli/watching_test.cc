// What `tap` and `top` make of a node's answers.
#include <catch2/catch.hpp>
#include <sstream>

#include "cli/event_stream.h"
#include "cli/metrics_text.h"
#include "cli/top.h"

namespace penstock::cli {

TEST_CASE("events are read however the stream is cut into pieces") {
  const std::string stream =
      ":\n\nevent: row\ndata: {\"a\":1}\n\n:\n\nevent: dropped\r\ndata: 7\r\n\r\ndata: x\ndata: y\n\n";
  for (size_t cut = 1; cut < stream.size(); ++cut) {
    EventStreamReader reader;
    std::string out;
    for (size_t at = 0; at < stream.size(); at += cut)
      for (const StreamEvent& event : reader.feed(std::string_view(stream).substr(at, cut)))
        out += event.name + "=" + event.data + ";";
    CHECK(out == "row={\"a\":1};dropped=7;=x\ny;");
  }
}

TEST_CASE("metrics are read by name and labels") {
  const MetricsText metrics(
      "# HELP a_total things\n# TYPE a_total counter\n"
      "a_total{component_id=\"x\",note=\"a \\\"b\\\\c\\\"\"} 3\na_total{component_id=\"y\"} 4.5\nplain "
      "1e3\nbroken{a=\n");
  CHECK(metrics.sum("a_total") == 7.5);
  CHECK(metrics.sum("a_total", {{"component_id", "y"}}) == 4.5);
  CHECK(metrics.points("a_total")[0].label("note") == "a \"b\\c\"");
  CHECK(metrics.largest("a_total") == 4.5);
  CHECK(metrics.sum("plain") == 1000);
  CHECK(metrics.sum("none") == 0);
}

TEST_CASE("top tells rates between two looks and marks the busiest part of what is behind") {
  const std::string status =
      R"({"topology":"shop","uptime_seconds":12,"ready":true,"healthy":true,"components":[
        {"id":"events","role":"source","type":"file","state":"running","restarts":0},
        {"id":"dear","role":"stage","type":"filter","state":"running","restarts":0},
        {"id":"sums","role":"stage","type":"reduce","state":"running","restarts":2},
        {"id":"region:dear","role":"region","type":"region","state":"running","restarts":2}]})";
  const std::string tree =
      R"({"id":"node","children":[{"id":"region:dear","children":[{"id":"reader","children":[]},
         {"id":"dear","children":[]},{"id":"sums/0","children":[]},{"id":"sums/1","children":[]}]}]})";
  const auto metrics = [](double t) {
    const auto line = [](const std::string& name, const std::string& labels, double value) {
      return "penstock_component_" + name + "{" + labels + "} " + std::to_string(value) + "\n";
    };
    const std::string dear = R"(component_id="dear",component_kind="stage")";
    const std::string sums = R"(component_id="sums",component_kind="aggregator")";
    const std::string reader = R"(component_id="dear",component_kind="region")";
    return MetricsText(line("received_events_total", sums, 1000 * t) +
                       line("time_seconds_total", dear + R"(,state="busy")", 0.6 * t) +
                       line("time_seconds_total", dear + R"(,state="idle")", 0.4 * t) +
                       line("time_seconds_total", sums + R"(,state="busy")", 1.9 * t) +
                       line("time_seconds_total", sums + R"(,state="idle")", 0.1 * t) +
                       line("time_seconds_total", reader + R"(,state="blocked")", 0.5 * t) +
                       line("time_seconds_total", reader + R"(,state="busy")", 0.5 * t) +
                       line("lag_events", reader + R"(,log="events")", 5000));
  };
  const auto figures = top_figures({10, status, tree, metrics(10)}, {12, status, tree, metrics(12)});
  REQUIRE(figures.ok());
  const TopRow& sums = figures->rows[2];
  CHECK(sums.rows_in == Approx(1000));
  CHECK(sums.busy == Approx(0.95));
  CHECK(sums.bottleneck);
  CHECK_FALSE(figures->rows[1].bottleneck);
  CHECK(figures->rows[3].lag_rows == 5000);
  CHECK(figures->rows[3].blocked == Approx(0.5));
  std::ostringstream out;
  print_top(*figures, Terminal{}, 0, out);
  CHECK(out.str().find("stage sums") != std::string::npos);
  CHECK(out.str().find("<- bottleneck") > out.str().find("stage sums"));
  CHECK(top_figures({}, {}).status().code() == Code::kInternal);
}

}  // namespace penstock::cli
