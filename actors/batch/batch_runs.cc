#include "actors/batch/batch_runs.h"

#include <algorithm>
#include <thread>

#include "actors/supervision/unknown_name.h"

namespace penstock {

namespace {

constexpr uint32_t kResumesInVain = 10;  // a run that ends the process again and again is ended itself

}  // namespace

BatchLimits default_batch_limits(const RuntimeOptions& options) {
  BatchLimits limits;
  limits.workers = std::clamp(std::thread::hardware_concurrency(), 2U, 17U) - 1;
  if (options.memory_budget.count > 0)
    limits.memory = std::clamp<size_t>(options.memory_budget.count / 8 / limits.workers, 1u << 20, limits.memory);
  return limits;
}

void BatchRuns::run_all(Actions actions) {
  for (const auto& action : actions)
    action();
}

void BatchRuns::wake_all(Actions& actions) const {
  for (const auto& [worker, wake] : wakes_)
    actions.push_back(wake);
}

BatchRuns::RunPtr BatchRuns::find(const std::string& run) const {
  const auto found = runs_.find(run);
  return found == runs_.end() ? nullptr : found->second;
}

BatchRuns::RunPtr BatchRuns::under_way(const std::string& view) const {
  for (const auto& [id, run] : runs_)
    if (run->record.view == view)
      return run;
  return nullptr;
}

Status BatchRuns::open() {
  Status damage;
  PENSTOCK_TRY(runtime_.store.scan(kBatchRuns, "", [&](std::string_view key, std::string_view value) {
    auto record = decode_run(key, value);
    if (record.ok())
      records_.push_back(std::move(record).value());
    else
      damage = record.status();
    return damage.ok();
  }));
  PENSTOCK_TRY(damage);
  std::vector<std::string> to_resume;
  const Timestamp now = runtime_.clock.now();
  for (BatchRecord& record : records_) {
    if (record.state == BatchState::kUnderWay && now.micros - record.started.micros > limits_.keep_unfinished.micros) {
      record.state = BatchState::kFailed;
      record.message = "it was interrupted, and nobody resumed it for long";
      record.ended = now;
      WriteBatch write;
      write.put(kBatchRuns, run_key(record), encode_run(record));
      PENSTOCK_TRY(runtime_.store.commit_and_wait(std::move(write)).status);
    }
    if (record.state == BatchState::kUnderWay) {
      if (record.owner.empty())
        to_resume.push_back(record.id());
      continue;
    }
    // What an earlier life was about to erase.
    PENSTOCK_ASSIGN(const std::string present, present_table(runtime_.store, record.view));
    garbage_.push_back(record.outputs());
    if (record.result() != present)
      garbage_.push_back(record.result());
    if (record.view != present)
      garbage_.push_back(record.view);
  }
  std::sort(garbage_.begin(), garbage_.end());
  garbage_.erase(std::unique(garbage_.begin(), garbage_.end()), garbage_.end());
  for (const std::string& run : to_resume)
    (void)resume(run, {});  // one that cannot go on says so in its record
  return ok();
}

Result<std::string> BatchRuns::start(const BatchRequest& request, Done done) {
  PENSTOCK_ASSIGN(ViewPlan plan, plan_view(runtime_.plan, request.view));
  Actions actions;
  std::unique_lock lock(mutex_);
  if (closed_)
    return unavailable("the node is stopping");
  if (const RunPtr other = under_way(request.view))
    return already_exists("the run " + other->record.id() + " of view \"" + request.view + "\" is under way");
  BatchRecord record;
  record.view = request.view;
  record.purpose = request.purpose;
  record.owner = request.owner;
  record.definition = plan.definition;
  record.started = runtime_.clock.now();
  for (const BatchRecord& other : records_)
    if (other.view == request.view)
      record.number = std::max(record.number, other.number);
  ++record.number;
  const auto run = std::make_shared<BatchRun>(record, std::move(plan), runtime_.store, runtime_.clock, limits_);
  run->done = std::move(done);
  runs_.emplace(record.id(), run);
  WriteBatch write;
  write.put(kBatchRuns, run_key(record), encode_run(record));
  commit(
      std::move(write), run, [this, run](Actions& then) { begin_era(run, then); }, actions);
  lock.unlock();
  run_all(std::move(actions));
  return record.id();
}

Status BatchRuns::resume(const std::string& id, Done done) {
  Actions actions;
  std::unique_lock lock(mutex_);
  const auto found = std::find_if(records_.begin(), records_.end(), [&](const BatchRecord& record) {
    return record.id() == id && record.state == BatchState::kUnderWay;
  });
  if (found == records_.end())
    return not_found("there is no interrupted run \"" + id + "\"");
  BatchRecord record = *found;
  auto plan = plan_view(runtime_.plan, record.view);
  Status refusal = plan.status();
  if (plan.ok() && plan->definition != record.definition)
    refusal = failed_precondition("the view's definition has changed since the run " + id + " began");
  RunPtr run;
  if (refusal.ok()) {
    run = std::make_shared<BatchRun>(record, std::move(plan).value(), runtime_.store, runtime_.clock, limits_);
    refusal = run->load();
    if (refusal.ok() && record.resumed >= kResumesInVain && run->tasks_done() == record.done)
      refusal = failed_precondition("the process has ended again and again while the run " + id + " was under way");
  }
  if (refusal.ok()) {
    records_.erase(found);
    ++run->record.resumed;
    run->record.done = run->tasks_done();
    run->done = std::move(done);
    runs_.emplace(id, run);
    WriteBatch write;
    write.put(kBatchRuns, run_key(run->record), encode_run(run->record));
    commit(
        std::move(write), run, [this, run](Actions& then) { begin_era(run, then); }, actions);
  } else {
    found->state = BatchState::kFailed;
    found->message = refusal.message();
    found->ended = runtime_.clock.now();
    garbage_.push_back(record.outputs());
    garbage_.push_back(record.result());
    WriteBatch write;
    write.put(kBatchRuns, run_key(*found), encode_run(*found));
    commit(
        std::move(write), nullptr, [this](Actions& then) { wake_all(then); }, actions);
  }
  lock.unlock();
  run_all(std::move(actions));
  return refusal;
}

Status BatchRuns::cancel(const std::string& id) {
  Actions actions;
  std::unique_lock lock(mutex_);
  const RunPtr run = find(id);
  if (!run)
    return not_found("there is no run \"" + id + "\" under way");
  if (run->phase != BatchRun::Phase::kLanding)
    end(run, BatchState::kCancelled, "it was cancelled", actions);
  lock.unlock();
  run_all(std::move(actions));
  return ok();
}

void BatchRuns::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    wakes_.clear();
  }
  (void)runtime_.store.commit_and_wait({});  // behind all that was asked for before
}

