#include "actors/sources/ingest.h"

#include <algorithm>
#include <unordered_set>

#include "actors/regions/dead_letters.h"
#include "actors/sources/ingest_records.h"
#include "actors/sources/ingest_traces.h"
#include "core/fault_points.h"
#include "messages/batch_codec.h"
#include "topology/component.h"

namespace penstock {
namespace {

constexpr size_t kMostRows = 65'536;           // of a batch
constexpr int64_t kShownWithin = 250'000'000;  // ns that records may take to show in answers
constexpr const char* kMemoryPart = "ingest";

}  // namespace

/// One request, from its arrival to its answer.
struct Ingest::Flight {
  Flight(Ingest& owner, IngestRequest what, IngestDone whom)
      : ingest(owner), request(std::move(what)), done(std::move(whom)), memory(owner.runtime_.memory, kMemoryPart) {
    memory.set(request.bytes + request.records->memory());
    const std::lock_guard lock(ingest.mutex_);
    ++ingest.in_flight_;
  }
  ~Flight() {
    memory.set(0);  // whoever waits for the last flight may end the budget with everything else
    const std::lock_guard lock(ingest.mutex_);
    --ingest.in_flight_;
    ingest.landed_.notify_all();
  }
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

  /// Finds the ids of the records, and what to claim.
  void prepare(std::optional<size_t> id_column) {
    if (!request.idempotency_key.empty())
      claims.push_back(idempotency_record_key(request.idempotency_key));
    if (!id_column)
      return;
    std::unordered_set<std::string_view> distinct;
    ids.reserve(request.records->rows());
    for (size_t i = 0; i < request.records->rows(); ++i) {
      ids.push_back(id_record_key(*request.records, *id_column, request.records->row(i)));
      if (!ids.back().empty() && distinct.insert(ids.back()).second)
        claims.push_back(ids.back());
    }
  }

  Ingest& ingest;
  IngestRequest request;
  const IngestDone done;
  MemoryAccount memory;
  std::vector<std::string> ids;     // one a record, if the source has ids; empty: it has none
  std::vector<std::string> claims;  // keys of the table

