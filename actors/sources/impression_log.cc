#include "actors/sources/impression_log.h"

#include <chrono>
#include <cstdio>
#include <deque>

#include "actors/sources/impressions.h"
#include "core/random.h"

namespace penstock {
namespace {

constexpr size_t kMostRows = 4096;  // of a batch: the store's writer may have to make one

struct Noted {
  Timestamp at;
  Impression impression;
};

ColumnBuilder& column(BatchBuilder& rows, ImpressionColumn which) { return rows.column(static_cast<size_t>(which)); }

void append_text(BatchBuilder& rows, ImpressionColumn which, const std::string& text) {
  text.empty() ? column(rows, which).append_null() : column(rows, which).append_string(text);
}

void append(const Noted& noted, BatchBuilder& rows) {
  using C = ImpressionColumn;
  const Impression& impression = noted.impression;
  int64_t position = 0;
  for (const Impression::Item& item : impression.items) {
    column(rows, C::kImpression).append_string(impression.id);
    column(rows, C::kAt).append_int64(noted.at.micros);
    append_text(rows, C::kUser, impression.user);
    column(rows, C::kItem).append_string(item.item);
    column(rows, C::kPosition).append_int64(++position);
    column(rows, C::kScore).append_float64(item.score);
    append_text(rows, C::kStrategy, item.strategy);
    append_text(rows, C::kModel, impression.model);
    impression.model_version
        ? column(rows, C::kModelVersion).append_int64(static_cast<int64_t>(*impression.model_version))
        : column(rows, C::kModelVersion).append_null();
    append_text(rows, C::kRecommender, impression.recommender);
    append_text(rows, C::kExperiment, impression.experiment);
    append_text(rows, C::kVariant, impression.variant);
    impression.propensity ? column(rows, C::kPropensity).append_float64(*impression.propensity)
                          : column(rows, C::kPropensity).append_null();
    append_text(rows, C::kContext, impression.context);
  }
}

}  // namespace

struct ImpressionLogs::Log {
  explicit Log(const std::string& name) : origin{name, "source", std::string(kImpressionsType)} {}

  const monitoring::Origin origin;
  Ingest* ingest = nullptr;
  std::mutex mutex;
  std::condition_variable idle;
  std::deque<Noted> queue;  // guarded by the mutex, as is what follows
  size_t queued = 0;        // records
  bool flushing = false;
  uint64_t untold = 0;  // records that found the queue full since the last batch
};

ImpressionLogs::ImpressionLogs(Runtime& runtime)
    : runtime_(runtime),
      start_(splitmix64(static_cast<uint64_t>(runtime.clock.now().micros) ^
                        static_cast<uint64_t>(runtime.clock.monotonic_nanos()))) {
  for (const topology::BoundComponent& bound : runtime.plan.topology.components)
    if (bound.component.role == topology::Role::kSource && bound.component.type == kImpressionsType)
      logs_.emplace(bound.component.id, std::make_shared<Log>(bound.component.id));
}

ImpressionLogs::~ImpressionLogs() = default;

void ImpressionLogs::connect(const std::string& log, Ingest* ingest) {
  if (const auto found = logs_.find(log); found != logs_.end())
    found->second->ingest = ingest;
}

std::string ImpressionLogs::new_id() {
  const uint64_t number = next_++;
  char text[40];
  std::snprintf(text, sizeof text, "%016llx%08llx", static_cast<unsigned long long>(start_),
                static_cast<unsigned long long>(number));
  return text;
}

bool ImpressionLogs::note(const std::string& log, Impression impression) {
  const auto found = logs_.find(log);
  if (found == logs_.end() || found->second->ingest == nullptr || impression.items.empty())
    return false;
  const std::shared_ptr<Log>& to = found->second;
  const size_t records = impression.items.size();
  const std::string variant = impression.variant;
  {
    const std::lock_guard lock(to->mutex);
    if (to->queued + records > kMostQueued) {
      dropped_ += records;
      to->untold += records;
      return false;
    }
    to->queued += records;
    to->queue.push_back({runtime_.clock.now(), std::move(impression)});
  }
  runtime_.monitor.emit(monitoring::ImpressionsShown{to->origin, variant, records});
  flush(to);
  return true;
}

// One batch at a time is on its way; whoever ends one begins the next. A loop rather than recursion: a log that refuses
// answers within take().
void ImpressionLogs::flush(const std::shared_ptr<Log>& log) {
  for (;;) {
    BatchBuilder rows(impressions_schema());
    {
      const std::lock_guard lock(log->mutex);
      if (log->flushing || log->queue.empty()) {
        if (!log->flushing)
          log->idle.notify_all();
        return;
      }
      log->flushing = true;
      while (!log->queue.empty() && (rows.rows() == 0 || rows.rows() < kMostRows)) {
        append(log->queue.front(), rows);
        log->queue.pop_front();
      }
      log->queued -= rows.rows();
    }
    const size_t records = rows.rows();
    IngestRequest request;
    request.source = log->origin.id;
    request.records = rows.finish();
    // The answer may come within take() or later, from another thread: whoever is second goes on.
    const auto parted = std::make_shared<std::atomic<bool>>(false);
    log->ingest->take(std::move(request), [this, log, records, parted](const Result<IngestAnswer>& answer) {
      if (!answer.ok()) {
        dropped_ += records;
        runtime_.monitor.emit(monitoring::RecordsRejected{log->origin, records, "not_taken"});
      }
      uint64_t untold = 0;
      {
        const std::lock_guard lock(log->mutex);
        log->flushing = false;
        std::swap(untold, log->untold);
      }
      if (untold > 0)
        runtime_.monitor.emit(monitoring::RecordsRejected{log->origin, untold, "queue_full"});
      if (parted->exchange(true))
        flush(log);
    });
    if (!parted->exchange(true))
      return;
  }
}

void ImpressionLogs::drain(Duration patience) {
  for (const auto& [name, log] : logs_) {
    std::unique_lock lock(log->mutex);
    log->idle.wait_for(lock, std::chrono::microseconds(patience.micros),
                       [&] { return !log->flushing && log->queue.empty(); });
  }
}

}  // namespace penstock
