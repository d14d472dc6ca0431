#include "actors/jobs/job_run.h"

#include <algorithm>
#include <array>

#include "messages/byte_io.h"
#include "storage/bytes.h"

namespace penstock {
namespace {

constexpr char kVersion = 1;
constexpr int64_t kNoTime = INT64_MIN;
constexpr double kTooEarly = 0.02;  // done: an estimate from less is a guess

class Writer {
 public:
  template <class T>
  Writer& number(T value) {
    append_number(value, out_);
    return *this;
  }
  Writer& text(const std::string& value) {
    number(static_cast<uint32_t>(value.size()));
    out_ += value;
    return *this;
  }
  Writer& time(const std::optional<Timestamp>& value) { return number(value ? value->micros : kNoTime); }
  std::string take() { return std::move(out_); }

 private:
  std::string out_{kVersion};
};

std::string text(ByteReader& in) { return std::string(in.bytes(in.number<uint32_t>())); }

std::optional<Timestamp> time(ByteReader& in) {
  const auto micros = in.number<int64_t>();
  return micros == kNoTime ? std::nullopt : std::optional(Timestamp{micros});
}

template <class State>
State state(ByteReader& in, State last, bool& wrong) {
  const auto number = in.number<uint8_t>();
  wrong = wrong || number > static_cast<uint8_t>(last);
  return wrong ? State{} : static_cast<State>(number);
}

Status broken(const char* what) {
  return data_loss(std::string("the table of jobs holds something else than version 1 of a ") + what);
}

JobStep read_step(ByteReader& in, bool& wrong) {
  JobStep step;
  step.id = text(in);
  step.state = state(in, StepState::kCancelled, wrong);
  step.started = time(in);
  step.ended = time(in);
  step.tries = in.number<uint32_t>();
  step.deaths = in.number<uint32_t>();
  step.note = text(in);
  return step;
}

double seconds_between(Timestamp from, Timestamp to) {
  return std::max(0.0, static_cast<double>(to.micros - from.micros) * 1e-6);
}

}  // namespace

std::string_view state_name(RunState state) {
  constexpr std::array<std::string_view, 6> kNames = {"running", "interrupted", "succeeded",
                                                      "failed",  "cancelled",   "timed_out"};
  return kNames[static_cast<size_t>(state)];
}

std::string_view state_name(StepState state) {
  constexpr std::array<std::string_view, 5> kNames = {"waiting", "running", "succeeded", "failed", "cancelled"};
  return kNames[static_cast<size_t>(state)];
}

double JobStep::seconds() const { return started && ended ? seconds_between(*started, *ended) : 0; }

std::string run_key(const std::string& job, uint64_t number) {
  std::string key = job;
  key.resize(job.size() + 1 + sizeof(number));
  store_be64(key.data() + job.size() + 1, number);
  return key;
}

std::string encode(const JobRun& run) {
  Writer out;
  out.text(run.job).number(run.number).text(run.cause).time(run.due).time(run.started).time(run.ended);
  out.number(static_cast<uint8_t>(run.state)).text(run.reason).number(run.resumed);
  out.number(static_cast<uint32_t>(run.steps.size()));
  for (const JobStep& step : run.steps)
    out.text(step.id)
        .number(static_cast<uint8_t>(step.state))
        .time(step.started)
        .time(step.ended)
        .number(step.tries)
        .number(step.deaths)
        .text(step.note);
  return out.take();
}

std::string encode(const JobMemory& memory) {
  Writer out;
  out.time(memory.handled).text(memory.rhythm).number(static_cast<uint32_t>(memory.used.size()));
  for (const auto& [job, number] : memory.used)
    out.text(job).number(number);
  return out.take();
}

Result<JobRun> decode_run(std::string_view bytes) {
  ByteReader in(bytes);
  JobRun run;
  bool wrong = in.number<char>() != kVersion;
  run.job = text(in);
  run.number = in.number<uint64_t>();
  run.cause = text(in);
  run.due = time(in);
  run.started = time(in).value_or(Timestamp{});
  run.ended = time(in);
  run.state = state(in, RunState::kTimedOut, wrong);
  run.reason = text(in);
  run.resumed = in.number<uint32_t>();
  for (auto steps = in.number<uint32_t>(); steps > 0 && !in.failed(); --steps)
    run.steps.push_back(read_step(in, wrong));
  if (wrong || in.failed() || in.left() > 0)
    return broken("run");
  return run;
}

Result<JobMemory> decode_memory(std::string_view bytes) {
  ByteReader in(bytes);
  JobMemory memory;
  const bool wrong = in.number<char>() != kVersion;
  memory.handled = time(in).value_or(Timestamp{});
  memory.rhythm = text(in);
  for (auto jobs = in.number<uint32_t>(); jobs > 0 && !in.failed(); --jobs) {
    std::string job = text(in);
    memory.used[std::move(job)] = in.number<uint64_t>();
  }
  if (wrong || in.failed() || in.left() > 0)
    return broken("job's standing");
  return memory;
}

void estimate(JobRun& run, const JobRun* before, Timestamp now) {
  run.progress = run.eta_seconds = -1;
  const bool comparable =
      before != nullptr && std::equal(run.steps.begin(), run.steps.end(), before->steps.begin(), before->steps.end(),
                                      [](const JobStep& a, const JobStep& b) { return a.id == b.id; });
  double done = 0, all = 0, left = 0;
  for (size_t i = 0; i < run.steps.size(); ++i) {
    const JobStep& step = run.steps[i];
    const double expected = comparable ? std::max(before->steps[i].seconds(), 1e-3) : 1;
    all += expected;
    if (step.state == StepState::kSucceeded) {
      done += expected;
      continue;
    }
    double share = 0;
    if (step.state == StepState::kRunning && step.progress >= 0)
      share = std::min(step.progress, 1.0);
    else if (step.state == StepState::kRunning && comparable && step.started)
      share = std::min(seconds_between(*step.started, now) / expected, 0.99);
    done += share * expected;
    left += step.state == StepState::kRunning && step.eta_seconds >= 0 ? step.eta_seconds : (1 - share) * expected;
  }
  run.progress = all > 0 ? done / all : -1;
  if (comparable)
    run.eta_seconds = left;
  else if (run.progress > kTooEarly)
    run.eta_seconds = seconds_between(run.started, now) * (1 - run.progress) / run.progress;
}

}  // namespace penstock
