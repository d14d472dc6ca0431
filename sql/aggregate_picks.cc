// min and max, first and last: states that keep one value.
#include "sql/aggregate_states.h"

namespace penstock::sql {
namespace {

struct Nothing {};

// How a value is held, by its representation: an integer of the value's order, a text, or nothing.
template <class T>
struct Held;
template <>
struct Held<int64_t> {
  template <class F>
  static void read(const Column* column, F f) {
    with_words(*column, f);
  }
  static void assign(int64_t& to, int64_t from) { to = from; }
  static void put(int64_t value, std::string& out) { put_fixed(value, out); }
  static int64_t take(StateReader& reader) { return reader.fixed<int64_t>(); }
  static void append(int64_t value, ColumnBuilder& out) { append_word(value, out); }
  static size_t memory(int64_t) { return 0; }
};
template <>
struct Held<std::string> {
  template <class F>
  static void read(const Column* column, F f) {
    f([column](size_t i) { return column->string(i); });
  }
  static void assign(std::string& to, std::string_view from) { to.assign(from); }
  static void put(const std::string& value, std::string& out) { put_text(value, out); }
  static std::string_view take(StateReader& reader) { return reader.text(); }
  static void append(const std::string& value, ColumnBuilder& out) { out.append_string(value); }
  static size_t memory(const std::string& value) { return value.capacity(); }
};
template <>
struct Held<Nothing> {
  template <class F>
  static void read(const Column*, F f) {
    f([](size_t) { return Nothing(); });
  }
  static void assign(Nothing&, Nothing) {}
  static void put(Nothing, std::string&) {}
  static Nothing take(StateReader&) { return {}; }
  static size_t memory(Nothing) { return 0; }
};

template <class Value, class Order>
struct Pick {
  Value value{};
  [[no_unique_address]] Order order{};
  bool any = false;
};

// Which of two rows is kept is decided by Policy::replaces(order of the new, order of the kept).
template <class Value, class Order, class Policy>
class PickStates final : public AggregateStates {
 public:
  explicit PickStates(Policy policy) : policy_(policy) {}

  void resize(size_t groups) override { states_.resize(groups); }
  size_t groups() const override { return states_.size(); }
  void clear(size_t group) override { states_[group] = {}; }

  std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) override {
    Held<Value>::read(input.values.get(), [&](auto value) {
      Held<Order>::read(input.order.get(), [&](auto order) {
        each_value(input, [&](size_t i) { offer(states_[group_of_row[i]], value(i), order(i)); });
      });
    });
    return {};
  }

  void append_result(size_t group, ColumnBuilder& out) const override {
    states_[group].any ? Held<Value>::append(states_[group].value, out) : out.append_null();
  }

  void encode(size_t group, std::string& out) const override {
    put_fixed<uint8_t>(policy_.kind, out);
    put_fixed<uint8_t>(states_[group].any, out);
    Held<Value>::put(states_[group].value, out);
    Held<Order>::put(states_[group].order, out);
  }
  Status merge(size_t group, std::string_view& bytes) override {
    StateReader reader(bytes, policy_.kind);
    const bool any = reader.fixed<uint8_t>() != 0;
    const auto value = Held<Value>::take(reader);
    const auto order = Held<Order>::take(reader);
    if (reader.ok() && any)
      offer(states_[group], value, order);
    return reader.status();
  }

  size_t memory() const override {
    size_t total = states_.capacity() * sizeof(Pick<Value, Order>);
    if (std::is_same_v<Value, std::string> || std::is_same_v<Order, std::string>)
      for (const auto& state : states_)
        total += Held<Value>::memory(state.value) + Held<Order>::memory(state.order);
    return total;
  }
  size_t memory(size_t group) const override {
    return sizeof(states_[0]) + Held<Value>::memory(states_[group].value) + Held<Order>::memory(states_[group].order);
  }

 private:
  template <class V, class O>
  void offer(Pick<Value, Order>& state, const V& value, const O& order) {
    if (state.any && !policy_.replaces(value, order, state))
      return;
    Held<Value>::assign(state.value, value);
    Held<Order>::assign(state.order, order);
    state.any = true;
  }

  Policy policy_;
  std::vector<Pick<Value, Order>> states_;
};

struct Extreme {
  bool greatest;
  uint8_t kind;
  template <class V, class State>
  bool replaces(const V& value, Nothing, const State& state) const {
    return greatest ? value > state.value : value < state.value;
  }
};

struct ByArrival {
  bool last;
  uint8_t kind = 10;
  template <class V, class State>
  bool replaces(const V&, Nothing, const State&) const {
    return last;
  }
};

struct ByOrder {
  bool greatest;
  bool last;  // of equals by order, the later
  uint8_t kind = 10;
  template <class V, class O, class State>
  bool replaces(const V&, const O& order, const State& state) const {
    const bool before = greatest ? state.order < order : order < state.order;
    const bool equal = !(state.order < order) && !(order < state.order);
    return before || (last && equal);
  }
};

template <class Value>
std::unique_ptr<AggregateStates> make_pick(std::optional<Type> order, bool greatest, bool last) {
  if (!order)
    return std::make_unique<PickStates<Value, Nothing, ByArrival>>(ByArrival{last});
  if (is_text(*order))
    return std::make_unique<PickStates<Value, std::string, ByOrder>>(ByOrder{greatest, last});
  return std::make_unique<PickStates<Value, int64_t, ByOrder>>(ByOrder{greatest, last});
}

}  // namespace

std::unique_ptr<AggregateStates> make_extreme_states(Type type, bool greatest) {
  if (is_text(type))
    return std::make_unique<PickStates<std::string, Nothing, Extreme>>(Extreme{greatest, 7});
  return std::make_unique<PickStates<int64_t, Nothing, Extreme>>(Extreme{greatest, 6});
}

std::unique_ptr<AggregateStates> make_pick_states(Type type, std::optional<Type> order, bool greatest, bool last) {
  return is_text(type) ? make_pick<std::string>(order, greatest, last) : make_pick<int64_t>(order, greatest, last);
}

}  // namespace penstock::sql
