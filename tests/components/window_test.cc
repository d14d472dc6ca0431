#include "actors/aggregators/window.h"

#include <catch2/catch.hpp>

#include "actors/regions/event_clock.h"
#include "storage/memory_store.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using test::Made;
using topology::Input;
using topology::Role;

const SchemaPtr kSchema = test::schema({{"shop", Type::kString}, {"at", Type::kTimestamp}, {"amount", Type::kInt64}});
const std::vector<Input> kInputs = {{"in", kSchema, false, {}}};

Made made(const std::string& yaml) {
  return Made(Role::kStage, "window",
              "time: at\ngroup_by: [shop]\naggregates: {n: count(*), sum: sum(amount)}\n" + yaml, kInputs);
}

// Minutes and seconds past noon.
std::string row(const std::string& shop, const std::string& time, int amount = 1) {
  return R"({"shop":")" + shop + R"(","at":"2026-03-01T12:)" + time + R"(Z","amount":)" + std::to_string(amount) +
         "}\n";
}

// A window with one sender, as a region runs it.
class Running {
 public:
  explicit Running(const std::string& yaml) : made_(made(yaml)) { start(); }

  Running& take(const std::string& lines) {
    const BatchPtr batch = test::rows(kSchema, lines);
    window_->on_progress(0, clock_.progress());
    clock_.observe(*batch);
    REQUIRE(window_->process(batch, out_).ok());
    return *this;
  }
  /// What it has handed on since the last call, the times without their date.
  std::string end_epoch() {
    window_->on_progress(0, clock_.progress());
    REQUIRE(window_->end_epoch(out_).ok());
    WriteBatch write;
    write.append_delta("it", std::move(out_.changes));
    REQUIRE(store_.commit_and_wait(std::move(write)).status.ok());
    window_->committed(++epochs_);
    std::string text = short_times(test::text(out_));
    late_.clear();
    for (const auto& [output, batch] : out_.sides)
      late_ += output + " " + short_times(batch->to_string());
    reasons_ = test::reasons(out_);
    out_.clear();
    return text;
  }
  std::string epoch(const std::string& lines) { return take(lines).end_epoch(); }
  const std::string& late() const { return late_; }
  const std::string& reasons() const { return reasons_; }
  std::string view() const { return short_times(window_->read_all(1000).value()->to_string()); }
  std::string lookup(const std::vector<std::string>& key) const {
    const auto found = window_->lookup(key);
    if (!found.ok())
      return found.status().message();
    return *found ? short_times((*found)->to_string()) : "none";
  }
  void restart() {
    epochs_ = 0;
    clock_ = EventClock(1);
    start();
  }
  size_t stored() const {
    size_t count = 0;
    REQUIRE(store_.scan("it", "", [&](std::string_view, std::string_view) { return ++count > 0; }).ok());
    return count;
  }
  Aggregator& window() { return *window_; }
  ManualClock& clock() { return *made_.clock; }

 private:
  static std::string short_times(std::string text) {
    const std::string date = "2026-03-01T12:";
    for (size_t at = 0; (at = text.find(date)) != std::string::npos;)
      text.erase(at, date.size());
    return text;
  }
  void start() {
    window_ = made_.aggregator();
    REQUIRE(window_->open(StoredKeys(store_, "it"), {}).ok());
  }

  Made made_;
  MemoryStore store_{{.synchronous = true}};
  std::unique_ptr<Aggregator> window_;
  EventClock clock_{1};
  StageOutput out_;
  uint64_t epochs_ = 0;
  std::string late_, reasons_;
};

TEST_CASE("a tumbling window hands its groups on when the watermark passes its end") {
  Running run("every: 1m");
  CHECK(run.epoch(row("a", "00:10", 3) + row("b", "00:20", 5) + row("a", "00:59", 4)) == "");
  CHECK(run.epoch(row("a", "01:00", 9)) == "a|00:00Z|01:00Z|2|7\nb|00:00Z|01:00Z|1|5\n");
  CHECK(run.epoch(row("b", "05:00")) == "a|01:00Z|02:00Z|1|9\n");
  CHECK(run.view() == "b|05:00Z|06:00Z|1|1\n");
  CHECK(run.stored() == 2);  // the open window and the watermark
}

TEST_CASE("a sliding window counts a row in each window that it is in") {
  Running run("size: 3m\nslide: 1m");
  CHECK(run.epoch(row("a", "00:30", 1) + row("a", "01:30", 2) + row("a", "02:30", 4)) ==
        "a|2026-03-01T11:58:00Z|01:00Z|1|1\na|2026-03-01T11:59:00Z|02:00Z|2|3\n");
  CHECK(run.view() == "a|00:00Z|03:00Z|3|7\na|01:00Z|04:00Z|2|6\na|02:00Z|05:00Z|1|4\n");
  CHECK(run.epoch(row("b", "09:00")) == "a|00:00Z|03:00Z|3|7\na|01:00Z|04:00Z|2|6\na|02:00Z|05:00Z|1|4\n");
}

