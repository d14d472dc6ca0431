// Aggregator `window`: aggregates of each group in each window of event time (window_plan.h), one row a group and window,
// handed on once the watermark has passed the window's end. Rows whose every window is closed go to the output `late`.
//
// As a view it shows the windows that are open, with what they have so far, and those closed for as long as `retain` says; key
// are the group and window_start. With early results it also hands on, every so often, the open windows that have changed: rows
// with `final` false, which later ones replace.
//
// Threads and life as in aggregator.h. Groups that memory has no room for are in the table alone (resident_keys.h), with all
// their windows; when windows fall due the table is read through for those of them.
//
//   table key   := as window_groups.h has it                 a pane or session
//                | 0xfd begin:u64 group                      a closed window's row (begin as there)
//                | 0xff ...                                  the watermark (watermark.h)
//   table value := as window_groups.h has it  |  version:u8 (1)  append_key of the columns behind group_by  |  ...
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "actors/aggregators/resident_keys.h"
#include "actors/aggregators/watermark.h"
#include "actors/aggregators/window_groups.h"
#include "actors/aggregators/window_plan.h"

namespace penstock {

struct MakeContext;

class Window final : public Aggregator {
 public:
  /// `clock` outlives it.
  Window(WindowPlan plan, const Clock& clock);

  Status open(StoredKeys stored, MemoryShare share) override;
  Status process(const BatchPtr& batch, StageOutput& out) override;
  Status restore(std::string_view key, std::string_view value) override;
  void on_progress(uint32_t sender, const EventProgressPtr& progress) override { watermark_.observe(sender, progress); }
  const Watermark* watermark() const override { return &watermark_; }
  Status end_epoch(StageOutput& out) override;
  bool waits_for_time() const override;
  void committed(uint64_t epochs) override;
  Result<BatchPtr> lookup(const std::vector<std::string>& key) const override;
  Result<BatchPtr> read_all(size_t limit) const override;
  size_t keys() const override;
  size_t memory() const override;
  uint64_t changes() const override { return changes_; }

  static constexpr const char* kLateOutput = "late";

 private:
  static constexpr char kVersion = 1;
  static constexpr char kClosedRow = '\xfd';
  struct Recent {  // a closed window's row that may not be committed yet
    std::string value;
    uint64_t epoch;
  };
  struct Due {
    int64_t at;
    uint32_t group;
    bool operator<(const Due& other) const { return at > other.at; }
  };

  // Of a batch.
  std::vector<sql::AggregateInput> evaluate(const RecordBatch& batch, std::vector<sql::RowError>& errors) const;
  std::vector<sql::RowError> wrong_times(const RecordBatch& batch) const;
  std::vector<sql::RowError> encode_keys(const RecordBatch& batch);
  BatchPtr set_aside(const BatchPtr& batch, std::vector<sql::AggregateInput>& inputs, std::vector<Rejected>& rejected);
  std::string_view key_of_row(size_t i) const {
    return std::string_view(key_bytes_).substr(key_ends_[i], key_ends_[i + 1] - key_ends_[i]);
  }
  Status fetch_missing();
  std::vector<sql::RowError> place(const RecordBatch& batch, std::vector<sql::AggregateInput>& inputs);
  void hand_out_late(const BatchPtr& batch, StageOutput& out) const;

  // Of an epoch's end.
  Status close(int64_t watermark, Delta& changes, BatchBuilder& rows);
  Status close_aligned(int64_t watermark, Delta& changes, BatchBuilder& rows);
  Status close_sessions(int64_t watermark, Delta& changes, BatchBuilder& rows);
  Status close_group(uint32_t group, int64_t watermark, Delta& changes, BatchBuilder& rows);
  Status close_stored(int64_t watermark, Delta& changes, BatchBuilder& rows);
  Status tell_changes(Delta& changes, BatchBuilder& early);
  Status show_early(BatchBuilder& rows);
  void note_due(uint32_t group);
  void keep_closed(const RecordBatch& rows, Delta& changes);
  Status drop_outlived(Delta& changes);
  void forget_if_empty(uint32_t group);
  void spill();

  Status append_row(std::string_view group_key, int64_t begin, int64_t end, const WindowGroups& of, uint32_t slot,
                    bool final, BatchBuilder& rows) const;
  static BatchPtr by_end(const BatchPtr& rows, size_t end_column);
  static std::string_view routed_part(std::string_view key);

  // Of the view.
  Result<WindowGroups> groups_of(std::string_view group_key) const;
  Status append_open(std::string_view group_key, WindowGroups& of, BatchBuilder& rows, size_t limit) const;
  Status append_closed(std::string_view key, std::string_view value, BatchBuilder& rows) const;

  const WindowPlan plan_;
  const Clock& clock_;
  mutable std::shared_mutex mutex_;
  std::atomic<uint64_t> changes_ = 1;
  Watermark watermark_;
  ResidentKeys keys_;  // a slot is a group
  WindowGroups groups_;
  std::priority_queue<Due> due_;               // of sessions; a group is in it once, and not later than it is due
  std::vector<int64_t> noted_;                 // by group: its place in due_; kNever: none
  int64_t stored_due_ = WindowGroups::kNever;  // of groups in the table alone: not later than the first of them is due
  std::map<std::string, Recent> recent_;       // by table key
  uint64_t epoch_ = 1;
  int64_t early_nanos_ = 0;   // when early results were last handed on
  std::set<uint32_t> early_;  // groups that have changed since

  // Of the batch at hand; kept for their memory.
  std::string key_bytes_;
  std::vector<size_t> key_ends_;
  std::vector<uint64_t> hashes_;
  std::vector<uint32_t> slots_;
};

topology::ComponentType window_type();
Result<std::unique_ptr<Aggregator>> make_window(const MakeContext& context);

}  // namespace penstock
