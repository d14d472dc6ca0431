#include "storage/lmdb_writer.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>

#include "core/fault_points.h"
#include "core/units.h"
#include "storage/lmdb_transaction.h"

namespace penstock {
namespace {

using std::chrono::steady_clock;

constexpr size_t kLeastSlice = 2048, kMostSlice = 64 * 1024;
constexpr size_t kTinySlice = 16;                           // when there is hardly any room
constexpr auto kSliceAim = std::chrono::milliseconds(50);   // what a checkpoint may add to the wait of a commit
constexpr auto kCheckpointPause = std::chrono::seconds(1);  // after one failed
constexpr uint64_t kChangelogHardLimit = 8;                 // times the limit: then the checkpoint goes first
constexpr uint64_t kSmallPuts = 64 << 10, kLeastEffect = 256 << 10;
constexpr auto kLookAgain = std::chrono::seconds(1);  // while commits are refused

steady_clock::duration of(Duration duration) { return std::chrono::microseconds(duration.micros); }

// What a failed write means to who asked for it. A disk that refuses may pass; the batch is not at fault.
Status not_stored(const Status& status) {
  switch (status.code()) {
    case Code::kResourceExhausted:
      return resource_exhausted(status.message() +
                                "; nothing of this was stored: free some space, and it goes on by itself");
    case Code::kUnavailable:
    case Code::kFailedPrecondition:
    case Code::kNotFound:
      return unavailable(
          status.message() +
          "; nothing of this was stored: the disk does not take writes (look at the kernel's log); the node "
          "goes on answering, and takes in again once it does");
    default: return status;
  }
}

// What sources take in, and large puts (models), are intake; the rest are the effects of what was taken in already, and what
// workers note of themselves.
SpaceUse use_of(const PreparedBatch& batch) {
  const bool intake = batch.batch.positions.empty() && (!batch.batch.appends.empty() || batch.bytes > kSmallPuts);
  return intake ? SpaceUse::kIntake : SpaceUse::kEffects;
}

// A commit that changes nothing but needs all of the way to the disk.
Status try_write(LmdbEnv& env) {
  PENSTOCK_TRY(hit(FaultPoint::kStoreWrite));
  PENSTOCK_ASSIGN(LmdbWrite write, LmdbWrite::begin(env));
  PENSTOCK_TRY(put_format(write.get(), env));
  PENSTOCK_TRY(hit(FaultPoint::kStoreSync));
  return write.commit();
}

}  // namespace

LmdbWriter::LmdbWriter(LmdbEnv& env, LmdbState& state, Subscriptions& subscriptions, const LmdbOptions& options,
                       uint64_t budget)
    : env_(env),
      state_(state),
      subscriptions_(subscriptions),
      options_(options),
      budget_(budget),
      space_(env, options.path, budget),
      checkpoint_(env, state),
      slice_(kLeastSlice),
      next_reader_check_(steady_clock::now() + of(options.reader_check_interval)),
      next_checkpoint_(steady_clock::now() + of(options.checkpoint_interval)),
      checkpoint_pause_(steady_clock::now()),
      next_look_(steady_clock::time_point::max()),
      thread_([this] { run_thread(); }) {}

LmdbWriter::~LmdbWriter() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_one();
  thread_.join();
}

void LmdbWriter::commit(PreparedBatch batch, CommitDone done) {
  std::lock_guard lock(mutex_);
  queue_.push_back({std::move(batch), std::move(done), nullptr});
  arrived_.notify_one();
}

Status LmdbWriter::run(const std::function<Status()>& job) {
  if (std::this_thread::get_id() == thread_.get_id())
    return job();
  std::mutex mutex;
  std::condition_variable finished;
  std::optional<Status> result;
  {
    std::lock_guard lock(mutex_);
    queue_.push_back({{}, nullptr, [&] {
                        Status status = job();
                        std::lock_guard done(mutex);
                        result = std::move(status);
                        finished.notify_one();
                      }});
    arrived_.notify_one();
  }
  std::unique_lock lock(mutex);
  finished.wait(lock, [&] { return result.has_value(); });
  return *result;
}

void LmdbWriter::run_thread() {
  while (true) {
    std::vector<Item> items = take();
    if (items.empty()) {
      std::lock_guard lock(mutex_);
      if (stopping_ && queue_.empty())
        return;
    } else if (items.front().job) {
      items.front().job();
    } else {
      commit_group(items);
    }
    maintain();
  }
}

// Waits for work; gives one job, or the batches that wait up to the bytes of a transaction, or nothing when there is only
// maintenance to do.
std::vector<LmdbWriter::Item> LmdbWriter::take() {
  std::unique_lock lock(mutex_);
  if (!checkpoint_.active() || steady_clock::now() < checkpoint_pause_) {
    auto until = std::min({next_reader_check_, next_checkpoint_, next_look_});
    if (checkpoint_.active())
      until = std::min(until, checkpoint_pause_);
    arrived_.wait_until(lock, until, [this] { return stopping_ || !queue_.empty(); });
  }
  std::vector<Item> items;
  uint64_t bytes = 0;
  while (!queue_.empty() && bytes < options_.transaction_bytes) {
    if (queue_.front().job && !items.empty())
      break;
    items.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (items.back().job)
      break;
    bytes += items.back().batch.bytes;
  }
  return items;
}

