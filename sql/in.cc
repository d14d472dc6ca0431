#include <algorithm>
#include <unordered_set>

#include "sql/branch.h"
#include "sql/compare.h"

namespace penstock::sql {
namespace {

// Up to this many values a scan beats hashing.
constexpr size_t kScanned = 8;

struct FloatHash {
  size_t operator()(double value) const { return value != value ? 0 : std::hash<double>()(value); }
};
struct FloatEqual {
  bool operator()(double a, double b) const { return float_equal(a, b); }
};
template <class T>
struct SetOf {
  using type = std::unordered_set<T>;
};
template <>
struct SetOf<double> {
  using type = std::unordered_set<double, FloatHash, FloatEqual>;
};

template <class T>
class InNode final : public ParentNode {
 public:
  // The items are kept as nodes, too, for the strings they own.
  InNode(const NodePtr& value, std::vector<NodePtr> items, bool with_null)
      : ParentNode(Type::kBool, value->nullable() || with_null, {value}),
        owners_(std::move(items)),
        with_null_(with_null) {
    Context context(nullptr, 1);
    for (const NodePtr& item : owners_)
      items_.push_back(values_of<T>(item->evaluate(context, {}))[0]);
    if (items_.size() > kScanned)
      set_.insert(items_.begin(), items_.end());
  }

  Vector evaluate(Context& context, const Rows& rows) const override {
    const Vector v = args()[0]->evaluate(context, rows);
    auto* out = context.column<uint8_t>();
    access<T>(v, [&](auto value) {
      if (items_.size() > kScanned)
        each(rows, [&](size_t row) { out[row] = set_.contains(value[row]); });
      else
        each(rows, [&](size_t row) { out[row] = scan(value[row]); });
    });
    Vector result = vector_of(out);
    result.validity = v.validity;
    // Not found among items of which one is null: unknown.
    if (with_null_) {
      auto* validity = context.bits(false);
      each(rows, [&](size_t row) { validity[row >> 6] |= uint64_t{out[row]} << (row & 63); });
      result.validity = context.both(validity, v.validity);
    }
    return result;
  }

 private:
  uint8_t scan(T value) const {
    uint8_t found = 0;
    for (const T& item : items_) {
      if constexpr (std::is_same_v<T, double>)
        found |= float_equal(item, value);
      else
        found |= item == value;
    }
    return found;
  }

  std::vector<NodePtr> owners_;
  std::vector<T> items_;
  typename SetOf<T>::type set_;
  bool with_null_;
};

}  // namespace

NodePtr make_in(const NodePtr& value, const std::vector<NodePtr>& items) {
  std::vector<NodePtr> known;
  std::copy_if(items.begin(), items.end(), std::back_inserter(known),
               [](const NodePtr& item) { return !is_null_constant(item); });
  const bool with_null = known.size() < items.size();
  switch (value->type()) {
    case Type::kBool: return std::make_shared<InNode<uint8_t>>(value, std::move(known), with_null);
    case Type::kInt64:
    case Type::kTimestamp: return std::make_shared<InNode<int64_t>>(value, std::move(known), with_null);
    case Type::kFloat64: return std::make_shared<InNode<double>>(value, std::move(known), with_null);
    default: return std::make_shared<InNode<std::string_view>>(value, std::move(known), with_null);
  }
}

}  // namespace penstock::sql