TEST_CASE("a window that does not slide by a part of its size is put together of smaller panes") {
  Running run("size: 5m\nslide: 2m");
  CHECK(run.epoch(row("a", "00:30", 1) + row("a", "03:30", 2) + row("a", "04:30", 4)).find("00:00Z|05:00Z") ==
        std::string::npos);
  CHECK(run.epoch(row("b", "08:00")) == "a|00:00Z|05:00Z|3|7\na|02:00Z|07:00Z|2|6\n");
  CHECK(run.view() == "a|04:00Z|09:00Z|1|4\nb|04:00Z|09:00Z|1|1\nb|06:00Z|11:00Z|1|1\nb|08:00Z|13:00Z|1|1\n");
}

TEST_CASE("sessions end when their group has been silent for the gap") {
  Running run("session_gap: 5m");
  CHECK(run.epoch(row("a", "00:00", 1) + row("a", "04:59", 2) + row("b", "02:00", 4)) == "");
  CHECK(run.epoch(row("b", "07:00", 8)) == "b|02:00Z|07:00Z|1|4\n");  // the gap itself ends a session
  CHECK(run.view() == "a|00:00Z|09:59Z|2|3\nb|07:00Z|12:00Z|1|8\n");
  CHECK(run.epoch(row("c", "30:00")) == "a|00:00Z|09:59Z|2|3\nb|07:00Z|12:00Z|1|8\n");
}

TEST_CASE("a row between two sessions makes them one") {
  Running run("session_gap: 5m\nallowed_lateness: 1h");
  CHECK(run.epoch(row("a", "00:00", 1) + row("a", "08:00", 2)) == "");
  CHECK(run.view() == "a|00:00Z|05:00Z|1|1\na|08:00Z|13:00Z|1|2\n");
  CHECK(run.stored() == 3);
  CHECK(run.epoch(row("a", "04:00", 4)) == "");
  CHECK(run.view() == "a|00:00Z|13:00Z|3|7\n");
  CHECK(run.stored() == 2);
  run.restart();
  CHECK(run.view() == "a|00:00Z|13:00Z|3|7\n");
}

TEST_CASE("rows whose windows are all closed go to the late output") {
  Running run("size: 2m\nslide: 1m\nallowed_lateness: 10s");
  run.epoch(row("a", "03:10"));  // closed by 03:00
  CHECK(run.epoch(row("a", "01:30", 5) + row("b", "02:30", 6) + row("a", "03:05", 7)) == "");
  CHECK(run.late() == "late a|01:30Z|5\n");
  CHECK(run.epoch(row("a", "09:00")) == "a|02:00Z|04:00Z|2|8\nb|02:00Z|04:00Z|1|6\na|03:00Z|05:00Z|2|8\n");
}

TEST_CASE("a late row that belongs to an open session counts, and others are late") {
  Running run("session_gap: 5m");
  run.epoch(row("a", "20:00", 1) + row("b", "20:00", 1));
  CHECK(run.epoch(row("a", "16:00", 2) + row("a", "10:00", 4)) == "");
  CHECK(run.late() == "late a|10:00Z|4\n");
  CHECK(run.view() == "a|16:00Z|25:00Z|2|3\nb|20:00Z|25:00Z|1|1\n");
}

TEST_CASE("rows without a time that can be are set aside, and the others count") {
  Running run("every: 1m");
  run.epoch(R"({"shop":"a","amount":1}
{"shop":"a","at":"2026-03-01T12:00:00Z"}
)");
  CHECK(run.reasons() == "time: the row has none\n");
  CHECK(run.view() == "a|00:00Z|01:00Z|1|NULL\n");
}

TEST_CASE("a window is found by its group and start, as long as it is open or kept") {
  Running run("every: 1m\nretain: 3m");
  run.epoch(row("a", "00:10", 3));
  CHECK(run.lookup({"a", "2026-03-01T12:00:00Z"}) == "a|00:00Z|01:00Z|1|3\n");
  CHECK(run.lookup({"a", "2026-03-01T12:01:00Z"}) == "none");
  CHECK(run.lookup({"a"}) == "the key has 2 values (shop, window_start), not 1");
  run.epoch(row("a", "02:00", 5));
  CHECK(run.lookup({"a", "2026-03-01T12:00:00Z"}) == "a|00:00Z|01:00Z|1|3\n");
  CHECK(run.view() == "a|02:00Z|03:00Z|1|5\na|00:00Z|01:00Z|1|3\n");
  run.restart();
  CHECK(run.view() == "a|02:00Z|03:00Z|1|5\na|00:00Z|01:00Z|1|3\n");
  run.epoch(row("a", "04:00", 7));  // three minutes behind the end of the first
  CHECK(run.lookup({"a", "2026-03-01T12:00:00Z"}) == "none");
  CHECK(run.view() == "a|04:00Z|05:00Z|1|7\na|02:00Z|03:00Z|1|5\n");
}