void LmdbWriter::commit_group(std::vector<Item>& group) {
  std::vector<Committed> results(group.size());
  std::vector<size_t> sound;
  uint64_t bytes = 0;
  for (size_t i = 0; i < group.size(); ++i) {
    const PreparedBatch& batch = group[i].batch;
    results[i].status = batch.status;
    if (results[i].status.ok() && batch.bytes > 0) {
      results[i].status = space_.admit(bytes + batch.bytes, use_of(batch), state_.changelog_bytes);
      if (!results[i].status.ok())
        refused(results[i].status, batch.bytes, use_of(batch));
    }
    if (!results[i].status.ok())
      continue;
    bytes += batch.bytes;
    sound.push_back(i);
  }
  if (!sound.empty()) {
    const int64_t began = options_.clock->monotonic_nanos();
    Status status = commit_together(group, sound, results);
    // Only one of them may be at fault (too large for what is left, say): each gets its own chance.
    for (size_t i = 0; !status.ok() && i < sound.size(); ++i) {
      Status& result = results[sound[i]].status;
      result = not_stored(sound.size() == 1 ? status : commit_together(group, {sound[i]}, results));
      if (!result.ok())
        refused(result, group[sound[i]].batch.bytes, use_of(group[sound[i]].batch));
    }
    const double seconds = static_cast<double>(options_.clock->monotonic_nanos() - began) * 1e-9;
    if (options_.on_commit && (status.ok() || sound.size() > 1))
      options_.on_commit({seconds, bytes, sound.size()});
    std::lock_guard lock(state_.mutex);
    state_.last_commit_seconds = seconds;
  }
  std::set<std::string> grown;
  for (size_t i = 0; i < group.size(); ++i) {
    if (!results[i].status.ok())
      results[i].appended.clear();
    else
      for (const auto& append : group[i].batch.batch.appends)
        grown.insert(append.log);
    if (group[i].done)
      group[i].done(results[i]);
  }
  subscriptions_.wake(grown);
}

Status LmdbWriter::commit_together(const std::vector<Item>& group, const std::vector<size_t>& which,
                                   std::vector<Committed>& results) {
  PENSTOCK_ASSIGN(LmdbTransaction transaction, LmdbTransaction::begin(env_, state_));
  for (const size_t i : which) {
    PENSTOCK_ASSIGN(results[i].appended, transaction.apply(group[i].batch));
  }
  for (const size_t i : which)
    if (const auto& placed = group[i].batch.batch.placed)
      placed(results[i].appended);
  return transaction.commit(which.size());
}

void LmdbWriter::refused(const Status& why, uint64_t bytes, SpaceUse use) {
  if (why.code() == Code::kInternal)
    return;  // ours, not the disk's
  const bool only_intake = why.code() == Code::kResourceExhausted && use == SpaceUse::kIntake;
  health_.note_refused(only_intake || why.code() != Code::kResourceExhausted ? why : unavailable(why.message()), bytes);
  if (next_look_ == steady_clock::time_point::max())
    next_look_ = steady_clock::now() + kLookAgain;
  if (state_.changelog_bytes > 0 && !checkpoint_.active())
    next_checkpoint_ = std::min(next_checkpoint_, steady_clock::now());  // it holds room twice
}

// Good again once what was refused would fit, and the disk takes a small commit.
void LmdbWriter::look_again() {
  const uint64_t wanted = std::min(health_.wanted(), budget_ / 8);
  Status status = not_stored(try_write(env_));
  if (status.ok()) {
    std::lock_guard lock(state_.mutex);
    state_.transaction = env_.last_transaction();
  }
  if (status.ok())
    status = space_.admit(wanted, SpaceUse::kIntake, state_.changelog_bytes);
  if (status.code() == Code::kResourceExhausted)
    if (const Status worse = space_.admit(std::min(wanted, kLeastEffect), SpaceUse::kEffects, state_.changelog_bytes);
        !worse.ok())
      status = unavailable(worse.message());
  if (status.ok())
    health_.note_good();
  else
    health_.note_trouble(status);
  next_look_ = status.ok() ? steady_clock::time_point::max() : steady_clock::now() + kLookAgain;
}

void LmdbWriter::maintain() {
  const auto now = steady_clock::now();
  if (now >= next_reader_check_) {
    env_.check_readers();
    next_reader_check_ = now + of(options_.reader_check_interval);
  }
  if (now >= next_look_)
    look_again();
  if (!checkpoint_.active()) {
    const bool due = now >= next_checkpoint_;
    if (due)
      next_checkpoint_ = now + of(options_.checkpoint_interval);
    if (state_.changelog_bytes > options_.changelog_bytes || (due && state_.changelog_bytes > 0))
      checkpoint_.begin();
  }
  if (!checkpoint_.active() || now < checkpoint_pause_)
    return;
  do {
    checkpoint_slice();
  } while (checkpoint_.active() && steady_clock::now() >= checkpoint_pause_ &&
           state_.changelog_bytes > kChangelogHardLimit * options_.changelog_bytes);
}

void LmdbWriter::checkpoint_slice() {
  const auto began = steady_clock::now();
  const Status status = checkpoint_.step(slice_);
  const auto now = steady_clock::now();
  // What failed stays in the changelog, so nothing is lost by waiting. A smaller slice needs fewer new pages at a time.
  if (status.code() == Code::kResourceExhausted && slice_ > kTinySlice) {
    slice_ = std::max(kTinySlice, slice_ / 4);
  } else if (!status.ok()) {
    checkpoint_pause_ = now + kCheckpointPause;
    refused(not_stored(status), 0, SpaceUse::kEffects);
    return;
  }
  if (now - began > 2 * kSliceAim)
    slice_ = std::max(std::min(slice_, kLeastSlice), slice_ / 2);
  if (now - began < kSliceAim / 2)
    slice_ = std::min(kMostSlice, slice_ * 2);
  if (!checkpoint_.active())
    next_checkpoint_ = now + of(options_.checkpoint_interval);
}

}  // namespace penstock
