// A BatchDesk with runs of the view `failures`, which end when the test says so: a reconciliation finds one difference.
#pragma once

#include <string>
#include <vector>

#include "actors/servers/batch_desk.h"

namespace penstock::test {

class FakeBatches final : public BatchDesk {
 public:
  Result<std::string> start(const BatchRequest& request, Done) override {
    if (request.view == "top")
      return failed_precondition("the view \"top\" is a sort, which cannot be recomputed; a reduce can");
    if (request.view != "failures")
      return not_found("there is no view \"" + request.view + "\"; did you mean \"failures\"?");
    if (!runs_.empty() && !runs_.back().ended())
      return already_exists("the run " + runs_.back().run + " of view \"failures\" is under way");
    BatchRunStatus run;
    run.run = "failures-" + std::to_string(runs_.size() + 1);
    run.view = request.view;
    run.purpose = request.purpose;
    run.state = "mapping";
    run.tasks = 9;
    run.records = 1000;
    run.started = Timestamp{1'767'225'600'000'000};
    runs_.push_back(run);
    return run.run;
  }
  Status resume(const std::string& run, Done) override {
    return not_found("there is no interrupted run \"" + run + "\"");
  }
  Status cancel(const std::string& id) override {
    for (BatchRunStatus& run : runs_)
      if (run.run == id && !run.ended()) {
        run.state = "cancelled";
        run.message = "it was cancelled";
        return ok();
      }
    return not_found("there is no run \"" + id + "\" under way");
  }
  std::vector<BatchRunStatus> runs() const override { return runs_; }
  Result<BatchRunStatus> run(const std::string& id) const override {
    for (const BatchRunStatus& run : runs_)
      if (run.run == id)
        return run;
    return not_found("there is no run \"" + id + "\"");
  }

  /// The newest run ends.
  void finish() {
    BatchRunStatus& run = runs_.back();
    run.state = "done";
    run.tasks_done = run.tasks;
    run.records_done = run.records;
    run.keys = 17;
    run.seconds = 1.5;
    if (run.purpose == BatchPurpose::kLand) {
      run.version = runs_.size();
      return;
    }
    run.differences = 1;
    run.first_differences = {{"k", R"({"city":"Ulm","n":3})", ""}};
  }

 private:
  std::vector<BatchRunStatus> runs_;
};

}  // namespace penstock::test
