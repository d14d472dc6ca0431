// The panes or sessions of each group, as a stage `window` holds them: by group a list in the order of time, for each of its
// members (a slot) the aggregates of its rows. Groups are numbered by the caller. A plain value; one thread changes it.
//
// A slot is a pane with rows, or a session. What was due by the watermark of the last close is gone, and stays away. Windows that
// overlap are put together as window_runs.h says; the runs are in memory only, and made anew when they are missing.
//
//   table key   := group begin:u64 (big-endian, sign bit flipped)      group: as reduce.h has it
//   table value := version:u8 (1)  end:i64  state*                     end: of a pane, or the time of a session's last row
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/aggregators/window_plan.h"
#include "actors/aggregators/window_runs.h"
#include "core/status.h"
#include "storage/store.h"

namespace penstock {

class WindowGroups {
 public:
  static constexpr uint32_t kNone = ~0U;
  static constexpr uint32_t kLate = 0;  // a slot that takes rows that count nowhere
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  static constexpr size_t kBeginBytes = 8;

  /// `plan` outlives it.
  explicit WindowGroups(const WindowPlan& plan);

  void resize(size_t groups) {
    if (groups > groups_.size())
      groups_.resize(groups);
  }
  size_t size() const { return groups_.size(); }
  /// All windows that are due by then are closed; of each group close() has told. Never falls.
  void set_closed(int64_t watermark);
  int64_t closed() const { return closed_; }

  /// The slot that a row of that time belongs to, or kLate. `flush` is called before two sessions become one: the rows placed
  /// so far must have been taken in by then. Requires: group < the size.
  uint32_t place(uint32_t group, int64_t time, const std::function<void()>& flush);
  /// Takes rows in, row i into slot_of_row[i], and forgets what went into kLate. Errors: as AggregateStates::update.
  std::vector<sql::RowError> update(size_t aggregate, const sql::AggregateInput& input,
                                    std::span<const uint32_t> slot_of_row);
  /// Whether joining sessions has lost a sum that left int64 since the last call.
  bool take_overflow() { return std::exchange(overflowed_, false); }

  /// Takes up an entry of the table, unless it is closed. Errors: data_loss.
  Status restore(uint32_t group, int64_t begin, std::string_view value);
  /// When the group's oldest window is due; kNever: it has none.
  int64_t due(uint32_t group) const;
  bool empty(uint32_t group) const { return groups_[group].oldest == kNone; }

  /// A window with rows: `slot` holds its aggregates until the next call.
  using Emit = std::function<Status(int64_t begin, int64_t end, uint32_t slot)>;
  /// Emits, in order, the windows that have fallen due by `watermark`, and drops the slots that are in no later one; `drop` gets
  /// those that are in the table.
  Status close(uint32_t group, int64_t watermark, const Emit& emit, const std::function<void(int64_t begin)>& drop);
  /// The open windows of the group, in order; `all` false: only those with a slot that has changed since the last such call.
  Status each_open(uint32_t group, bool all, const Emit& emit);
  /// Copies the group's slots into the first group of `other`, which must be empty. Any thread, while nobody changes this.
  Status copy_to(uint32_t group, WindowGroups& other) const;
  /// Forgets the group's slots.
  void clear(uint32_t group);

  /// What has changed in the group since the last call, as the table has it; `group_key` begins its keys.
  void changes(uint32_t group, std::string_view group_key, Delta& out);
  static std::string table_key(std::string_view group_key, int64_t begin);
  /// The begin that `bytes` end with.
  static int64_t begin_of(std::string_view bytes);
  static void append_begin(int64_t begin, std::string& out);

