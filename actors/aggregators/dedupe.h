// Stage `dedupe`: lets the first record of a key pass, and hands those like it to the output `duplicates`.
//
// With `within` and `time` a record is a duplicate if a record of its key has passed whose time is less than `within` from
// its own, before or after. That is exact for whatever comes before the watermark has passed its time by `within`; what
// comes later still goes to the output `late`, since nobody can tell any more. Without `within` a key passes once for ever, or,
// with `retain`, once in that time by the node's clock.
//
//   table key   := append_key of the key columns
//   table value := version:u8 (1) { at:i64 forget:i64 }*      of the records that passed; int64 max: never
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/aggregators/event_time.h"
#include "actors/aggregators/keyed_process.h"
#include "actors/aggregators/watermark.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct DedupePlan {
  std::vector<size_t> key;
  EventTime time;                  // with `within`
  std::optional<Duration> within;  // or
  std::optional<Duration> retain;
};

/// What has passed of a key.
struct Passed {
  struct Record {
    int64_t at;
    int64_t forget;  // when it is of no use any more
  };
  std::vector<Record> records;

  bool empty() const { return records.empty(); }
  std::optional<int64_t> due() const;
  size_t memory() const { return records.capacity() * sizeof(Record); }
  void encode(std::string& out) const;
  static Result<Passed> decode(std::string_view bytes);
};

class Dedupe final : public KeyedProcess<Passed> {
 public:
  /// `clock` outlives it.
  Dedupe(DedupePlan plan, const Clock& clock);

  Status open(StoredKeys stored, MemoryShare share) override;
  Status process(const BatchPtr& batch, StageOutput& out) override;
  void on_progress(uint32_t sender, const EventProgressPtr& progress) override { watermark_.observe(sender, progress); }
  const Watermark* watermark() const override { return &watermark_; }
  Status end_epoch(StageOutput& out) override;

 private:
  Status append_row(std::string_view, const Passed&, BatchBuilder&) const override { return ok(); }
  /// What is of no use any more at that time.
  Status forget(int64_t time);
  /// Whether a record of that time is a duplicate; if not, it is noted.
  bool seen(Passed& passed, int64_t at) const;

  const DedupePlan plan_;
  const Clock& clock_;
  Watermark watermark_;
  int64_t time_ = INT64_MIN;  // the watermark as of the end of the last epoch
  BatchKeys batch_keys_;
};

topology::ComponentType dedupe_type();
Result<std::unique_ptr<Aggregator>> make_dedupe(const MakeContext& context);

}  // namespace penstock
