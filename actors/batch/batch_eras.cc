// How a run goes from phase to phase, and what it has the view's region do at the two ends.
#include <algorithm>

#include "actors/batch/batch_runs.h"
#include "actors/regions/region_turn.h"
#include "actors/regions/set_aside.h"
#include "core/fault_points.h"

namespace penstock {

namespace {

std::string era_name(const BatchRun& run) { return run.record.id() + "/" + std::to_string(run.eras); }

}  // namespace

// What the workers of a view do at the end of one epoch, each in its own thread.
struct BatchRuns::Landing {
  explicit Landing(const BatchRun& run)
      : view(run.record.view),
        era(era_name(run)),
        result(run.context->result),
        number(run.record.number),
        purpose(run.record.purpose),
        slices(run.record.purpose == BatchPurpose::kLand ? 1 : run.keys() / run.context->limits.compared_keys + 1) {}

  const std::string view, era, result;
  const uint64_t number;
  const BatchPurpose purpose;
  const uint64_t
      slices;  // of a comparison: one at the end of each of so many epochs, so that the region goes on between
  uint64_t slice = 0;

  mutable std::mutex mutex = {};
  bool lost = false;  // the region was started anew since the era began
  Status error = {};
  EntryComparison found = {};

  Status act(Aggregator& aggregator, uint32_t worker, StageOutput& out) {
    PENSTOCK_TRY(hit(FaultPoint::kBatchLand));
    auto* recomputed = dynamic_cast<Recomputed*>(&aggregator);
    if (!recomputed || recomputed->era() != era) {
      const std::lock_guard lock(mutex);
      lost = true;
      return ok();
    }
    return purpose == BatchPurpose::kLand ? land(*recomputed, worker, out) : compare(*recomputed);
  }