  /// Null for an integer sum of a window that does not fit int64.
  void append_result(size_t aggregate, uint32_t slot, ColumnBuilder& out) const {
    if (slot != kLate || !lost_[aggregate])
      states_[aggregate]->append_result(slot, out);
    else if (totals_[aggregate])
      out.append_int64(*totals_[aggregate]);
    else
      out.append_null();
  }
  /// How many times a slot was merged into another: what putting windows together has cost.
  uint64_t merges() const { return merges_; }
  /// Bytes of the group's slots and runs, as of the last changes() or restore().
  size_t memory(uint32_t group) const { return groups_[group].bytes; }
  static size_t bytes_a_slot(const WindowPlan& plan);

 private:
  struct Slot {
    int64_t begin = 0;
    int64_t end = 0;  // of a pane; of a session the time of its last row
    int64_t stored_begin = 0;
    uint32_t older = kNone;
    uint32_t newer = kNone;
    uint32_t bytes = 0;
    bool stored = false;   // in the table, under stored_begin
    bool changed = false;  // since changes()
    bool shown = true;     // no change since each_open()
    bool lost = false;     // of a run: an integer sum left int64
  };
  struct Group {
    uint32_t oldest = kNone;
    uint32_t newest = kNone;
    std::vector<int64_t> gone = {};  // begins of slots in the table that are joined to others
    size_t bytes = 0;
    std::unique_ptr<WindowRuns> runs = nullptr;  // of the windows that are next to close; null: none were worth it
  };

  uint32_t mark(Group& group, uint32_t slot) {
    slots_[slot].changed = true;
    slots_[slot].shown = false;
    if (group.runs)
      drop_runs_of(group, slots_[slot].begin);
    return slot;
  }
  uint32_t new_slot();
  void free_slot(Group& group, uint32_t slot);
  uint32_t insert(Group& group, int64_t begin, int64_t end, uint32_t older, uint32_t newer);
  void remove(Group& group, uint32_t slot);
  uint32_t place_session(Group& group, int64_t time, const std::function<void()>& flush);
  std::string encode(uint32_t slot) const;
  uint32_t join(Group& group, uint32_t into, uint32_t slot);
  Status each_open_aligned(Group& group, bool all, const Emit& emit);
  void measure(Group& group, uint32_t slot);
  void resize_states();
  /// False if an aggregate did not fit; adds up in lost_ which ones.
  bool merge(uint32_t into, uint32_t slot);
  void clear_result();

  // Putting a window together: each gives the slot with the aggregates of the panes from `first` on that begin before `end`.
  uint32_t combine(Group& group, std::unique_ptr<WindowRuns>& runs, uint32_t first, int64_t end);
  uint32_t fold(uint32_t first, int64_t end);
  uint32_t try_out(WindowRuns& runs, uint32_t first, int64_t end);
  void add_up_lost(uint32_t first, int64_t end);
  bool is_worth_runs(uint32_t first, int64_t end) const;
  /// Of the panes before the cut; of those from the cut on, or kNone.
  uint32_t front_run(Group& group, WindowRuns& runs, uint32_t first);
  uint32_t back_run(Group& group, WindowRuns& runs, uint32_t first, int64_t end);
  void make_front(Group& group, WindowRuns& runs, uint32_t first);
  /// Adds a pane or run behind what the run has.
  void extend(uint32_t run, uint32_t slot);
  void pop(Group& group, std::vector<WindowRuns::Run>& runs);
  void drop_runs(Group& group, WindowRuns& runs);
  void drop_runs_of(Group& group, int64_t begin);

  const WindowPlan& plan_;
  std::vector<Group> groups_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  std::vector<std::unique_ptr<sql::AggregateStates>> states_;  // by aggregate; by slot
  int64_t closed_ = -2 * WindowPlan::kFurthest;
  int64_t open_from_ = closed_;  // start of the first open window
  bool overflowed_ = false;
  std::vector<bool> lost_;                      // by aggregate: left out by the last merges
  std::vector<std::optional<int64_t>> totals_;  // by aggregate that is lost: the sum, if it fits after all
  uint64_t merges_ = 0;
  std::string bytes_;  // of the state at hand; kept for its memory
};

}  // namespace penstock
