// Keyed state with timers: a value of type State for each key, in memory as far as the share goes and in the aggregator's
// table beyond (resident_keys.h), and when each is to be looked at again (key_timers.h). What an operator adds is what a
// row, or the time, does to one State.
//
//   struct State {
//     bool empty() const;                                // nothing is left of the key: it goes from the table
//     std::optional<int64_t> due() const;                // when it is to be looked at again, on the owner's axis of time
//     size_t memory() const;                             // bytes beside sizeof(State)
//     void encode(std::string& out) const;               // the table's value; begins with a version
//     static Result<State> decode(std::string_view);     // Errors: data_loss
//   };
//
// The table's other keys begin with 0xfe (timers) and 0xff (watermark.h).
//
// One thread changes it, and then holds lock(); `look` and `visit` may be called by any thread, without it. A batch goes like
// this: fetch() its keys; lock; take() each key's slot; change the state; changed(slot).
#pragma once

#include <deque>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "actors/aggregators/batch_keys.h"
#include "actors/aggregators/key_timers.h"
#include "actors/aggregators/resident_keys.h"
#include "messages/key.h"

namespace penstock {

template <class State>
class KeyedStates {
 public:
  /// As Aggregator::open.
  Status open(StoredKeys stored, MemoryShare share) {
    opened_ = true;
    PENSTOCK_TRY(timers_.open(stored));
    const auto take = [this](std::string_view key, std::string_view value) { return restore(key, value); };
    const auto pass = [this, &stored](std::string_view key, std::string_view value) -> Status {
      if (is_other(key))
        return ok();
      PENSTOCK_ASSIGN(const State state, State::decode(value));
      return state.due() ? timers_.leave_at_start(key, *state.due(), stored) : ok();
    };
    return keys_.open(stored, std::move(share), take, pass);
  }
  /// As Aggregator::restore; other keys are passed over.
  Status restore(std::string_view key, std::string_view value) {
    if (is_other(key))
      return ok();
    PENSTOCK_ASSIGN(State state, State::decode(value));
    const auto held = lock();
    const uint32_t slot = insert(key, hash_key(key));
    states_[slot] = std::move(state);
    settle(slot);
    return ok();
  }

  /// Brings those of the keys into memory that are in the table alone. Errors: of the store; data_loss.
  Status fetch(const BatchKeys& keys) {
    std::vector<std::string_view> missing;
    for (size_t i = 0; !keys_.complete() && i < keys.size(); ++i)
      if (!keys_.index().find(keys.key(i), keys.hash(i)))
        missing.push_back(keys.key(i));
    return fetch(std::move(missing));
  }

  std::unique_lock<std::shared_mutex> lock() const { return std::unique_lock(mutex_); }

  // Requires of these: lock() is held.
  /// The key's slot; its state is empty if it is new. Requires: fetch() was called for it. Followed by changed().
  uint32_t take(std::string_view key, uint64_t hash) {
    const uint32_t slot = insert(key, hash);
    keys_.touch(slot);
    return slot;
  }
  State& operator[](uint32_t slot) { return states_[slot]; }
  std::string_view key(uint32_t slot) const { return keys_.index().key(slot); }
  /// The slots taken in this epoch.
  const std::vector<uint32_t>& touched() const { return keys_.touched(); }
  /// The slot's state has changed.
  void changed(uint32_t slot) { timers_.set(slot, states_[slot].due()); }

  /// The slots whose state is due at `now`, as taken, in order of time and key. Followed by changed() for each; what is not
  /// moved on is due again at once. Errors: of the store; data_loss.
  Result<std::vector<uint32_t>> take_due(int64_t now) {
    if (const auto next = timers_.next(); !next || *next > now)
      return std::vector<uint32_t>();
    PENSTOCK_TRY(fetch_due(now));
    const auto held = lock();
    std::vector<uint32_t> slots = timers_.take_due(now);
    std::sort(slots.begin(), slots.end(), [this](uint32_t a, uint32_t b) {
      const int64_t left = *states_[a].due(), right = *states_[b].due();
      return left != right ? left < right : key(a) < key(b);
    });
    for (const uint32_t slot : slots)
      keys_.touch(slot);
    return slots;
  }

  /// Adds what this epoch changed to `changes`, and leaves keys to the table where memory is short.
  void end_epoch(Delta& changes) {
    for (const uint32_t slot : keys_.touched()) {
      std::optional<std::string> value;
      if (states_[slot].empty())
        gone_.emplace_back(epoch_, slot);
      else
        states_[slot].encode(value.emplace());
      changes.emplace_back(std::string(key(slot)), std::move(value));
      measure(slot);
    }
    timers_.append_changes(changes);
    keys_.end_epoch();
    spill(changes);
    timers_.end_epoch();
    ++epoch_;
    keys_.report();
  }
  /// As Aggregator::committed.
  void committed(uint64_t epochs) {
    keys_.committed(epochs);
    timers_.committed(epochs);
    if (gone_.empty() || gone_.front().first > epochs)
      return;
    const auto held = lock();
    for (; !gone_.empty() && gone_.front().first <= epochs; gone_.pop_front())
      if (const auto [epoch, slot] = gone_.front(); keys_.touched_at(slot) == epoch)  // nothing has come since
        keys_.forget(slot);
  }