std::vector<BatchRunStatus> BatchRuns::runs() const {
  const std::lock_guard lock(mutex_);
  std::vector<BatchRunStatus> out;
  for (const BatchRecord& record : records_) {
    if (const auto ended = ended_.find(record.id()); ended != ended_.end()) {
      out.push_back(ended->second);
      continue;
    }
    BatchRun bare(record, {}, runtime_.store, runtime_.clock, limits_);
    out.push_back(bare.status(runtime_.clock.now()));
    if (record.state == BatchState::kUnderWay)
      out.back().state = "interrupted";
  }
  for (const auto& [id, run] : runs_)
    out.push_back(run->status(runtime_.clock.now()));
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.started < b.started; });
  return out;
}

Result<BatchRunStatus> BatchRuns::run(const std::string& id) const {
  for (BatchRunStatus& status : runs())
    if (status.run == id)
      return std::move(status);
  return not_found("there is no run \"" + id + "\"");
}

void BatchRuns::commit(WriteBatch write, const RunPtr& run, std::function<void(Actions&)> then, Actions& actions) {
  actions.push_back([this, run, then = std::move(then), held = std::make_shared<WriteBatch>(std::move(write))] {
    runtime_.store.commit(std::move(*held), [this, run, then](const Committed& committed) {
      Actions next;
      {
        const std::lock_guard lock(mutex_);
        if (closed_ || (run && run->phase == BatchRun::Phase::kEnded))
          return;
        if (committed.status.ok())
          then(next);
        else if (run)
          end(run, BatchState::kFailed, committed.status.message(), next);
      }
      run_all(std::move(next));
    });
  });
}

}  // namespace penstock
