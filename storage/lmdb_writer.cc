#include "storage/lmdb_writer.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>

#include "core/units.h"
#include "storage/lmdb_transaction.h"

namespace penstock {
namespace {

using std::chrono::steady_clock;

constexpr size_t kLeastSlice = 2048, kMostSlice = 64 * 1024;
constexpr auto kSliceAim = std::chrono::milliseconds(50);   // what a checkpoint may add to the wait of a commit
constexpr auto kCheckpointPause = std::chrono::seconds(1);  // after one failed
constexpr uint64_t kChangelogHardLimit = 8;                 // times the limit: then the checkpoint goes first

steady_clock::duration of(Duration duration) { return std::chrono::microseconds(duration.micros); }

}  // namespace

LmdbWriter::LmdbWriter(LmdbEnv& env, LmdbState& state, Subscriptions& subscriptions, const LmdbOptions& options,
                       uint64_t budget)
    : env_(env),
      state_(state),
      subscriptions_(subscriptions),
      options_(options),
      budget_(budget),
      checkpoint_(env, state),
      slice_(kLeastSlice),
      next_reader_check_(steady_clock::now() + of(options.reader_check_interval)),
      next_checkpoint_(steady_clock::now() + of(options.checkpoint_interval)),
      checkpoint_pause_(steady_clock::now()),
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
    auto until = std::min(next_reader_check_, next_checkpoint_);
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
    results[i].status = group[i].batch.status;
    if (results[i].status.ok() && group[i].batch.bytes > 0)
      results[i].status = within_budget(bytes + group[i].batch.bytes);
    if (!results[i].status.ok())
      continue;
    bytes += group[i].batch.bytes;
    sound.push_back(i);
  }
  if (!sound.empty()) {
    const int64_t began = options_.clock->monotonic_nanos();
    Status status = commit_together(group, sound, results);
    // Only one of them may be at fault (too large for what is left, say): each gets its own chance.
    for (size_t i = 0; !status.ok() && i < sound.size(); ++i)
      results[sound[i]].status = sound.size() == 1 ? status : commit_together(group, {sound[i]}, results);
    std::lock_guard lock(state_.mutex);
    state_.last_commit_seconds = static_cast<double>(options_.clock->monotonic_nanos() - began) * 1e-9;
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
  return transaction.commit(which.size());
}

// Without this the map would fill up to its last page, and then not even retention could run: LMDB needs new pages to
// delete, too.
Status LmdbWriter::within_budget(uint64_t bytes) {
  if (env_.file_bytes() + bytes <= budget_)
    return ok();
  PENSTOCK_ASSIGN(const uint64_t used, env_.used_bytes());
  if (used + bytes <= budget_)
    return ok();
  return resource_exhausted("the store's disk budget of " + to_string(Bytes{budget_}) + " is used up: " +
                            to_string(Bytes{used}) + " are in use, " + to_string(Bytes{bytes}) + " more are wanted");
}

void LmdbWriter::maintain() {
  const auto now = steady_clock::now();
  if (now >= next_reader_check_) {
    env_.check_readers();
    next_reader_check_ = now + of(options_.reader_check_interval);
  }
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
  // What failed stays in the changelog, so nothing is lost by waiting; commits tell their owners of the same trouble.
  if (!status.ok())
    checkpoint_pause_ = now + kCheckpointPause;
  if (now - began > 2 * kSliceAim)
    slice_ = std::max(kLeastSlice, slice_ / 2);
  if (now - began < kSliceAim / 2)
    slice_ = std::min(kMostSlice, slice_ * 2);
  if (!checkpoint_.active())
    next_checkpoint_ = now + of(options_.checkpoint_interval);
}

}  // namespace penstock
