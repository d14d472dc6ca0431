// What the operators over KeyedStates share as aggregators: life, view, memory. An operator adds process() and end_epoch().
#pragma once

#include <atomic>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "actors/aggregators/aggregator.h"
#include "actors/aggregators/keyed_states.h"
#include "actors/aggregators/view_key.h"

namespace penstock {

/// `a + b`, or the nearest time there is.
inline int64_t saturating_add(int64_t a, int64_t b) {
  int64_t out;
  return !__builtin_add_overflow(a, b, &out) ? out : b < 0 ? INT64_MIN : INT64_MAX;
}

template <class State>
class KeyedProcess : public Aggregator {
 public:
  /// `view`: the schema of its view's rows; `key`: the columns that these are found by, of the type of the keys.
  KeyedProcess(SchemaPtr view, std::vector<Field> key) : view_(std::move(view)), key_(std::move(key)) {}

  Status open(StoredKeys stored, MemoryShare share) override {
    return states_.open(std::move(stored), std::move(share));
  }
  Status restore(std::string_view key, std::string_view value) override { return states_.restore(key, value); }
  void committed(uint64_t epochs) override { states_.committed(epochs); }
  Result<BatchPtr> lookup(const std::vector<std::string>& key) const override {
    PENSTOCK_ASSIGN(const std::string bytes, parse_key(key_, key));
    BatchBuilder rows(view_);
    PENSTOCK_TRY(states_.look(bytes, [&](const State& state) { return append_row(bytes, state, rows); }));
    return rows.rows() == 0 ? BatchPtr() : rows.finish();
  }
  Result<BatchPtr> read_all(size_t limit) const override {
    BatchBuilder rows(view_);
    PENSTOCK_TRY(
        states_.visit([&](std::string_view bytes, const State& state) { return append_row(bytes, state, rows); },
                      [&] { return rows.rows() >= limit; }));
    return rows.finish();
  }
  uint64_t changes() const override { return changes_; }
  size_t keys() const override { return states_.size(); }
  size_t memory() const override { return states_.memory(); }

 protected:
  /// Appends the view's row for the state, or nothing if it has none. Any thread. Errors: data_loss.
  virtual Status append_row(std::string_view key, const State& state, BatchBuilder& rows) const = 0;

  const SchemaPtr view_;
  const std::vector<Field> key_;
  KeyedStates<State> states_;
  std::atomic<uint64_t> changes_ = 1;  // grows when the view may have changed
};

}  // namespace penstock
