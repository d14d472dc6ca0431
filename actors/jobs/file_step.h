// Step of a job that writes a result file: reads a view, or a log's history up to its present end, and writes it (see
// result_writer.h), on a thread that the system prefers all others to.
//
// An incremental file's position in its log, and the number of its next part, are committed once the part is in place. So a
// part whose commit a kill prevented is written again under the same name, with the rows that have come since.
//
//   table jobs.files   key := id; value := number of parts (u64, little-endian)
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "actors/jobs/step_work.h"
#include "actors/sinks/result_writer.h"
#include "actors/supervision/runtime.h"

namespace penstock {

class FileStep final : public StepWork {
 public:
  /// `sink`: a result file of the plan. The runtime outlives this.
  FileStep(Runtime& runtime, const std::string& sink);
  ~FileStep() override;
  StepLook look() override;
  void cancel() override { cancelled_ = true; }

 private:
  bool reads_view() const;
  void run();
  Result<std::string> write();
  Status write_view(ResultWriter& writer);
  Result<WriteBatch> write_log(ResultWriter& writer);
  void note(double progress, const std::string& text);

  Runtime& runtime_;
  const topology::Component& component_;
  const topology::BoundComponent& input_;
  const monitoring::Origin origin_;
  ResultFormat format_;
  std::atomic<bool> cancelled_{false};
  std::thread thread_;
  std::mutex mutex_;
  StepLook look_;  // guarded by mutex_
  bool started_ = false;
};

}  // namespace penstock