  BatchPtr fresh;                      // the records that were not taken before
  std::vector<std::string> fresh_ids;  // their keys
  std::vector<LogAppender::Part> parts;
  std::vector<uint32_t> appends;  // for each place of the answer, the part at which it begins
  IngestTracesPtr traces;         // null: none of the records is followed
  IngestAnswer answer;
};

Ingest::Ingest(Runtime& runtime, const std::string& source)
    : runtime_(runtime),
      origin_{source, "source", runtime.plan.topology.find(source)->component.type},
      table_(ingest_table(source)),
      appender_(source_appender(runtime.plan, source)),
      intake_(runtime, source) {
  const topology::BoundComponent& bound = *runtime.plan.topology.find(source);
  if (bound.component.has("id"))
    id_column_ = bound.binding.output->index_of(bound.component.text("id"));
  if (bound.component.has("dedupe_for"))
    remember_for_ = bound.component.duration("dedupe_for");
}

void Ingest::take(IngestRequest request, IngestDone done) {
  const auto flight = std::make_shared<Flight>(*this, std::move(request), std::move(done));
  flight->prepare(id_column_);
  begin(flight);
}

void Ingest::stop() {
  stopping_ = true;
  std::unique_lock lock(mutex_);
  landed_.wait(lock, [this] { return in_flight_ == 0; });
}

// Called anew when what stood in the way is decided.
void Ingest::begin(const FlightPtr& flight) {
  if (stopping_)
    return flight->done(unavailable("the node is stopping"));
  if (!claims_.take(flight->claims, [this, flight] { begin(flight); }))
    return;
  WriteBatch write;
  auto decided = decide(*flight, write);
  if (!decided.ok())
    return finish(flight, decided.status());
  if (*decided)
    return finish(flight, std::move(**decided));
  runtime_.store.commit(std::move(write), [this, flight](const Committed& result) { committed(flight, result); });
}

/// An answer, if there is nothing to commit.
Result<std::optional<IngestAnswer>> Ingest::decide(Flight& flight, WriteBatch& write) {
  const Timestamp now = runtime_.clock.now();
  const IngestRequest& request = flight.request;
  PENSTOCK_ASSIGN(std::optional<IngestAnswer> before, answered_before(flight, now));
  if (before)
    return before;

  IngestAnswer& answer = flight.answer = {};
  answer.log = origin_.id;
  answer.rejected = request.wrong.size();
  for (size_t i = 0; i < std::min(request.wrong.size(), IngestAnswer::kMostErrors); ++i)
    answer.errors.push_back({request.wrong[i].pointer, request.wrong[i].detail});
  if (!request.wrong.empty())
    runtime_.monitor.emit(monitoring::RecordsRejected{origin_, request.wrong.size(), "decode"});
  if (request.records->rows() == 0 || (request.atomic && !request.wrong.empty())) {
    answer.outcome = IngestAnswer::Outcome::kRefused;
    return std::optional(answer);
  }
  PENSTOCK_TRY(look_for_room());
  PENSTOCK_TRY(find_duplicates(flight, now));
  append(flight, now, write);
  flight.traces = IngestTraces::of_request(runtime_, origin_, request.trace, flight.parts, now, write);
  remember(flight, now, write);
  if (write.appends.empty() && write.puts.empty())
    return std::optional(answer);
  return std::optional<IngestAnswer>();
}

Result<std::optional<IngestAnswer>> Ingest::answered_before(const Flight& flight, Timestamp now) const {
  if (flight.request.idempotency_key.empty())
    return std::optional<IngestAnswer>();
  PENSTOCK_ASSIGN(const auto value, runtime_.store.get(table_, idempotency_record_key(flight.request.idempotency_key)));
  if (!value)
    return std::optional<IngestAnswer>();
  PENSTOCK_ASSIGN(StoredAnswer stored, decode_answer(*value));
  if (stored.at.micros + remember_for_.micros <= now.micros)
    return std::optional<IngestAnswer>();
  IngestAnswer answer = std::move(stored.answer);
  answer.log = origin_.id;
  answer.replayed = true;
  if (stored.fingerprint != flight.request.fingerprint) {
    answer = {};
    answer.outcome = IngestAnswer::Outcome::kKeyReused;
  }
  return std::optional(std::move(answer));
}

/// A source that no actor reads says on the status board itself that there is no room.
Status Ingest::look_for_room() {
  Status room = intake_.check();
  if (origin_.type == "http" && paused_.exchange(!room.ok()) == room.ok()) {
    const std::string state = room.ok() ? "live" : "paused";
    runtime_.board.set_state(origin_.id, state, room.message());
    runtime_.monitor.emit(monitoring::ComponentState{origin_, state, room.message()});
  }
  return room;
}

// Of records with the same id in one request the first one counts.
Status Ingest::find_duplicates(Flight& flight, Timestamp now) const {
  flight.fresh = flight.request.records;
  flight.fresh_ids.clear();
  if (!id_column_)
    return ok();
  Selection rows;
  std::unordered_set<std::string_view> seen;
  for (size_t i = 0; i < flight.ids.size(); ++i) {
    const std::string& id = flight.ids[i];
    if (!id.empty() && !seen.insert(id).second)
      continue;
    if (!id.empty()) {
      PENSTOCK_ASSIGN(const auto value, runtime_.store.get(table_, id));
      PENSTOCK_ASSIGN(const Timestamp at, value ? decode_seen(*value) : Result<Timestamp>(Timestamp{INT64_MIN / 2}));
      if (at.micros + remember_for_.micros > now.micros)
        continue;
      flight.fresh_ids.push_back(id);
    }
    rows.push_back(static_cast<uint32_t>(flight.request.records->row(i)));
  }
  flight.answer.duplicates = flight.ids.size() - rows.size();
  if (flight.answer.duplicates > 0)
    flight.fresh = flight.request.records->select(std::move(rows));
  return ok();
}

void Ingest::append(Flight& flight, Timestamp now, WriteBatch& write) {
  IngestAnswer& answer = flight.answer;
  answer.accepted = flight.fresh->rows();
  flight.parts.clear();
  flight.appends.clear();
  for (size_t from = 0; from < flight.fresh->rows(); from += kMostRows) {
    const BatchPtr slice = flight.fresh->slice(from, std::min(kMostRows, flight.fresh->rows() - from));
    for (LogAppender::Part& part : appender_.append(slice, now, write)) {
      auto place = std::find_if(answer.places.begin(), answer.places.end(),
                                [&](const auto& known) { return known.partition == part.partition; });
      if (place == answer.places.end()) {
        place = answer.places.insert(place, {part.partition, {}, 0});
        flight.appends.push_back(static_cast<uint32_t>(flight.parts.size()));
      }
      place->records += part.batch->rows();
      flight.parts.push_back(std::move(part));
    }
  }
  const std::vector<WrongRecord>& wrong = flight.request.wrong;
  for (size_t from = 0; from < wrong.size(); from += kMostRows) {
    std::vector<std::pair<std::string, Rejected>> rejected;
    for (size_t i = from; i < std::min(wrong.size(), from + kMostRows); ++i) {
      Rejected letter;
      letter.reason = (wrong[i].pointer.empty() ? "" : wrong[i].pointer + ": ") + wrong[i].detail;
      letter.record = wrong[i].record;
      rejected.emplace_back(origin_.id, std::move(letter));
    }
    const BatchPtr letters = dead_letter_batch(runtime_.plan.topology.name, "", rejected, now);
    write.append(kDeadLettersLog, Partition(0), encode_batch(*letters), static_cast<uint32_t>(letters->rows()), now);
  }
}

void Ingest::remember(Flight& flight, Timestamp now, WriteBatch& write) const {
  std::vector<std::string> keys = flight.fresh_ids;
  for (const std::string& id : flight.fresh_ids)
    write.put(table_, id, encode_seen(now));
  if (!flight.request.idempotency_key.empty()) {
    keys.push_back(idempotency_record_key(flight.request.idempotency_key));
    write.put_with_offsets(table_, keys.back(),
                           encode_answer({now, flight.request.fingerprint, flight.answer}, flight.appends));
  }
  if (keys.empty())
    return;
  RememberedAt entry = encode_remembered(now, keys);
  write.put(table_, std::move(entry.key), std::move(entry.value));
}

void Ingest::committed(const FlightPtr& flight, const Committed& committed) {
  if (flight->traces)
    flight->answer.traceparent = flight->traces->committed(committed);
  if (!committed.status.ok())
    return finish(flight, committed.status);
  IngestAnswer& answer = flight->answer;
  for (size_t i = 0; i < answer.places.size(); ++i)
    answer.places[i].first = committed.appended[flight->appends[i]];
  appender_.publish(flight->parts, committed.appended, runtime_.cache);
  if (runtime_.taps.any())
    for (const LogAppender::Part& part : flight->parts)
      runtime_.taps.show(origin_.id, part.batch);
  runtime_.board.add_records(origin_.id, answer.accepted);
  runtime_.monitor.emit(monitoring::BatchReceived{origin_, flight->request.records->rows(), flight->request.bytes});
  runtime_.monitor.emit(monitoring::BatchSent{origin_, answer.accepted, 0});
  if (const Status fault = hit(FaultPoint::kIngestAnswer); !fault.ok())
    return finish(flight, fault);
  finish(flight, answer);
}

void Ingest::finish(const FlightPtr& flight, Result<IngestAnswer> answer) {
  claims_.give_back(flight->claims);
  if (!answer.ok() || answer->outcome != IngestAnswer::Outcome::kTaken)
    return flight->done(std::move(answer));
  if (answer->duplicates > 0 && !answer->replayed)
    runtime_.monitor.emit(monitoring::DuplicatesDropped{origin_, answer->duplicates});
  answer_when_shown(flight, std::move(*answer));
}

void Ingest::answer_when_shown(const FlightPtr& flight, IngestAnswer answer) {
  std::vector<std::pair<Partition, Offset>> next;
  for (const IngestAnswer::Place& place : answer.places)
    next.emplace_back(place.partition, place.first.next(place.records));
  const int64_t deadline = runtime_.clock.monotonic_nanos() + kShownWithin;
  runtime_.freshness.wait(origin_.id, std::move(next), deadline,
                          [done = flight->done, answer = std::move(answer)] { done(answer); });
}

}  // namespace penstock
