// approx_count_distinct(x): a DistinctSketch a group, of the values' hashes.
#include <cmath>

#include "messages/key.h"
#include "sql/distinct_sketch.h"
#include "sql/group_states.h"

namespace penstock::sql {
namespace {

uint64_t hash_of(int64_t word) { return hash_key(std::string_view(reinterpret_cast<const char*>(&word), sizeof word)); }

class ApproxDistinctStates final : public BoxedStates<DistinctSketch> {
 public:
  std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) override {
    if (is_text(input.values->type()))
      each_value(input, [&](size_t i) { at(group_of_row[i]).add(hash_key(input.values->string(i))); });
    else
      with_words(*input.values,
                 [&](auto word) { each_value(input, [&](size_t i) { at(group_of_row[i]).add(hash_of(word(i))); }); });
    return {};
  }
  void append_result(size_t group, ColumnBuilder& out) const override {
    out.append_int64(find(group) ? std::llround(find(group)->estimate()) : 0);
  }

  void encode(size_t group, std::string& out) const override {
    static const DistinctSketch kEmpty;
    const DistinctSketch& sketch = find(group) ? *find(group) : kEmpty;
    const bool dense = !sketch.registers().empty();
    put_fixed<uint8_t>(dense ? 15 : 14, out);
    if (dense) {
      out.append(reinterpret_cast<const char*>(sketch.registers().data()), sketch.registers().size());
      return;
    }
    put_varint(sketch.sparse().size(), out);
    uint32_t before = 0;
    for (const uint32_t entry : sketch.sparse())
      put_varint(entry - before, out), before = entry;
  }
  Status merge(size_t group, std::string_view& bytes) override {
    const bool dense = !bytes.empty() && bytes.front() == 15;
    StateReader reader(bytes, dense ? 15 : 14);
    std::vector<uint32_t> sparse;
    std::string_view registers;
    if (dense) {
      registers = reader.take(DistinctSketch::kRegisters);
    } else {
      uint64_t entry = 0;
      for (uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
        entry += reader.varint();
        sparse.push_back(static_cast<uint32_t>(entry));
      }
    }
    DistinctSketch more;
    const std::span values(reinterpret_cast<const uint8_t*>(registers.data()), registers.size());
    if (!reader.ok() || !DistinctSketch::restore(sparse, values, more))
      return data_loss("an aggregate's stored state is broken");
    if (dense || !sparse.empty())
      at(group).merge(more);
    return ok();
  }
};

}  // namespace

std::unique_ptr<AggregateStates> make_approx_distinct_states() { return std::make_unique<ApproxDistinctStates>(); }

}  // namespace penstock::sql