 private:
  Status land(Recomputed& recomputed, uint32_t worker, StageOutput& out) {
    PENSTOCK_TRY(recomputed.land(result, out));
    if (worker == 0)
      out.other_changes.push_back({kBatchViews, Delta{{view, encode_present(number)}}});
    return ok();
  }
  // A comparison that cannot be made is no reason to stop the view.
  Status compare(Recomputed& recomputed) {
    Result<EntryComparison> compared = recomputed.compare(result, slice, slices);
    if (slice + 1 == slices)
      recomputed.drop_era();
    const std::lock_guard lock(mutex);
    if (!compared.ok()) {
      error = compared.status();
      return ok();
    }
    found.keys += compared->keys;
    found.differences += compared->differences;
    for (EntryDifference& difference : compared->first)
      if (found.first.size() < EntryComparison::kShown)
        found.first.push_back(std::move(difference));
    return ok();
  }
};

void BatchRuns::begin_era(const RunPtr& run, Actions& actions) {
  run->phase = BatchRun::Phase::kBeginning;
  if (++run->eras > limits_.eras)
    return end(run, BatchState::kFailed,
               "the view's region stopped " + std::to_string(limits_.eras) + " times while the run was under way",
               actions);
  auto turn = std::make_shared<RegionTurn>();
  turn->component = run->record.view;
  turn->act = [era = era_name(*run)](Aggregator& aggregator, uint32_t, uint32_t, StageOutput&) {
    if (auto* recomputed = dynamic_cast<Recomputed*>(&aggregator))
      recomputed->begin_era(era);
    return ok();
  };
  turn->done = [this, run](const Status& status, const std::vector<ReadPosition>& read) {
    Actions next;
    {
      const std::lock_guard lock(mutex_);
      era_begun(run, status, read, next);
    }
    run_all(std::move(next));
  };
  actions.push_back([this, turn, region = run->context->plan.region] { runtime_.turns.post(region, turn); });
}

void BatchRuns::era_begun(const RunPtr& run, const Status& status, const std::vector<ReadPosition>& read,
                          Actions& actions) {
  if (run->phase == BatchRun::Phase::kEnded)
    return;
  if (!status.ok())
    return begin_era(run, actions);
  WriteBatch write;
  if (const Status added = run->add_shards(read, write); !added.ok())
    return end(run, BatchState::kFailed, added.message(), actions);
  auto set_aside = read_set_aside(runtime_.store, run->context->plan.region);
  if (!set_aside.ok())
    return end(run, BatchState::kFailed, set_aside.status().message(), actions);
  auto context =
      std::make_shared<RunContext>(*run->context);  // tasks of an earlier era may still be at work with theirs
  context->set_aside = std::move(set_aside).value();
  run->context = std::move(context);
  commit(
      std::move(write), run,
      [this, run](Actions& then) {
        run->phase = BatchRun::Phase::kMapping;
        wake_all(then);
        advance(run, then);
      },
      actions);
}

void BatchRuns::advance(const RunPtr& run, Actions& actions) {
  if (run->phase == BatchRun::Phase::kMapping && run->phase_done()) {
    run->begin_reducing();
    wake_all(actions);
  }
  if (run->phase == BatchRun::Phase::kReducing && run->phase_done())
    land(run, actions);
}

void BatchRuns::land(const RunPtr& run, Actions& actions) {
  run->phase = BatchRun::Phase::kLanding;
  post(run, std::make_shared<Landing>(*run), actions);
}

void BatchRuns::post(const RunPtr& run, const std::shared_ptr<Landing>& landing, Actions& actions) {
  auto turn = std::make_shared<RegionTurn>();
  turn->component = run->record.view;
  turn->act = [landing](Aggregator& aggregator, uint32_t worker, uint32_t, StageOutput& out) {
    return landing->act(aggregator, worker, out);
  };
  turn->done = [this, run, landing](const Status& status, const std::vector<ReadPosition>&) {
    Actions next;
    {
      const std::lock_guard lock(mutex_);
      landed(run, landing, status, next);
    }
    run_all(std::move(next));
  };
  actions.push_back([this, turn, region = run->context->plan.region] { runtime_.turns.post(region, turn); });
}

void BatchRuns::landed(const RunPtr& run, const std::shared_ptr<Landing>& landed, const Status& status,
                       Actions& actions) {
  Landing& landing = *landed;
  const std::lock_guard lock(landing.mutex);
  if (!status.ok() || landing.lost)
    return begin_era(run, actions);
  if (!landing.error.ok())
    return end(run, BatchState::kFailed, landing.error.message(), actions);
  if (++landing.slice < landing.slices)
    return post(run, landed, actions);
  run->record.keys = landing.purpose == BatchPurpose::kLand ? run->keys() : landing.found.keys;
  run->record.differences = landing.found.differences;
  run->first_differences = landing.found.first;
  end(run, BatchState::kDone, "", actions);
}

void BatchRuns::end(const RunPtr& run, BatchState state, const std::string& message, Actions& actions) {
  if (run->phase == BatchRun::Phase::kEnded)
    return;
  const bool has_era = state != BatchState::kDone && run->eras > 0;
  run->phase = BatchRun::Phase::kEnded;
  run->record.state = state;
  run->record.message = message;
  run->record.ended = runtime_.clock.now();
  runs_.erase(run->record.id());
  BatchRunStatus status = run->status(run->record.ended);
  ended_[run->record.id()] = status;
  records_.push_back(run->record);
  garbage_.push_back(run->record.outputs());
  const bool landed = state == BatchState::kDone && run->record.purpose == BatchPurpose::kLand;
  if (!landed) {
    garbage_.push_back(run->record.result());
  } else {
    garbage_.push_back(run->record.view);
    for (const BatchRecord& other : records_)
      if (other.view == run->record.view && other.number != run->record.number)
        garbage_.push_back(other.result());
  }
  WriteBatch write;
  write.put(kBatchRuns, run_key(run->record), encode_run(run->record));
  forget_old(run->record.view, write);
  if (has_era) {  // the view need not keep it any longer
    auto turn = std::make_shared<RegionTurn>();
    turn->component = run->record.view;
    turn->act = [era = era_name(*run)](Aggregator& aggregator, uint32_t, uint32_t, StageOutput&) {
      if (auto* recomputed = dynamic_cast<Recomputed*>(&aggregator); recomputed && recomputed->era() == era)
        recomputed->drop_era();
      return ok();
    };
    turn->done = [](const Status&, const std::vector<ReadPosition>&) {};
    actions.push_back([this, turn, region = run->context->plan.region] { runtime_.turns.post(region, turn); });
  }
  commit(
      std::move(write), nullptr,
      [this, status, done = std::move(run->done)](Actions& then) {
        wake_all(then);  // there is something to clean up
        if (done)
          then.push_back([done, status] { done(status); });
      },
      actions);
}

// The newest record of a view stays: the next number comes from it.
void BatchRuns::forget_old(const std::string& view, WriteBatch& write) {
  size_t newer = 0;
  for (size_t i = records_.size(); i-- > 0;) {
    if (records_[i].view != view || records_[i].state == BatchState::kUnderWay || ++newer <= kKeptRecords)
      continue;
    write.erase(kBatchRuns, run_key(records_[i]));
    ended_.erase(records_[i].id());
    records_.erase(records_.begin() + static_cast<ptrdiff_t>(i));
  }
}

}  // namespace penstock
