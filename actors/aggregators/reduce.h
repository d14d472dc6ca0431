// Aggregator `reduce`: groups rows by key columns and keeps aggregates of each group. Its result is a view: one row a
// group, the key columns and then the aggregates. Without key columns all rows are one group.
//
// Threads and life as in aggregator.h. Each epoch's changed groups go downstream as whole rows, which replace earlier
// rows with the same key.
//
// Groups that memory has no room for are in the table alone (resident_keys.h); a row of such a group fetches it.
//
// A row for which an aggregate's argument cannot be computed is rejected and counts nowhere; a row whose value would
// take an integer sum out of range is rejected too, and is missing from that sum alone.
//
//   table key   := append_key of the key columns (messages/key.h), or 0x00 if there are none
//   table value := version:u8 (1)  state*      one a aggregate, as sql::AggregateStates::encode writes it
#pragma once

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "actors/aggregators/recomputed.h"
#include "actors/aggregators/resident_keys.h"
#include "sql/aggregate.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct ReducePlan {
  struct Aggregate {
    std::string name;
    sql::AggregateCall call;
  };
  std::vector<size_t> group_by;  // columns of the input
  std::vector<Aggregate> aggregates;
  SchemaPtr schema;  // of the view
};

class Reduce final : public Aggregator, public Recomputed {
 public:
  explicit Reduce(ReducePlan plan);

  Status open(StoredKeys stored, MemoryShare share) override;
  Status process(const BatchPtr& batch, StageOutput& out) override;
  Status restore(std::string_view key, std::string_view value) override;
  Status end_epoch(StageOutput& out) override;
  void committed(uint64_t epochs) override { keys_.committed(epochs); }
  Result<BatchPtr> lookup(const std::vector<std::string>& key) const override;
  Result<BatchPtr> read_all(size_t limit) const override;
  size_t keys() const override;
  size_t memory() const override;
  uint64_t changes() const override { return changes_; }
  std::string table() const override { return table_; }

  void begin_era(const std::string& run) override;
  void drop_era() override;
  const std::string& era() const override { return era_run_; }
  Status merge_entries(std::string& earlier, std::string_view later) override;
  size_t held() const override;
  Status land(const std::string& table, StageOutput& out) override;
  Result<EntryComparison> compare(const std::string& table, uint64_t slice, uint64_t slices) override;

  /// Bytes of memory that a group takes, about, beside its key.
  static size_t bytes_a_group(const ReducePlan& plan);

 private:
  static constexpr char kVersion = 1;

  std::vector<sql::AggregateInput> evaluate(const RecordBatch& batch, std::vector<sql::RowError>& errors) const;
  /// Rows whose keys are too long to be stored.
  std::vector<sql::RowError> encode_keys(const RecordBatch& batch);
  std::string_view key_of_row(size_t i) const {
    return std::string_view(key_bytes_).substr(key_ends_[i], key_ends_[i + 1] - key_ends_[i]);
  }
  /// The groups of the batch at hand that are in the table alone.
  Result<ResidentKeys::Entries> fetch_missing() const;
  void spill();
  // Requires of each: the lock is held.
  void find_groups();
  void resize_states();
  void measure(uint32_t group);
  Status append_row(uint32_t group, BatchBuilder& builder) const;
  Status decode_row(std::string_view key, std::string_view value, BatchBuilder& builder) const;
  std::string encode_states(uint32_t group) const;
  /// The present entry of a key that is in memory or in the table; empty if there is none.
  Result<std::string> entry_of(std::string_view key) const;
  Result<std::string> row_text(std::string_view key, std::string_view entry) const;

  ReducePlan plan_;
  mutable std::shared_mutex mutex_;
  std::atomic<uint64_t> changes_ = 1;
  ResidentKeys keys_;  // a slot is a group
  std::vector<std::unique_ptr<sql::AggregateStates>> states_;
  std::string table_;            // that it was opened with
  std::unique_ptr<Reduce> era_;  // what came since it began, of all keys; null: there is none
  std::string era_run_;
  std::unique_ptr<Reduce> scratch_;  // one group, to merge in

  // Of the batch at hand; kept for their memory.
  std::string key_bytes_;
  std::vector<size_t> key_ends_;
  std::vector<uint64_t> hashes_;
  std::vector<uint32_t> groups_;
};

topology::ComponentType reduce_type();
Result<std::unique_ptr<Aggregator>> make_reduce(const MakeContext& context);

}  // namespace penstock
