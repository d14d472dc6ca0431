// One run of a job: why it began, how far it is, what came of it; and how it is kept in the store. Pure.
//
//   table jobs.runs      key   := job 0x00 number (u64, big-endian)
//                        value := version (1 byte) run
//   table jobs.standing  key   := job
//                        value := version (1 byte) standing
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.h"
#include "core/status.h"

namespace penstock {

inline constexpr const char* kJobRunsTable = "jobs.runs";
inline constexpr const char* kJobStandingTable = "jobs.standing";

// Numbers are stored; they are never reused.
enum class RunState : uint8_t {
  kRunning = 0,
  kInterrupted = 1,  // the node was stopped; goes on when it runs again
  kSucceeded = 2,
  kFailed = 3,
  kCancelled = 4,
  kTimedOut = 5,
};
enum class StepState : uint8_t { kWaiting = 0, kRunning = 1, kSucceeded = 2, kFailed = 3, kCancelled = 4 };

std::string_view state_name(RunState state);   // running, interrupted, succeeded, failed, cancelled, timed_out
std::string_view state_name(StepState state);  // waiting, running, succeeded, failed, cancelled
inline bool is_over(RunState state) { return state != RunState::kRunning && state != RunState::kInterrupted; }

struct JobStep {
  std::string id;  // of the model, view or result file
  StepState state = StepState::kWaiting;
  std::optional<Timestamp> started = {};  // its first try
  std::optional<Timestamp> ended = {};
  uint32_t tries = 0;
  uint32_t deaths = 0;    // of the process, while it ran
  std::string note = {};  // what came of it, what is being done, or what is wrong
  // Not stored.
  double progress = -1;  // 0 to 1; -1: cannot be told
  double eta_seconds = -1;

  double seconds() const;  // from started to ended; 0: not both are known
};

struct JobRun {
  std::string job;
  uint64_t number = 0;                // of the job's runs, from 1 on
  std::string cause;                  // schedule, missed, start, after, manual
  std::optional<Timestamp> due = {};  // by the clock
  Timestamp started = {};
  std::optional<Timestamp> ended = {};
  RunState state = RunState::kRunning;
  std::string reason = {};  // of a failure
  uint32_t resumed = 0;     // how often it went on after the node was down
  std::vector<JobStep> steps = {};
  // Not stored.
  double progress = -1;
  double eta_seconds = -1;

  std::string id() const { return job + "." + std::to_string(number); }  // nightly.7
};

/// What is remembered of a job beside its runs.
struct JobMemory {
  Timestamp handled = {};                     // times up to this one are dealt with
  std::string rhythm = {};                    // that `handled` belongs to
  std::map<std::string, uint64_t> used = {};  // of each job it comes after: the run that it last came after
};

std::string run_key(const std::string& job, uint64_t number);
std::string encode(const JobRun& run);
std::string encode(const JobMemory& memory);
// Errors: data_loss.
Result<JobRun> decode_run(std::string_view bytes);
Result<JobMemory> decode_memory(std::string_view bytes);

/// How far a run is, and how long it will still take, into its `progress` and `eta_seconds`: from its steps' own progress and from
/// the durations of the steps of `before`, the last run that succeeded (may be null). -1 where nothing tells.
void estimate(JobRun& run, const JobRun* before, Timestamp now);

}  // namespace penstock