TEST_CASE("early results show what has changed, and the last row of a window is final") {
  Running run("every: 1m\nearly_every: 10s");
  CHECK(run.epoch(row("a", "00:10", 3)) == "");
  CHECK(run.window().waits_for_time());
  run.clock().advance_micros(10'000'000);
  CHECK(run.end_epoch() == "a|00:00Z|01:00Z|1|3|false\n");
  CHECK_FALSE(run.window().waits_for_time());
  run.clock().advance_micros(10'000'000);
  CHECK(run.epoch(row("b", "00:20", 1)) == "b|00:00Z|01:00Z|1|1|false\n");
  CHECK(run.epoch(row("a", "02:00", 4)) == "a|00:00Z|01:00Z|1|3|true\nb|00:00Z|01:00Z|1|1|true\n");
}

TEST_CASE("when all is silent for the idle timeout, time goes on with the clock") {
  Running run("every: 1m\nidle_timeout: 5s");
  CHECK(run.epoch(row("a", "00:50", 3)) == "");
  CHECK(run.window().waits_for_time());
  run.clock().advance_micros(4'000'000);
  CHECK(run.end_epoch() == "");
  run.clock().advance_micros(6'000'000);
  CHECK(run.end_epoch() == "a|00:00Z|01:00Z|1|3\n");
  CHECK_FALSE(run.window().waits_for_time());
}

TEST_CASE("a sum that leaves int64 when panes are put together is null") {
  Running run("size: 2m\nslide: 1m");
  const std::string most = R"(Z","amount":9223372036854775807})";
  CHECK(run.epoch(R"({"shop":"a","at":"2026-03-01T12:00:00)" + most + "\n" +
                  R"({"shop":"a","at":"2026-03-01T12:01:00)" + most)
            .starts_with("a|2026-03-01T11:59:00Z|01:00Z|1|9223372036854775807\n"));
  CHECK(run.epoch(row("b", "09:00")) == "a|00:00Z|02:00Z|2|NULL\na|01:00Z|03:00Z|1|9223372036854775807\n");
}

TEST_CASE("windows may begin at an offset") {
  Running run("every: 1m\noffset: 20s");
  run.epoch(row("a", "00:10", 3) + row("a", "00:20", 1));
  CHECK(run.view() == "a|00:20Z|01:20Z|1|1\n");
}

TEST_CASE("a window refuses stored state of other windows") {
  Running run("every: 1m");
  run.take(row("a", "00:10"));
  StageOutput out;
  REQUIRE(run.window().end_epoch(out).ok());
  const auto& [key, value] = out.changes.front();
  CHECK(made("every: 1m").aggregator()->restore(key, *value).ok());
  CHECK_THAT(made("every: 2m").aggregator()->restore(key, *value).message(), Catch::Contains("another size"));
  CHECK(made("every: 1m").aggregator()->restore(key, "").code() == Code::kDataLoss);
  CHECK(made("every: 1m").aggregator()->restore(key, *value + "x").code() == Code::kDataLoss);
  CHECK(made("every: 1m").aggregator()->restore("x", *value).code() == Code::kDataLoss);
}

TEST_CASE("a window says what is wrong with its properties") {
  const auto mistakes = [](const std::string& yaml) {
    return test::mistakes(Role::kStage, "window", "time: at\naggregates: {n: count(*)}\n" + yaml, kInputs);
  };
  CHECK_THAT(mistakes(""), Catch::Contains("exactly one way") && Catch::Contains("session_gap: 30m"));
  CHECK_THAT(mistakes("every: 1m\nsession_gap: 1m"), Catch::Contains("exactly one way"));
  CHECK_THAT(mistakes("size: 1m"), Catch::Contains("needs both size and slide"));
  CHECK_THAT(mistakes("size: 1m\nslide: 2m"), Catch::Contains("slide is at most size"));
  CHECK_THAT(mistakes("size: 10h\nslide: 1.001s"), Catch::Contains("panes of 1ms"));
  CHECK_THAT(mistakes("session_gap: 1m\noffset: 5s"), Catch::Contains("leave offset out"));
  CHECK_THAT(mistakes("every: 1m\nworkers: 2"), Catch::Contains("only one worker"));
  CHECK_THAT(mistakes("every: 200000d"), Catch::Contains("100 years"));
  CHECK_THAT(test::mistakes(Role::kStage, "window", "time: shop\nevery: 1m\naggregates: {n: count(*)}", kInputs),
             Catch::Contains("timestamp"));
  CHECK_THAT(
      test::mistakes(Role::kStage, "window", "time: at\nevery: 1m\naggregates: {window_start: count(*)}", kInputs),
      Catch::Contains("window_start"));
  CHECK_THAT(test::mistakes(Role::kStage, "window", "time: at\nevery: 1m\naggregates: {n: count(*)}",
                            {{"v", kSchema, true, {"shop"}}}),
             Catch::Contains("v is a view"));
}

TEST_CASE("a window's rows are records, unless early results replace them") {
  CHECK(made("every: 1m").binding.emits_records);
  CHECK_FALSE(made("every: 1m\nearly_every: 1s").binding.emits_records);
  CHECK(made("every: 1m\nearly_every: 1s").binding.output->to_string() ==
        "shop string, window_start timestamp!, window_end timestamp!, n int64!, sum int64, final bool!");
}

}  // namespace
}  // namespace penstock
