// count_by(x): how many rows have each value, as a json object `{"books":3,"toys":1}`, names ascending. Integers and bools
// become names as they are written. Exact; a group takes memory for each different value.
#include <map>

#include "messages/json_writer.h"
#include "sql/group_states.h"

namespace penstock::sql {
namespace {

struct CountsByValue {
  std::map<std::string, uint64_t, std::less<>> counts;
  size_t bytes = 0;

  void add(std::string_view value, uint64_t count) {
    constexpr size_t kBytesANode = 80;
    const auto at = counts.find(value);
    if (at != counts.end()) {
      at->second += count;
      return;
    }
    counts.emplace(value, count);
    bytes += kBytesANode + value.size();
  }
  size_t memory() const { return bytes; }
};

class CountByStates final : public BoxedStates<CountsByValue> {
 public:
  std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) override {
    each_value(input, [&](size_t i) {
      CountsByValue& of = at(group_of_row[i]);
      is_text(input.values->type()) ? of.add(input.values->string(i), 1) : of.add(input.values->to_string(i), 1);
    });
    return {};
  }
  void append_result(size_t group, ColumnBuilder& out) const override {
    std::string json = "{";
    if (const CountsByValue* of = find(group))
      for (const auto& [value, count] : of->counts) {
        json += json.size() > 1 ? "," : "";
        append_json_string(value, json);
        json += ":" + std::to_string(count);
      }
    out.append_string(json + "}");
  }
  void encode(size_t group, std::string& out) const override {
    put_fixed(kKind, out);
    const CountsByValue* of = find(group);
    put_varint(of ? of->counts.size() : 0, out);
    if (of)
      for (const auto& [value, count] : of->counts) {
        put_text(value, out);
        put_varint(count, out);
      }
  }
  Status merge(size_t group, std::string_view& bytes) override {
    StateReader reader(bytes, kKind);
    for (uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
      const std::string_view value = reader.text();
      const uint64_t count = reader.varint();
      if (reader.ok())
        at(group).add(value, count);
    }
    return reader.status();
  }

 private:
  static constexpr uint8_t kKind = 19;
};

}  // namespace

std::unique_ptr<AggregateStates> make_count_by_states() { return std::make_unique<CountByStates>(); }

}  // namespace penstock::sql
