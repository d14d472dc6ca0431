// Stage `sessionize`: keeps a document for each session, and hands it on when the session is over.
//
// A session is a run of events of one id of which none is `timeout` or more away from the next; its document is of all its
// events, in whatever order they arrived. It is over when the watermark has passed its last event by `timeout`: it then goes to the
// main output, and its state is freed. An event that belongs to no open session and is itself `timeout` or more behind the
// watermark is late; it goes to the output `late`, or, with `late: reopen`, reopens the session that it belongs to, if that was
// closed less than `reopen_within` ago (by the watermark). A reopened session closes again, as the next version of its document.
//
// The watermark moves at an epoch's end, when all that the epoch read has arrived. So only events that are later than `allowed_lateness`
// can fare otherwise with other epochs, such as after a crash; for all others the outcome is the same at any number of workers.
//
// The output `updates` has, for each epoch, the documents that changed in it; the view has an id's latest open session.
//
//   table key   := append_key of the session's id        table value: session.h
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/aggregators/event_time.h"
#include "actors/aggregators/keyed_process.h"
#include "actors/aggregators/session.h"
#include "actors/aggregators/watermark.h"
#include "sql/aggregate.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct SessionizePlan {
  struct Collect {
    sql::Expression value;
    bool distinct;
    size_t limit;
  };
  size_t session = 0;  // column of the input
  EventTime time;
  int64_t timeout = 0;               // microseconds, positive
  std::optional<int64_t> kept = {};  // how long a closed session can be reopened; nothing: not at all
  std::vector<sql::Expression> first = {};
  SchemaPtr first_schema = {};
  std::vector<Collect> collect = {};
  std::vector<std::pair<std::string, sql::AggregateCall>> aggregates = {};
  SchemaPtr schema =
      {};  // of the document: id, first, is_active, session_start, last_update, lists, aggregates, version
};

class Sessionize final : public KeyedProcess<Sessions> {
 public:
  /// `clock` outlives it.
  Sessionize(SessionizePlan plan, const Clock& clock);

  Status open(StoredKeys stored, MemoryShare share) override;
  Status process(const BatchPtr& batch, StageOutput& out) override;
  void on_progress(uint32_t sender, const EventProgressPtr& progress) override { watermark_.observe(sender, progress); }
  const Watermark* watermark() const override { return &watermark_; }
  Status end_epoch(StageOutput& out) override;
  bool waits_for_time() const override { return watermark_.waits_for_time() && states_.waits(); }

 private:
  struct Values {    // of a batch
    BatchPtr first;  // null if there are none
    std::vector<ColumnPtr> collect;
    std::vector<sql::AggregateInput> aggregates;
  };
  struct Group {  // the aggregates of a session that the batch at hand adds to
    uint32_t slot;
    uint32_t into;  // itself, or the group that it was merged with
    std::string before;
  };

  Status append_row(std::string_view key, const Sessions& sessions, BatchBuilder& rows) const override;
  Status append_document(std::string_view key, const Session& session, BatchBuilder& rows) const;
  Values evaluate(const RecordBatch& batch, std::vector<sql::RowError>& errors) const;
  /// Takes up the watermark, and closes what is over by it.
  Status close_due(StageOutput& out);
  /// The session that the event joins, opens or reopens; null if it is late.
  Session* session_of(uint32_t slot, int64_t at);
  /// Gives the session's aggregates a number in the batch at hand.
  void join_batch(Session& session, uint32_t slot);
  void merge(Session& into, Session&& other, uint32_t slot);
  uint32_t group_of(uint32_t group) const;
  void take_in(Session& session, const Values& values, size_t row, int64_t at) const;
  Status aggregate(const BatchPtr& batch, const Values& values, std::vector<uint32_t>& groups, StageOutput& out);

  const SessionizePlan plan_;
  Watermark watermark_;
  int64_t time_ = INT64_MIN;  // the watermark as of the end of the last epoch
  BatchKeys batch_keys_;
  std::vector<Group> groups_;                                      // of the batch at hand
  std::vector<std::unique_ptr<sql::AggregateStates>> aggregates_;  // of these groups
  BatchBuilder closed_;
};

topology::ComponentType sessionize_type();
Result<std::unique_ptr<Aggregator>> make_sessionize(const MakeContext& context);

}  // namespace penstock
