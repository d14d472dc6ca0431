#include "actors/jobs/node_jobs.h"

#include <algorithm>

#include "actors/jobs/file_step.h"
#include "actors/jobs/view_step.h"
#include "actors/trainers/training.h"

namespace penstock {
namespace {

Result<StepWorkPtr> make_step(Runtime& runtime, const JobTools& tools, const JobBook::Task& task) {
  const topology::BoundComponent* bound = runtime.plan.topology.find(task.step);
  if (bound == nullptr)
    return not_found("the topology has no \"" + task.step + "\"");
  switch (bound->component.role) {
    case topology::Role::kModel: {
      const auto server = std::ranges::find(tools.models, task.step,
                                            [](const auto& model) -> const std::string& { return model->id(); });
      if (server == tools.models.end())
        return not_found("there is no model \"" + task.step + "\"");
      return StepWorkPtr(std::make_unique<TrainStep>(**server, tools.train));
    }
    case topology::Role::kSink: return StepWorkPtr(std::make_unique<FileStep>(runtime, task.step));
    case topology::Role::kSource:
      return StepWorkPtr(std::make_unique<RecommendStep>(runtime, task.step, tools.recommend, tools.take));
    default: break;
  }
  if (tools.batch == nullptr)
    return failed_precondition("this node makes no views anew");
  return StepWorkPtr(std::make_unique<ViewStep>(*tools.batch, task.step, task.job + "." + std::to_string(task.run)));
}

}  // namespace

std::unique_ptr<JobOffice> make_job_office(Runtime& runtime, JobTools tools) {
  if (runtime.plan.jobs.empty())
    return nullptr;
  std::vector<JobSpec> jobs;
  for (const std::string& id : runtime.plan.jobs)
    jobs.push_back(job_of(runtime.plan.topology.find(id)->component));
  return std::make_unique<JobOffice>(
      std::move(jobs), runtime.store, runtime.clock, runtime.monitor,
      [&runtime, tools = std::move(tools)](const JobBook::Task& task) { return make_step(runtime, tools, task); },
      [&runtime] { return history_is_read(runtime); });
}

}  // namespace penstock
