#include "actors/jobs/job_book.h"

#include <catch2/catch.hpp>

#include "storage/memory_store.h"

namespace penstock {
namespace {

constexpr int64_t kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute;

JobSpec job(const std::string& name, std::vector<std::string> run = {"a", "b"}) {
  JobSpec spec;
  spec.name = name;
  spec.run = std::move(run);
  return spec;
}

JobSpec every(const std::string& name, int64_t micros, std::vector<std::string> run = {"a"}) {
  JobSpec spec = job(name, std::move(run));
  spec.rhythm.emplace(Duration{micros});
  return spec;
}

JobSpec after(const std::string& name, std::vector<std::string> jobs) {
  JobSpec spec = job(name, {"a"});
  spec.after = std::move(jobs);
  return spec;
}

// A book with a clock and a store, over several starts of a process.
struct Desk {
  explicit Desk(std::vector<JobSpec> specs) : jobs(std::move(specs)) { start(); }

  std::vector<JobSpec> jobs;
  MemoryStore store;
  int64_t micros = 1'700'000'000 * kSecond / kHour * kHour;  // a full hour
  std::optional<JobBook> book;
  std::vector<std::string> happened;
  bool history_is_read = true;

  JobTime now() const { return {{micros}, micros * 1000}; }

  void start() {
    book.emplace(jobs);
    REQUIRE(store
                .scan(kJobRunsTable, "",
                      [&](std::string_view, std::string_view value) {
                        book->restore(*decode_run(value));
                        return true;
                      })
                .ok());
    REQUIRE(store
                .scan(kJobStandingTable, "",
                      [&](std::string_view key, std::string_view value) {
                        book->restore(std::string(key), *decode_memory(value));
                        return true;
                      })
                .ok());
    book->open(now());
    keep();
  }
  // The process dies, and comes up again after a while.
  void die(int64_t down = 0) {
    keep();
    micros += down;
    start();
  }
  void stop(int64_t down = 0) {
    book->close();
    die(down);
  }
  void keep() {
    REQUIRE(store.commit_and_wait(book->take_changes()).status.ok());
    for (const JobBook::Happening& each : book->take_happenings())
      happened.push_back(each.run.id() + " " + (each.began ? each.run.cause : std::string(state_name(each.run.state))));
  }
  // Gives the steps that begin: `nightly.1:a`.
  std::string look(int64_t forward = 0) {
    micros += forward;
    book->look(now(), history_is_read);
    return tasks();
  }
  std::string tasks() {
    std::string out;
    for (const JobBook::Task& task : book->take_tasks())
      out += (out.empty() ? "" : " ") + task.job + "." + std::to_string(task.run) + ":" + task.step;
    keep();
    return out;
  }
  std::string end(const std::string& name, const Status& status = {}) {
    book->end_step(name, status, "", now());
    return tasks();
  }
  // `nightly.2 failed a+ b!: why`; steps: + succeeded, ! failed, * running, ~ cancelled.
  std::string newest(const std::string& name) const {
    const auto runs = *book->runs(name, {micros});
    if (runs.empty())
      return "none";
    std::string out = runs.front().id() + " " + std::string(state_name(runs.front().state));
    for (const JobStep& step : runs.front().steps)
      out += " " + step.id + std::string(1, "-*+!~"[static_cast<size_t>(step.state)]);
    return out + (runs.front().reason.empty() ? "" : ": " + runs.front().reason);
  }
};

TEST_CASE("a job does its steps in order, and succeeds with the last") {
  Desk desk({job("nightly")});
  CHECK(desk.look() == "");
  REQUIRE(desk.book->begin("nightly", desk.now()).ok());
  CHECK(desk.tasks() == "nightly.1:a");
  CHECK(desk.newest("nightly") == "nightly.1 running a* b-");
  CHECK(desk.end("nightly") == "nightly.1:b");
  CHECK(desk.look() == "");
  CHECK(desk.end("nightly") == "");
  CHECK(desk.newest("nightly") == "nightly.1 succeeded a+ b+");
  CHECK(desk.happened == std::vector<std::string>{"nightly.1 manual", "nightly.1 succeeded"});
}

TEST_CASE("a job has one run at a time, and an unknown one is told with the nearest name") {
  Desk desk({job("nightly")});
  REQUIRE(desk.book->begin("nightly", desk.now()).ok());
  CHECK(desk.book->begin("nightly", desk.now()).status().to_string() ==
        "already_exists: job \"nightly\" is running already, as nightly.1");
  CHECK(desk.book->begin("nihtly", desk.now()).status().to_string() ==
        "not_found: there is no job \"nihtly\"; did you mean \"nightly\"?");
}

TEST_CASE("a step that fails ends its run, once its retries are used up, each after a longer pause") {
  JobSpec spec = job("nightly");
  spec.retries = 2;
  spec.retry_after = Duration{10 * kSecond};
  Desk desk({spec});
  REQUIRE(desk.book->begin("nightly", desk.now()).ok());
  desk.tasks();
  CHECK(desk.end("nightly", unavailable("away")) == "");
  CHECK(desk.look(9 * kSecond) == "");
  CHECK(desk.look(1 * kSecond) == "nightly.1:a");
  CHECK(desk.end("nightly", unavailable("away")) == "");
  CHECK(desk.look(19 * kSecond) == "");
  CHECK(desk.look(1 * kSecond) == "nightly.1:a");
  CHECK(desk.end("nightly", unavailable("still away")) == "");
  CHECK(desk.newest("nightly") == "nightly.1 failed a! b~: a: still away");
}

TEST_CASE("a job that runs every 15 minutes is due at full quarters, and a new one has missed nothing") {
  Desk desk({every("often", 15 * kMinute)});
  CHECK(desk.look(14 * kMinute) == "");
  CHECK(desk.look(1 * kMinute) == "often.1:a");
  desk.end("often");
  CHECK(desk.look(1 * kMinute) == "");
  CHECK(desk.look(14 * kMinute) == "often.2:a");
  CHECK(desk.book->job("often", {desk.micros})->next_due == Timestamp{desk.micros + 15 * kMinute});
}

TEST_CASE("what was due while the node was down is made up for once, or not at all") {
  JobSpec skip = every("skips", kHour);
  skip.missed = JobSpec::Missed::kSkip;
  Desk desk({every("makes_up", kHour), skip});
  desk.die(5 * kHour + kMinute);
  CHECK(desk.look() == "makes_up.1:a");
  CHECK((*desk.book->runs("makes_up", {desk.micros})).front().cause == "missed");
  desk.end("makes_up");
  CHECK(desk.look() == "");
  CHECK(desk.look(59 * kMinute) == "makes_up.2:a skips.1:a");
  CHECK((*desk.book->runs("makes_up", {desk.micros})).front().cause == "schedule");
}

TEST_CASE("what falls due while the run before goes on begins when that has ended, or is skipped") {
  JobSpec skip = every("skips", kHour);
  skip.missed = JobSpec::Missed::kSkip;
  Desk desk({every("waits", kHour), skip});
  CHECK(desk.look(kHour) == "waits.1:a skips.1:a");
  CHECK(desk.look(3 * kHour) == "");
  CHECK(desk.book->job("waits", {desk.micros})->late_seconds == 2 * 3600);
  CHECK(desk.book->job("skips", {desk.micros})->late_seconds == 0);
  desk.end("waits");
  desk.end("skips");
  CHECK(desk.look() == "waits.2:a");
  CHECK(desk.book->job("waits", {desk.micros})->late_seconds == 0);
}

TEST_CASE("a changed schedule, or a clock that was wrong, makes nothing missed") {
  Desk desk({every("often", kHour)});
  desk.jobs[0].rhythm.emplace(Duration{10 * kMinute});
  desk.die(5 * kHour + kMinute);
  CHECK(desk.look() == "");
  desk.die(-3 * kHour);
  CHECK(desk.look(9 * kMinute) == "often.1:a");
}

TEST_CASE("a job at start begins with each start, when history is read") {
  JobSpec spec = job("first", {"a"});
  spec.on_start = true;
  Desk desk({spec});
  desk.history_is_read = false;
  CHECK(desk.look() == "");
  desk.history_is_read = true;
  CHECK(desk.look() == "first.1:a");
  desk.end("first");
  CHECK(desk.look() == "");
  desk.stop();
  CHECK(desk.look() == "first.2:a");
  desk.stop();
  CHECK(desk.look() == "first.2:a");  // it was interrupted and goes on; no further one
  desk.end("first");
  CHECK(desk.look() == "");
}

TEST_CASE("a job comes after others when all of them have succeeded anew") {
  Desk desk({job("x", {"a"}), job("y", {"a"}), after("z", {"x", "y"})});
  const auto run = [&](const std::string& name, const Status& status = {}) {
    REQUIRE(desk.book->begin(name, desk.now()).ok());
    desk.tasks();
    desk.end(name, status);
    return desk.look();
  };
  CHECK(run("x") == "");
  CHECK(run("x") == "");
  CHECK(run("y", internal_error("no")) == "");
  desk.die();
  CHECK(run("y") == "z.1:a");
  CHECK(run("x") == "");
  CHECK(run("y") == "");  // z still runs
  CHECK(desk.end("z") == "");
  CHECK(desk.look() == "z.2:a");
  desk.end("z");
  desk.die();
  CHECK(desk.look() == "");
}

TEST_CASE("a job that newly comes after others does not begin for what they did long ago") {
  Desk desk({job("x", {"a"}), job("z", {"a"})});
  REQUIRE(desk.book->begin("x", desk.now()).ok());
  desk.tasks();
  desk.end("x");
  desk.jobs[1] = after("z", {"x"});
  desk.die();
  CHECK(desk.look() == "");
}

TEST_CASE("a run that takes too long is told to end, and counts as timed out when it has") {
  JobSpec spec = job("nightly");
  spec.timeout = Duration{kMinute};
  Desk desk({spec});
  REQUIRE(desk.book->begin("nightly", desk.now()).ok());
  desk.tasks();
  desk.look(59 * kSecond);
  CHECK_FALSE(desk.book->must_end("nightly"));
  desk.look(1 * kSecond);
  CHECK(desk.book->must_end("nightly"));
  CHECK(desk.newest("nightly") == "nightly.1 running a* b-");
  desk.end("nightly", cancelled("told to"));
  CHECK(desk.newest("nightly") == "nightly.1 timed_out a~ b~: took longer than 1m");
}

TEST_CASE("a run is cancelled by its job's name or its own; a step that ends well all the same is not the last") {
  Desk desk({job("nightly")});
  CHECK(desk.book->cancel("nightly", desk.now()).status().to_string() ==
        "failed_precondition: job \"nightly\" is not running");
  REQUIRE(desk.book->begin("nightly", desk.now()).ok());
  desk.tasks();
  CHECK(desk.book->cancel("nightly.7", desk.now()).status().to_string() ==
        "failed_precondition: run \"nightly.7\" is not under way");
  REQUIRE(desk.book->cancel("nightly.1", desk.now()).ok());
  CHECK(desk.book->must_end("nightly"));
  CHECK(desk.end("nightly") == "");
  CHECK(desk.newest("nightly") == "nightly.1 cancelled a+ b~: cancelled by command");
  CHECK_FALSE(desk.book->must_end("nightly"));
}

TEST_CASE("a run that waits for its next try is cancelled at once") {
  JobSpec spec = job("nightly");
  spec.retries = 1;
  Desk desk({spec});
  REQUIRE(desk.book->begin("nightly", desk.now()).ok());
  desk.tasks();
  desk.end("nightly", unavailable("away"));
  CHECK(desk.book->cancel("nightly", desk.now())->state == RunState::kCancelled);
  CHECK(desk.look(kHour) == "");
}

TEST_CASE("a run that the end of the process interrupted goes on with its first unfinished step") {
  Desk desk({job("nightly", {"a", "b", "c"})});
  REQUIRE(desk.book->begin("nightly", desk.now()).ok());
  desk.tasks();
  CHECK(desk.end("nightly") == "nightly.1:b");
  SECTION("after a kill") {
    desk.die(kHour);
    CHECK(desk.happened.back() == "nightly.1 manual");
  }
  SECTION("after a stop") {
    desk.stop(kHour);
    CHECK(desk.happened[desk.happened.size() - 2] == "nightly.1 interrupted");
  }
  CHECK(desk.look() == "nightly.1:b");
  CHECK((*desk.book->runs("nightly", {desk.micros})).front().resumed == 1);
  CHECK(desk.end("nightly") == "nightly.1:c");
  desk.end("nightly");
  CHECK(desk.newest("nightly") == "nightly.1 succeeded a+ b+ c+");
}

TEST_CASE("the time that the node was down does not count for a timeout") {
  JobSpec spec = job("nightly");
  spec.timeout = Duration{kHour};
  Desk desk({spec});
  REQUIRE(desk.book->begin("nightly", desk.now()).ok());
  desk.tasks();
  desk.die(5 * kHour);
  CHECK(desk.look() == "nightly.1:a");
  CHECK_FALSE(desk.book->must_end("nightly"));
}

TEST_CASE("a step with which the process died three times fails its run; stops do not count") {
  Desk desk({job("nightly")});
  REQUIRE(desk.book->begin("nightly", desk.now()).ok());
  desk.tasks();
  for (int stops = 0; stops < 5; ++stops) {
    desk.stop();
    REQUIRE(desk.look() == "nightly.1:a");
  }
  desk.die();
  REQUIRE(desk.look() == "nightly.1:a");
  desk.die();
  REQUIRE(desk.look() == "nightly.1:a");
  desk.die();
  CHECK(desk.look() == "");
  CHECK(desk.newest("nightly") == "nightly.1 failed a! b~: a: the process ended 3 times while it ran");
}

TEST_CASE("a run whose job was changed while it was interrupted fails") {
  Desk desk({job("nightly")});
  REQUIRE(desk.book->begin("nightly", desk.now()).ok());
  desk.tasks();
  desk.jobs[0].run = {"b", "a"};
  desk.die();
  CHECK(desk.newest("nightly") == "nightly.1 failed a~ b~: its steps were changed while it was interrupted");
}

TEST_CASE("as many ended runs are kept as declared, in the store too, and numbers go on") {
  JobSpec spec = every("often", kMinute);
  spec.keep_history = 3;
  Desk desk({spec});
  for (int runs = 0; runs < 5; ++runs) {
    desk.look(kMinute);
    desk.end("often");
  }
  desk.die();
  const auto runs = *desk.book->runs("often", {desk.micros});
  REQUIRE(runs.size() == 3);
  CHECK(runs[0].number == 5);
  CHECK(runs[2].number == 3);
}

TEST_CASE("a run's remaining time comes from the run before it") {
  Desk desk({job("nightly")});
  const auto begin = [&] {
    REQUIRE(desk.book->begin("nightly", desk.now()).ok());
    desk.tasks();
  };
  begin();
  CHECK((*desk.book->jobs({desk.micros})[0].running).eta_seconds == -1);
  desk.micros += 90 * kSecond;
  desk.end("nightly");
  desk.micros += 10 * kSecond;
  desk.end("nightly");
  begin();
  desk.micros += 45 * kSecond;
  JobRun run = *desk.book->jobs({desk.micros})[0].running;
  CHECK(run.progress == Approx(0.45));
  CHECK(run.eta_seconds == Approx(55));
  desk.book->note_progress("nightly", 0.8, -1, "training");
  run = *desk.book->jobs({desk.micros})[0].running;
  CHECK(run.progress == Approx(0.72));
  CHECK(run.eta_seconds == Approx(28));
}

TEST_CASE("bytes that are no run are refused") {
  JobRun run;
  run.job = "nightly";
  run.steps = {{.id = "a", .state = StepState::kFailed, .started = Timestamp{7}, .note = "why"}};
  const std::string bytes = encode(run);
  CHECK(encode(*decode_run(bytes)) == bytes);
  for (size_t length = 0; length < bytes.size(); ++length)
    CHECK(decode_run(bytes.substr(0, length)).status().code() == Code::kDataLoss);
  CHECK(decode_run("\x02" + bytes.substr(1)).status().code() == Code::kDataLoss);
  CHECK(decode_memory(bytes).status().code() == Code::kDataLoss);
}

}  // namespace
}  // namespace penstock
