// A JobDesk over a book of two jobs whose steps never end by themselves; `nightly` has failed once.
#pragma once

#include "actors/servers/job_desk.h"

namespace penstock::test {

class FakeJobs final : public JobDesk {
 public:
  FakeJobs() : book_(specs()) {
    book_.open(now_);
    (void)book_.begin("nightly", now_);
    (void)book_.take_tasks();
    book_.end_step("nightly", internal_error("there is nothing to learn from"), "", now_);
  }

  std::vector<JobStatus> jobs() const override { return book_.jobs(now_.now); }
  Result<JobStatus> job(const std::string& name) const override { return book_.job(name, now_.now); }
  Result<std::vector<JobRun>> runs(const std::string& job) const override { return book_.runs(job, now_.now); }
  void begin(const std::string& job, RunDone done) override { done(book_.begin(job, now_)); }
  Result<JobRun> cancel(const std::string& job_or_run) override { return book_.cancel(job_or_run, now_); }

 private:
  static std::vector<JobSpec> specs() {
    std::vector<JobSpec> specs(2);
    specs[0].name = "nightly";
    specs[0].run = {"taste", "report"};
    specs[0].rhythm.emplace(Duration{3'600'000'000});
    specs[1].name = "export";
    specs[1].run = {"file"};
    specs[1].after = {"nightly"};
    specs[1].on_start = true;
    return specs;
  }

  JobTime now_{{1'767'225'600'000'000}, 0};  // 2026-01-01
  JobBook book_;
};

}  // namespace penstock::test
