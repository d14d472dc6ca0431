// top_k(x, k): the k values that come most often, as json `[[value,count],...]`, most first, equal counts by value.
//
// Exact while a group has at most 2 n different values, with n = max(256, 8 k). When there are more, the counter that is the
// (n + 1)-th largest is taken off all, and those that are at 0 go: a count is then too low by at most (rows of the group)
// / (n + 1), and never too high, and a value that comes more often than that is not missed. Counts of rows that were divided
// and merged keep that bound; which counts are too low by how much depends on the order of the rows then.
//
// Source: Misra, Gries: "Finding repeated elements", 1982; merging: Agarwal, Cormode, Huang, Phillips, Wei, Yi: "Mergeable
// Summaries", PODS 2012; the reduction from 2 n to n: Anderson et al.: "A High-Performance Algorithm for Identifying Frequent
// Items in Data Streams", IMC 2017.
#include <algorithm>
#include <unordered_map>

#include "messages/json_writer.h"
#include "sql/group_states.h"

namespace penstock::sql {
namespace {

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

template <class Value>
class Counters {
 public:
  using Map = std::conditional_t<std::is_same_v<Value, std::string>,
                                 std::unordered_map<std::string, uint64_t, TextHash, std::equal_to<>>,
                                 std::unordered_map<int64_t, uint64_t>>;
  using Ranked = std::vector<std::pair<Value, uint64_t>>;

  template <class V>
  void add(const V& value, uint64_t count) {
    const auto at = map_.find(value);
    if (at != map_.end()) {
      at->second += count;
      return;
    }
    map_.emplace(value, count);
    bytes_ += sizeof(Value) + 48;
    if constexpr (std::is_same_v<Value, std::string>)
      bytes_ += value.size();
  }
  void keep_bound(size_t n) {
    if (map_.size() <= 2 * n)
      return;
    std::vector<uint64_t> counts;
    for (const auto& [value, count] : map_)
      counts.push_back(count);
    std::nth_element(counts.begin(), counts.begin() + static_cast<ptrdiff_t>(n), counts.end(), std::greater<>());
    const Map all = std::move(map_);
    map_ = {};
    bytes_ = 0;
    for (const auto& [value, count] : all)
      if (count > counts[n])
        add(value, count - counts[n]);
  }
  Ranked by_value() const {
    Ranked out(map_.begin(), map_.end());
    std::sort(out.begin(), out.end());
    return out;
  }
  Ranked best(size_t k) const {
    Ranked out = by_value();
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    if (out.size() > k)
      out.resize(k);
    return out;
  }
  size_t memory() const { return bytes_; }

 private:
  Map map_;
  size_t bytes_ = 0;
};

template <class Value>
class TopKStates final : public BoxedStates<Counters<Value>> {
 public:
  static constexpr bool kText = std::is_same_v<Value, std::string>;
  static constexpr uint8_t kKind = kText ? 18 : 17;

  TopKStates(Type type, size_t k) : type_(type), k_(k), n_(std::max<size_t>(256, 8 * k)) {}

  std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) override {
    const auto take = [&](auto value) {
      each_value(input, [&](size_t i) {
        Counters<Value>& counters = this->at(group_of_row[i]);
        counters.add(value(i), 1);
        counters.keep_bound(n_);
      });
    };
    if constexpr (kText)
      take([&](size_t i) { return input.values->string(i); });
    else
      with_words(*input.values, take);
    return {};
  }

  void append_result(size_t group, ColumnBuilder& out) const override {
    if (!this->find(group))
      return out.append_null();
    const auto best = this->find(group)->best(k_);
    ColumnBuilder values(type_);
    for (const auto& [value, count] : best) {
      if constexpr (kText)
        values.append_string(value);
      else
        append_word(value, values);
    }
    const ColumnPtr column = values.finish();
    std::string json = "[";
    for (size_t i = 0; i < best.size(); ++i) {
      json += i == 0 ? "[" : ",[";
      append_value_json(*column, i, json);
      json += "," + std::to_string(best[i].second) + "]";
    }
    out.append_string(json + "]");
  }

  void encode(size_t group, std::string& out) const override {
    put_fixed<uint8_t>(kKind, out);
    const auto counters = this->find(group) ? this->find(group)->by_value() : typename Counters<Value>::Ranked();
    put_varint(counters.size(), out);
    for (const auto& [value, count] : counters) {
      if constexpr (kText)
        put_text(value, out);
      else
        put_fixed(value, out);
      put_varint(count, out);
    }
  }
  Status merge(size_t group, std::string_view& bytes) override {
    StateReader reader(bytes, kKind);
    for (uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
      const auto value = [&] {
        if constexpr (kText)
          return reader.text();
        else
          return reader.template fixed<int64_t>();
      }();
      const uint64_t count = reader.varint();
      if (reader.ok())
        this->at(group).add(value, count);
    }
    if (reader.ok() && this->find(group))
      this->at(group).keep_bound(n_);
    return reader.status();
  }

 private:
  const Type type_;
  const size_t k_;
  const size_t n_;
};

}  // namespace

std::unique_ptr<AggregateStates> make_top_k_states(Type type, size_t k) {
  if (is_text(type))
    return std::make_unique<TopKStates<std::string>>(type, k);
  return std::make_unique<TopKStates<int64_t>>(type, k);
}

}  // namespace penstock::sql
