// approx_percentile(x, p) and median(x): a QuantileSketch a group.
#include "sql/group_states.h"
#include "sql/quantile_sketch.h"

namespace penstock::sql {
namespace {

class QuantileStates final : public BoxedStates<QuantileSketch> {
 public:
  explicit QuantileStates(double p) : p_(p) {}

  std::vector<RowError> update(const AggregateInput& input, std::span<const uint32_t> group_of_row) override {
    const auto take = [&](auto values) {
      each_value(input, [&](size_t i) { at(group_of_row[i]).add(static_cast<double>(values[i])); });
    };
    if (input.values->type() == Type::kInt64)
      take(input.values->int64s());
    else
      take(input.values->float64s());
    return {};
  }
  void append_result(size_t group, ColumnBuilder& out) const override {
    find(group) ? out.append_float64(find(group)->quantile(p_)) : out.append_null();
  }
  void encode(size_t group, std::string& out) const override {
    put_fixed<uint8_t>(16, out);
    find(group) ? find(group)->encode(out) : QuantileSketch().encode(out);
  }
  Status merge(size_t group, std::string_view& bytes) override {
    StateReader reader(bytes, 16);
    const QuantileSketch more = QuantileSketch::decode(reader);
    if (reader.ok() && more.count() > 0)
      at(group).merge(more);
    return reader.status();
  }

 private:
  const double p_;
};

}  // namespace

std::unique_ptr<AggregateStates> make_quantile_states(double p) { return std::make_unique<QuantileStates>(p); }

}  // namespace penstock::sql
