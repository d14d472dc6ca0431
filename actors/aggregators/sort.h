// Aggregator `sort`: a view of rows in order, of which one worker holds all.
//
// Over an ordinary input it keeps the first `limit` rows there have ever been; over a view, whose rows replace earlier
// ones with the same key, it keeps the newest row of each key and cuts off at `limit` when it is read. Rows that
// compare equal stand in the order of all their columns, so that the result does not depend on the order of arrival.
//
// A view's rows that outgrow their memory move to the table, which then holds them in order, too (stored_order.h); from
// then on, also after a restart, memory holds only what is not committed. An ordinary input's rows stay in memory: its limit
// bounds them.
//
// read_all gives the rows in order; lookup takes a rank, counted from 1. Each epoch's changed rows that are among the
// first `limit` go downstream, in order. Threads and life as in aggregator.h.
//
//   table key   := ordinary input: order row;  view: the view's key (view_key.h)
//   table value := version:u8 (1)  count:u64  row       count: how many such rows; 1 for a view
//   order       := for each column of `by`: its key (messages/key.h), null as 0x02 if nulls come last; turned over (each
//                  byte x as 0xff - x) if descending
//   row         := append_key of all columns
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "actors/aggregators/stored_order.h"
#include "topology/bind_helpers.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct SortPlan {
  std::vector<topology::SortColumn> by;
  uint64_t limit = 0;  // 0: none, for a view only
  bool of_view = false;
  std::vector<size_t> view_key;  // columns
  SchemaPtr schema;
};

/// The order of a row as bytes that sort as `by` says.
void append_order(const RecordBatch& batch, std::span<const topology::SortColumn> by, size_t physical_row,
                  std::string& out);

class Sort final : public Aggregator {
 public:
  explicit Sort(SortPlan plan);

  Status open(StoredKeys stored, MemoryShare share) override;
  Status process(const BatchPtr& batch, StageOutput& out) override;
  Status restore(std::string_view key, std::string_view value) override;
  Status end_epoch(StageOutput& out) override;
  void committed(uint64_t epochs) override { committed_ = epochs; }
  Result<BatchPtr> lookup(const std::vector<std::string>& key) const override;
  Result<BatchPtr> read_all(size_t limit) const override;
  size_t keys() const override;
  size_t memory() const override;
  /// Bytes of memory that a row of so many encoded bytes takes, about.
  static double bytes_a_row(double row, bool of_view);

 private:
  static constexpr char kVersion = 1;
  struct Entry {
    std::string row;
    uint64_t count = 1;
  };
  struct Place {
    std::string place;  // key in rows_, or in the stored order
    uint64_t epoch =
        0;  // the last that asked for it; where the order is in the table, it is known until that is committed
  };
  using Rows = std::map<std::string, Entry, std::less<>>;  // by order and row, or by order and view key

  // Requires of each: the lock is held.
  Status add(const RecordBatch& batch, size_t i, StageOutput& out);
  void insert(std::string place, std::string row, uint64_t count);
  void replace(std::string view_key, std::string place, std::string row);
  void drop_past_limit();
  Status append_row(const Entry& entry, BatchBuilder& builder) const;

  static std::string encode(const Entry& entry);
  Result<Entry> decode(std::string_view value) const;
  Result<std::string> place_of(const Entry& entry, std::string_view view_key) const;
  /// Rows in order, each as often as it counts, until `visit` returns false. Errors: of the store; data_loss.
  Status each_row(const std::function<bool(const Entry&)>& visit) const;
  Status emit_changed(StageOutput& out);
  // Where the order is in the table.
  Status fetch_places(const RecordBatch& batch, size_t from, size_t to);
  bool is_too_large() const;
  void move_to_table(Delta& changes);

  SortPlan plan_;
  std::vector<size_t> all_columns_;
  mutable std::shared_mutex mutex_;
  Rows rows_;
  std::unordered_map<std::string, Place> places_;  // of a view, by its key
  uint64_t count_ = 0;
  size_t bytes_ = 0;  // of rows_ and places_
  std::optional<StoredKeys> stored_;
  std::unique_ptr<StoredOrder> order_in_table_;  // instead of rows_; null: all is in memory
  MemoryShare share_;
  uint64_t epoch_ = 1;
  uint64_t committed_ = 0;
  std::set<std::string> changed_;                      // table keys
  std::set<std::string, std::less<>> changed_places_;  // keys in rows_

  std::string order_;  // of the row at hand; kept for its memory
};

topology::ComponentType sort_type();
Result<std::unique_ptr<Aggregator>> make_sort(const MakeContext& context);

}  // namespace penstock
