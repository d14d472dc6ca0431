// count(distinct x): the set of a group's values.
#include <algorithm>
#include <unordered_set>

#include "sql/aggregate_states.h"

namespace penstock::sql {
namespace {

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

using WordSet = std::unordered_set<int64_t>;
using TextSet = std::unordered_set<std::string, TextHash, std::equal_to<>>;

void add(WordSet& set, int64_t value) { set.insert(value); }
void add(TextSet& set, std::string_view value) {
  if (!set.contains(value))
    set.emplace(value);
}

template <class Set>
class DistinctStates final : public AggregateStates {
 public:
  static constexpr bool kText = std::is_same_v<Set, TextSet>;
  static constexpr uint8_t kKind = kText ? 9 : 8;

  void resize(size_t groups) override { states_.resize(groups); }
  size_t groups() const override { return states_.size(); }
  void clear(size_t group) override { states_[group].reset(); }

  std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) override {
    if constexpr (kText)
      each_value(input, [&](size_t i) { add(set(group_of_row[i]), input.values->string(i)); });
    else
      with_words(*input.values,
                 [&](auto word) { each_value(input, [&](size_t i) { add(set(group_of_row[i]), word(i)); }); });
    return {};
  }

  void append_result(size_t group, ColumnBuilder& out) const override {
    out.append_int64(states_[group] ? static_cast<int64_t>(states_[group]->size()) : 0);
  }

  // Sorted, so that equal states have equal bytes.
  void encode(size_t group, std::string& out) const override {
    put_fixed<uint8_t>(kKind, out);
    std::vector<typename Set::value_type> values;
    if (states_[group])
      values.assign(states_[group]->begin(), states_[group]->end());
    std::sort(values.begin(), values.end());
    put_varint(values.size(), out);
    for (const auto& value : values) {
      if constexpr (kText)
        put_text(value, out);
      else
        put_fixed(value, out);
    }
  }
  Status merge(size_t group, std::string_view& bytes) override {
    StateReader reader(bytes, kKind);
    const uint64_t count = reader.varint();
    for (uint64_t i = 0; i < count && reader.ok(); ++i) {
      if constexpr (kText) {
        const std::string_view text = reader.text();
        if (reader.ok())
          add(set(group), text);
      } else {
        const auto word = reader.template fixed<int64_t>();
        if (reader.ok())
          add(set(group), word);
      }
    }
    return reader.status();
  }

  size_t memory() const override {
    size_t total = (states_.capacity() - states_.size()) * sizeof(states_[0]);
    for (size_t group = 0; group < states_.size(); ++group)
      total += memory(group);
    return total;
  }
  // About 24 bytes of node and 8 of bucket besides the value.
  size_t memory(size_t group) const override {
    const Set* state = states_[group].get();
    return sizeof(states_[0]) + (state ? sizeof(Set) + state->size() * (sizeof(typename Set::value_type) + 32) : 0);
  }

 private:
  Set& set(size_t group) {
    if (!states_[group])
      states_[group] = std::make_unique<Set>();
    return *states_[group];
  }

  std::vector<std::unique_ptr<Set>> states_;
};

}  // namespace

std::unique_ptr<AggregateStates> make_distinct_states(Type type) {
  if (is_text(type))
    return std::make_unique<DistinctStates<TextSet>>();
  return std::make_unique<DistinctStates<WordSet>>();
}

}  // namespace penstock::sql
