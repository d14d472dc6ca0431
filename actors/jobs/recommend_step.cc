#include "actors/jobs/recommend_step.h"

#include <exception>
#include <future>
#include <new>
#include <vector>

#include "actors/aggregators/id_text.h"
#include "actors/servers/json_writer.h"
#include "actors/sources/recommendations.h"
#include "models/workers.h"

namespace penstock {
namespace {

constexpr size_t kUsersOfCommit = 256;

std::string items_of(const Recommendation& answer) {
  JsonWriter json;
  json.begin_array();
  for (const RecommendedItem& item : answer.items) {
    json.begin_object();
    json.field("item", item.item);
    json.field("score", static_cast<float>(item.score));
    json.field("strategy", item.strategy);
    json.key("because").begin_array();
    for (const std::string& reason : item.because)
      json.value(reason);
    json.end_array();
    json.end_object();
  }
  json.end_array();
  return json.take();
}

std::string models_of(const Recommendation& answer) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [model, version] : answer.models)
    json.field(model, version);
  if (answer.recommender.empty() && answer.model_version)
    json.field(answer.model, *answer.model_version);
  json.end_object();
  return json.take();
}

}  // namespace

RecommendStep::RecommendStep(Runtime& runtime, const std::string& source, Recommend recommend, Take take)
    : runtime_(runtime),
      component_(runtime.plan.topology.find(source)->component),
      users_(component_.text("users")),
      recommend_(std::move(recommend)),
      take_(std::move(take)) {}

RecommendStep::~RecommendStep() {
  cancelled_ = true;
  if (thread_.joinable())
    thread_.join();
}

bool RecommendStep::view_is_there() const {
  for (const auto& worker : runtime_.views.get(users_))
    if (!worker)
      return false;
  return true;
}

StepLook RecommendStep::look() {
  if (!started_) {
    if (!view_is_there())
      return cancelled_ ? StepLook{.ended = true, .status = cancelled("cancelled")}
                        : StepLook{.note = "waits for the view " + users_};
    started_ = true;
    thread_ = std::thread([this] {
      lower_thread_priority();
      run();
    });
  }
  const std::lock_guard lock(mutex_);
  return look_;
}

void RecommendStep::run() {
  Result<std::string> done = internal_error("unknown exception");
  try {
    done = recommend_all();
  } catch (const std::bad_alloc&) {
    done = resource_exhausted("there is not enough memory");
  } catch (const std::exception& error) {
    done = internal_error(error.what());
  }
  const std::lock_guard lock(mutex_);
  look_ = {.ended = true, .status = done.status(), .note = done.ok() ? *done : ""};
}

void RecommendStep::note(size_t done, size_t all) {
  const std::lock_guard lock(mutex_);
  look_.progress = static_cast<double>(done) / static_cast<double>(all);
  look_.note = "recommending";
}

Result<std::string> RecommendStep::recommend_all() {
  std::vector<BatchPtr> parts;
  size_t users = 0;
  for (const auto& worker : runtime_.views.get(users_)) {
    PENSTOCK_ASSIGN(const BatchPtr part, worker->read_all(SIZE_MAX));
    parts.push_back(part->compact());
    users += part->rows();
  }
  const std::string& key = runtime_.plan.topology.find(users_)->binding.key.front();
  BatchBuilder rows(recommendations_schema());
  size_t done = 0;
  for (const BatchPtr& part : parts) {
    const Column& ids = *part->column(*part->schema()->index_of(key));
    for (size_t row = 0; row < part->rows(); ++row) {
      if (cancelled_)
        return cancelled("cancelled after " + std::to_string(done) + " of " + std::to_string(users) + " users");
      if (!ids.is_null(row))
        PENSTOCK_TRY(recommend_to(id_text(ids, row), rows));
      if (rows.rows() == kUsersOfCommit)
        PENSTOCK_TRY(hand_over(rows));
      note(++done, users);
    }
  }
  PENSTOCK_TRY(hand_over(rows));
  return std::to_string(done) + (done == 1 ? " user" : " users");
}

Status RecommendStep::recommend_to(const std::string& user, BatchBuilder& rows) const {
  RecommendationQuery query;
  query.user = user;
  query.model = component_.text("recommender");
  query.n = static_cast<size_t>(component_.integer("count"));
  const Result<Recommendation> answer = recommend_(query);
  if (!answer.ok())
    return answer.status().with_context("user " + user);
  rows.column(0).append_string(user);
  rows.column(1).append_string(items_of(*answer));
  rows.column(2).append_int64(runtime_.clock.now().micros);
  rows.column(3).append_int64(static_cast<int64_t>(answer->history));
  rows.column(4).append_string(models_of(*answer));
  return ok();
}

Status RecommendStep::hand_over(BatchBuilder& rows) {
  if (rows.rows() == 0)
    return ok();
  IngestRequest request;
  request.source = component_.id;
  request.records = rows.finish();
  const auto taken = std::make_shared<std::promise<Status>>();
  auto answer = taken->get_future();
  take_(std::move(request), [taken](const Result<IngestAnswer>& result) { taken->set_value(result.status()); });
  return answer.get();
}

}  // namespace penstock
