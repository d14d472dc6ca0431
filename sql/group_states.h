// How states are held: a vector of small ones (ArrayStates), or of pointers to large ones, which a group without values has
// none of (BoxedStates). Internal to the room.
#pragma once

#include <memory>
#include <vector>

#include "sql/aggregate_states.h"

namespace penstock::sql {

template <class State>
class ArrayStates : public AggregateStates {
 public:
  void resize(size_t groups) override { states_.resize(groups); }
  size_t groups() const override { return states_.size(); }
  void clear(size_t group) override { states_[group] = State(); }
  size_t memory() const override { return states_.capacity() * sizeof(State); }
  size_t memory(size_t) const override { return sizeof(State); }

 protected:
  std::vector<State> states_;
};

/// Requires: State has a default constructor and `size_t memory() const`, the bytes beside itself.
template <class State>
class BoxedStates : public AggregateStates {
 public:
  void resize(size_t groups) override { states_.resize(groups); }
  size_t groups() const override { return states_.size(); }
  void clear(size_t group) override { states_[group].reset(); }
  size_t memory() const override {
    size_t total = (states_.capacity() - states_.size()) * sizeof(states_[0]);
    for (size_t group = 0; group < states_.size(); ++group)
      total += memory(group);
    return total;
  }
  size_t memory(size_t group) const override {
    return sizeof(states_[0]) + (states_[group] ? sizeof(State) + states_[group]->memory() : 0);
  }

 protected:
  /// Null while the group has no value.
  const State* find(size_t group) const { return states_[group].get(); }
  State& at(size_t group) {
    if (!states_[group])
      states_[group] = std::make_unique<State>();
    return *states_[group];
  }

 private:
  std::vector<std::unique_ptr<State>> states_;
};

}  // namespace penstock::sql
