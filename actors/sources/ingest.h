// The one place that decides what requests bring into a source's log: each record once, whatever is sent again, however
// many requests come at the same time, and whenever the process dies. Thread safe; outlives its runtime's actors.
//
// What is remembered of a request (its answer under its Idempotency-Key, the ids of its records) is written in the
// transaction that takes its records in, so that both are there or neither. Two requests with a key or an id in common
// are decided one after the other (claims.h): the second one sees what the first one left.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/servers/ingest_request.h"
#include "actors/sources/claims.h"
#include "actors/sources/intake.h"
#include "actors/sources/log_appender.h"
#include "actors/supervision/runtime.h"

namespace penstock {

class Ingest {
 public:
  static constexpr Duration kRememberFor{86'400'000'000};

  /// `runtime` outlives it. Requires: `source` is a source of the plan.
  Ingest(Runtime& runtime, const std::string& source);
  ~Ingest() { stop(); }

  /// `done` is called once, by any thread: when the records are durable and answers show them (or a moment later, if the
  /// regions that read them lag). Errors: resource_exhausted (a budget is used up), unavailable (stopping), and those of
  /// the store; then nothing was taken.
  void take(IngestRequest request, IngestDone done);
  /// Forgets what is too old to matter, about `most` keys of it. Waits for the commit. Gives how many were forgotten.
  Result<uint64_t> forget(Timestamp now, size_t most);
  /// Refuses everything from now on and waits for what is under way.
  void stop();

 private:
  struct Flight;
  using FlightPtr = std::shared_ptr<Flight>;

  void begin(const FlightPtr& flight);
  Result<std::optional<IngestAnswer>> decide(Flight& flight, WriteBatch& write);
  Result<std::optional<IngestAnswer>> answered_before(const Flight& flight, Timestamp now) const;
  Status look_for_room();
  Status find_duplicates(Flight& flight, Timestamp now) const;
  void append(Flight& flight, Timestamp now, WriteBatch& write);
  void remember(Flight& flight, Timestamp now, WriteBatch& write) const;
  void committed(const FlightPtr& flight, const Committed& committed);
  void answer_when_shown(const FlightPtr& flight, IngestAnswer answer);
  void finish(const FlightPtr& flight, Result<IngestAnswer> answer);
  Result<bool> is_old(const std::string& key, Timestamp remembered) const;

  Runtime& runtime_;
  const monitoring::Origin origin_;
  const std::string table_;
  const LogAppender appender_;
  const Intake intake_;
  std::optional<size_t> id_column_;
  Duration remember_for_ = kRememberFor;
  Claims claims_;

  std::atomic<bool> paused_ = false;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable landed_;
  size_t in_flight_ = 0;  // guarded by mutex_
};

}  // namespace penstock
