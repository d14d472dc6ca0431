#include "sql/logic.h"

#include <algorithm>

#include "sql/compare.h"

namespace penstock::sql {
namespace {

bool any_nullable(const std::vector<NodePtr>& args) {
  return std::any_of(args.begin(), args.end(), [](const NodePtr& arg) { return arg->nullable(); });
}

// AND and OR are the same up to the value that decides: false decides an AND, true an OR.
class JunctionNode final : public ParentNode {
 public:
  JunctionNode(bool decisive, const std::vector<NodePtr>& args)
      : ParentNode(Type::kBool, any_nullable(args), args), decisive_(decisive) {}

  // A row is undecided until an argument gives the decisive value; then it needs no further argument. A row that ends
  // undecided is null if any argument was, and else has the other value.
  Vector evaluate(Context& context, const Rows& rows) const override {
    auto* out = context.column<uint8_t>();
    uint64_t* validity = nullptr;
    each(rows, [&](size_t row) { out[row] = !decisive_; });
    Rows undecided = rows;
    for (const NodePtr& arg : args()) {
      if (arg != args().front() && arg->can_fail())
        undecided = still_undecided(context, undecided, out);
      if (undecided.count == 0)
        break;
      const Vector v = arg->evaluate(context, undecided);
      if ((v.validity || v.null) && !validity)
        validity = context.bits(true);
      decide(v, undecided, out, validity);
    }
    Vector result = vector_of(out);
    result.validity = validity;
    return result;
  }

  size_t select(Context& context, const Rows& rows, uint32_t* out) const override {
    return decisive_ ? select_any(context, rows, out) : select_all(context, rows, out);
  }

 private:
  Rows still_undecided(Context& context, const Rows& rows, const uint8_t* out) const {
    auto* rest = context.array<uint32_t>(rows.count);
    size_t count = 0;
    each(rows, [&](size_t row) {
      rest[count] = static_cast<uint32_t>(row);
      count += out[row] != decisive_;
    });
    return {rest, count, rows.physical};
  }

  void decide(const Vector& v, const Rows& rows, uint8_t* out, uint64_t* validity) const {
    const Reader<uint8_t> value(v);
    const bool nulls = v.validity || v.null;
    if (!nulls && !validity) {
      each(rows, [&](size_t row) { out[row] = decisive_ ? out[row] | value[row] : out[row] & value[row]; });
      return;
    }
    each(rows, [&](size_t row) {
      const uint64_t mask = uint64_t{1} << (row & 63);
      if (out[row] == decisive_)
        return;
      if (nulls && v.is_null(row)) {
        validity[row >> 6] &= ~mask;
      } else if (value[row] == decisive_) {
        out[row] = decisive_;
        validity[row >> 6] |= mask;
      }
    });
  }

  size_t select_all(Context& context, const Rows& rows, uint32_t* out) const {
    size_t count = args().front()->select(context, rows, out);
    for (size_t i = 1; i < args().size() && count > 0; ++i)
      count = args()[i]->select(context, Rows{out, count, rows.physical}, out);
    return count;
  }

  size_t select_any(Context& context, const Rows& rows, uint32_t* out) const {
    auto* found = context.array<uint32_t>(rows.count);
    size_t total = 0;
    Rows rest = rows;
    for (const NodePtr& arg : args()) {
      const size_t count = arg->select(context, rest, found);
      rest = without(context, rest, found, count);
      total += count;
    }
    // What was found is what is no longer in the rest.
    if (total > 0)
      std::copy_n(without(context, rows, rest.index, rest.count).index, total, out);
    return total;
  }

  bool decisive_;
};

class IsNullNode final : public ParentNode {
 public:
  explicit IsNullNode(NodePtr arg) : ParentNode(Type::kBool, false, {std::move(arg)}) {}

  Vector evaluate(Context& context, const Rows& rows) const override {
    const Vector v = args()[0]->evaluate(context, rows);
    auto* out = context.column<uint8_t>();
    each(rows, [&](size_t row) { out[row] = v.is_null(row); });
    return vector_of(out);
  }
};

class IsNode final : public ParentNode {
 public:
  IsNode(NodePtr arg, bool value) : ParentNode(Type::kBool, false, {std::move(arg)}), value_(value) {}

  Vector evaluate(Context& context, const Rows& rows) const override {
    const Vector v = args()[0]->evaluate(context, rows);
    const Reader<uint8_t> is(v);
    auto* out = context.column<uint8_t>();
    each(rows, [&](size_t row) { out[row] = !v.is_null(row) && is[row] == value_; });
    return vector_of(out);
  }

 private:
  bool value_;
};

class IsDistinctNode final : public ParentNode {
 public:
  IsDistinctNode(NodePtr left, NodePtr right)
      : ParentNode(Type::kBool, false, {std::move(left), std::move(right)}),
        differ_(comparison("<>", args()[0]->type())) {}

  Vector evaluate(Context& context, const Rows& rows) const override {
    const Vector values[] = {args()[0]->evaluate(context, rows), args()[1]->evaluate(context, rows)};
    // The kernel computes placeholders of null rows, which are overruled below.
    const Vector differ = differ_({context, rows, values, nullptr});
    auto* out = context.column<uint8_t>();
    each(rows, [&](size_t row) {
      const bool left = values[0].is_null(row);
      const bool right = values[1].is_null(row);
      out[row] = left || right ? left != right : differ.bools[row] != 0;
    });
    return vector_of(out);
  }

 private:
  Kernel differ_;
};

}  // namespace

NodePtr make_and(const std::vector<NodePtr>& args) { return std::make_shared<JunctionNode>(false, args); }
NodePtr make_or(const std::vector<NodePtr>& args) { return std::make_shared<JunctionNode>(true, args); }

NodePtr make_not(NodePtr arg) {
  const bool nullable = arg->nullable();
  return std::make_shared<CallNode>(
      Type::kBool, nullable, false,
      [](const Call& call) { return map<uint8_t, uint8_t>(call, [](uint8_t value) -> uint8_t { return !value; }); },
      std::vector<NodePtr>{std::move(arg)});
}

NodePtr make_is_null(NodePtr arg) { return std::make_shared<IsNullNode>(std::move(arg)); }
NodePtr make_is(NodePtr arg, bool value) { return std::make_shared<IsNode>(std::move(arg), value); }
NodePtr make_is_distinct(NodePtr left, NodePtr right) {
  return std::make_shared<IsDistinctNode>(std::move(left), std::move(right));
}

}  // namespace penstock::sql
