// Step of a job that makes a view anew from history: a batch run that lands (batch_desk.h). If the end of the process
// interrupted that run, the step goes on with it.
#pragma once

#include <string>

#include "actors/jobs/step_work.h"
#include "actors/servers/batch_desk.h"

namespace penstock {

class ViewStep final : public StepWork {
 public:
  /// `owner`: the run of the job. The desk outlives this.
  ViewStep(BatchDesk& desk, std::string view, std::string owner)
      : desk_(desk), view_(std::move(view)), owner_(std::move(owner)) {}
  /// A batch run under way is left to itself: the node stops, and with it the desk, which keeps what is done.
  ~ViewStep() override = default;
  StepLook look() override;
  void cancel() override;

 private:
  StepLook begin();

  BatchDesk& desk_;
  const std::string view_, owner_;
  std::string run_;  // empty: not begun
  bool cancelled_ = false;
};

}  // namespace penstock