  /// Whether time may bring something about.
  bool waits() const { return timers_.next().has_value(); }

  /// Calls `show` with the key's state, if there is one. Errors: of the store, of `show`; data_loss.
  template <class Show>
  Status look(std::string_view key, Show&& show) const {
    {
      const std::shared_lock held(mutex_);
      if (const auto slot = keys_.index().find(key, hash_key(key)))
        return states_[*slot].empty() ? ok() : show(states_[*slot]);
      if (!keys_.may_be_stored(key))
        return ok();
    }
    PENSTOCK_ASSIGN(const auto value, keys_.stored().get(key));
    if (!value)
      return ok();
    PENSTOCK_ASSIGN(const State state, State::decode(*value));
    return show(state);
  }
  /// Calls `show` with each key and its state, in no order, until `enough()`. Errors: as look().
  template <class Show, class Enough>
  Status visit(Show&& show, Enough&& enough) const {
    std::unordered_set<std::string> shown;
    bool complete = true;
    {
      const std::shared_lock held(mutex_);
      complete = keys_.complete();
      for (uint32_t slot = 0; slot < keys_.slots() && !enough(); ++slot) {
        if (!keys_.index().has(slot))
          continue;
        if (!states_[slot].empty())
          PENSTOCK_TRY(show(key(slot), states_[slot]));
        if (!complete)
          shown.emplace(key(slot));
      }
    }
    if (complete || enough())
      return ok();
    Status status;
    PENSTOCK_TRY(keys_.stored().scan([&](std::string_view key, std::string_view value) {
      if (!is_other(key) && !shown.contains(std::string(key))) {
        const Result<State> state = State::decode(value);
        status = state.ok() ? show(key, *state) : state.status();
      }
      return status.ok() && !enough();
    }));
    return status;
  }
  size_t size() const {
    return with_lock([this] { return keys_.size(); });
  }
  size_t memory() const {
    return with_lock([this] { return keys_.memory(); });
  }

 private:
  static bool is_other(std::string_view key) { return !key.empty() && static_cast<uint8_t>(key[0]) >= 0xfe; }

  template <class F>
  size_t with_lock(F&& f) const {
    const std::shared_lock held(mutex_);
    return f();
  }
  uint32_t insert(std::string_view key, uint64_t hash) {
    const uint32_t slot = keys_.insert(key, hash);
    if (slot >= states_.size())
      states_.resize(slot + 1);
    return slot;
  }
  void settle(uint32_t slot) {
    changed(slot);
    measure(slot);
  }
  void measure(uint32_t slot) {
    keys_.set_bytes(slot, sizeof(State) + KeyTimers::kBytesASlot + states_[slot].memory());
  }
  Status fetch(std::vector<std::string_view> missing) {
    PENSTOCK_ASSIGN(const ResidentKeys::Entries entries, keys_.fetch_missing(std::move(missing)));
    for (const auto& [key, value] : entries)
      PENSTOCK_TRY(restore(key, value));
    return ok();
  }
  // A timer in the table may be older than its key's state: then there is nothing to do yet, or the key is gone.
  Status fetch_due(int64_t now) {
    if (!opened_)
      return ok();
    PENSTOCK_ASSIGN(const std::vector<std::string> keys, timers_.take_due_keys(now, keys_.stored()));
    std::vector<std::string_view> missing;
    for (const std::string& key : keys)
      if (!keys_.index().find(key, hash_key(key)))
        missing.push_back(key);
    return fetch(std::move(missing));
  }
  void spill(Delta& changes) {
    constexpr size_t kKeysALock = 512;  // a reader waits for no more
    const std::vector<uint32_t> cold = keys_.to_spill();
    for (size_t from = 0; from < cold.size(); from += kKeysALock) {
      const auto held = lock();
      for (size_t i = from; i < std::min(cold.size(), from + kKeysALock); ++i) {
        if (const auto due = states_[cold[i]].due())
          timers_.leave(key(cold[i]), *due, changes);
        timers_.set(cold[i], std::nullopt);
        states_[cold[i]] = State();
        keys_.erase(cold[i]);
      }
    }
  }

  mutable std::shared_mutex mutex_;
  ResidentKeys keys_;
  std::vector<State> states_;  // by slot
  KeyTimers timers_;
  std::deque<std::pair<uint64_t, uint32_t>> gone_;  // keys without state: the epoch that says so, and the slot
  uint64_t epoch_ = 1;
  bool opened_ = false;  // else all is in memory
};

}  // namespace penstock
