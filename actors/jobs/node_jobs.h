// The jobs of a node's topology, with what does their steps.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/jobs/job_office.h"
#include "actors/jobs/recommend_step.h"
#include "actors/jobs/train_step.h"
#include "actors/servers/batch_desk.h"
#include "actors/servers/model_server.h"
#include "actors/supervision/runtime.h"

namespace penstock {

struct JobTools {
  const std::vector<std::unique_ptr<ModelServer>>& models;
  TrainStep::Train train;
  BatchDesk* batch = nullptr;  // null: views cannot be made anew
  RecommendStep::Recommend recommend = {};
  RecommendStep::Take take = {};
};

/// Null if the topology has no jobs. The runtime and all tools outlive the office.
std::unique_ptr<JobOffice> make_job_office(Runtime& runtime, JobTools tools);

}  // namespace penstock
