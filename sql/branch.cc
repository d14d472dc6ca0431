#include "sql/branch.h"

#include <algorithm>

#include "sql/compare.h"

namespace penstock::sql {
namespace {

bool all_nullable(const std::vector<NodePtr>& values) {
  return std::all_of(values.begin(), values.end(), [](const NodePtr& value) { return value->nullable(); });
}

std::vector<NodePtr> joined(std::vector<NodePtr> a, const std::vector<NodePtr>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Puts together a vector whose rows come from several others.
class Gathered {
 public:
  Gathered(Context& context, Type type, const Rows& rows) : context_(context), type_(type) {
    validity_ = context.bits(false);
    switch (type) {
      case Type::kBool: bools_ = cleared<uint8_t>(rows); break;
      case Type::kInt64:
      case Type::kTimestamp: ints_ = cleared<int64_t>(rows); break;
      case Type::kFloat64: floats_ = cleared<double>(rows); break;
      case Type::kString:
      case Type::kJson: views_ = cleared<std::string_view>(rows); break;
    }
  }

  void take(const Vector& v, const Rows& rows) {
    switch (type_) {
      case Type::kBool: return copy(v, rows, bools_);
      case Type::kInt64:
      case Type::kTimestamp: return copy(v, rows, ints_);
      case Type::kFloat64: return copy(v, rows, floats_);
      case Type::kString:
      case Type::kJson: return copy(v, rows, views_);
    }
  }

  Vector vector() const {
    Vector out;
    out.type = type_;
    out.validity = validity_;
    out.bools = bools_;
    out.ints = ints_;
    out.floats = floats_;
    out.views = views_;
    return out;
  }

 private:
  template <class T>
  T* cleared(const Rows& rows) {
    T* out = context_.column<T>();
    each(rows, [&](size_t row) { out[row] = T{}; });
    return out;
  }
  template <class T>
  void copy(const Vector& v, const Rows& rows, T* out) {
    if (v.null)
      return;
    const Reader<T> value(v);
    each(rows, [&](size_t row) {
      out[row] = value[row];
      validity_[row >> 6] |= uint64_t{!v.is_null(row)} << (row & 63);
    });
  }

  Context& context_;
  Type type_;
  uint64_t* validity_;
  uint8_t* bools_ = nullptr;
  int64_t* ints_ = nullptr;
  double* floats_ = nullptr;
  std::string_view* views_ = nullptr;
};

class CaseNode final : public ParentNode {
 public:
  CaseNode(Type type, bool nullable, std::vector<NodePtr> conditions, std::vector<NodePtr> values, NodePtr otherwise)
      : ParentNode(type, nullable, joined(joined(conditions, values), {otherwise})),
        conditions_(std::move(conditions)),
        values_(std::move(values)),
        otherwise_(std::move(otherwise)) {}

  Vector evaluate(Context& context, const Rows& rows) const override {
    Gathered out(context, type(), rows);
    Rows rest = rows;
    for (size_t i = 0; i < conditions_.size() && rest.count > 0; ++i) {
      auto* taken = context.array<uint32_t>(rest.count);
      const size_t count = conditions_[i]->select(context, rest, taken);
      if (count == 0)
        continue;
      const Rows chosen{taken, count, rows.physical};
      out.take(values_[i]->evaluate(context, chosen), chosen);
      rest = without(context, rest, taken, count);
    }
    if (rest.count > 0)
      out.take(otherwise_->evaluate(context, rest), rest);
    return out.vector();
  }

 private:
  std::vector<NodePtr> conditions_;
  std::vector<NodePtr> values_;
  NodePtr otherwise_;
};

class CoalesceNode final : public ParentNode {
 public:
  using ParentNode::ParentNode;

  Vector evaluate(Context& context, const Rows& rows) const override {
    Vector first = args()[0]->evaluate(context, rows);
    if (!first.null && !first.validity)
      return first;
    Gathered out(context, type(), rows);
    out.take(first, rows);
    Rows rest = nulls(context, first, rows);
    for (size_t i = 1; i < args().size() && rest.count > 0; ++i) {
      const Vector v = args()[i]->evaluate(context, rest);
      out.take(v, rest);
      rest = nulls(context, v, rest);
    }
    return out.vector();
  }

 private:
  static Rows nulls(Context& context, const Vector& v, const Rows& rows) {
    auto* rest = context.array<uint32_t>(rows.count);
    size_t count = 0;
    each(rows, [&](size_t row) {
      rest[count] = static_cast<uint32_t>(row);
      count += v.is_null(row);
    });
    return {rest, count, rows.physical};
  }
};

class ExtremeNode final : public ParentNode {
 public:
  ExtremeNode(bool greatest, const std::vector<NodePtr>& values)
      : ParentNode(values[0]->type(), all_nullable(values), values),
        wins_(comparison(greatest ? ">" : "<", values[0]->type())) {}

  Vector evaluate(Context& context, const Rows& rows) const override {
    Vector best = args()[0]->evaluate(context, rows);
    for (size_t i = 1; i < args().size(); ++i) {
      const Vector v = args()[i]->evaluate(context, rows);
      const Vector values[] = {v, best};
      const Vector wins = wins_({context, rows, values, nullptr});
      auto* taken = context.array<uint32_t>(rows.count);
      size_t count = 0;
      each(rows, [&](size_t row) {
        taken[count] = static_cast<uint32_t>(row);
        count += !v.is_null(row) && (best.is_null(row) || wins.bools[row]);
      });
      Gathered out(context, type(), rows);
      out.take(best, rows);
      out.take(v, {taken, count, rows.physical});
      best = out.vector();
    }
    return best;
  }

 private:
  Kernel wins_;
};

}  // namespace

NodePtr make_case(std::vector<NodePtr> conditions, std::vector<NodePtr> values, NodePtr otherwise) {
  bool nullable = otherwise->nullable();
  for (const NodePtr& value : values)
    nullable = nullable || value->nullable();
  const Type type = otherwise->type();
  return std::make_shared<CaseNode>(type, nullable, std::move(conditions), std::move(values), std::move(otherwise));
}

NodePtr make_coalesce(std::vector<NodePtr> values) {
  const Type type = values[0]->type();
  const bool nullable = all_nullable(values);
  return std::make_shared<CoalesceNode>(type, nullable, std::move(values));
}

NodePtr make_extreme(bool greatest, const std::vector<NodePtr>& values) {
  return std::make_shared<ExtremeNode>(greatest, values);
}

}  // namespace penstock::sql
