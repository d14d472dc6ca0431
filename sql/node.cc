#include "sql/node.h"

#include <algorithm>

namespace penstock::sql {

size_t Node::select(Context& context, const Rows& rows, uint32_t* out) const {
  const Vector v = evaluate(context, rows);
  size_t count = 0;
  if (v.constant) {
    if (!v.null && v.bools[0])
      each(rows, [&](size_t row) { out[count++] = static_cast<uint32_t>(row); });
  } else if (v.validity) {
    each(rows, [&](size_t row) {
      out[count] = static_cast<uint32_t>(row);
      count += v.bools[row] & ((v.validity[row >> 6] >> (row & 63)) & 1);
    });
  } else {
    each(rows, [&](size_t row) {
      out[count] = static_cast<uint32_t>(row);
      count += v.bools[row];
    });
  }
  if (!context.failed())
    return count;
  // A failed row holds some placeholder.
  return std::remove_if(out, out + count, [&](uint32_t row) { return context.failed(row); }) - out;
}

ConstantNode::ConstantNode(Type type, Value value)
    : Node(type, value.null), value_(std::move(value)), view_(value_.text) {
  vector_.type = type;
  vector_.constant = true;
  vector_.null = value_.null;
  vector_.bools = &value_.boolean;
  vector_.ints = &value_.integer;
  vector_.floats = &value_.number;
  vector_.views = &view_;
}

NodePtr null_constant(Type type) {
  return std::make_shared<ConstantNode>(type, ConstantNode::Value{.null = true, .text = {}});
}

const ConstantNode* constant_of(const NodePtr& node) { return dynamic_cast<const ConstantNode*>(node.get()); }

bool is_null_constant(const NodePtr& node) {
  const ConstantNode* constant = constant_of(node);
  return constant && constant->value().null;
}

Vector ColumnNode::evaluate(Context& context, const Rows&) const {
  const Column& column = *context.batch().column(index_);
  Vector out;
  out.type = type();
  out.validity = column.has_nulls() ? column.validity().data() : nullptr;
  out.bools = column.bools().data();
  out.ints = column.int64s().data();
  out.floats = column.float64s().data();
  out.offsets = column.offsets().data();
  out.bytes = column.bytes().data();
  return out;
}

ParentNode::ParentNode(Type type, bool nullable, std::vector<NodePtr> args)
    : Node(type, nullable), args_(std::move(args)) {
  for (const NodePtr& arg : args_)
    can_fail_ = can_fail_ || arg->can_fail();
}

void ParentNode::columns(std::vector<size_t>& out) const {
  for (const NodePtr& arg : args_)
    arg->columns(out);
}

CallNode::CallNode(Type type, bool nullable, bool can_fail, Kernel kernel, std::vector<NodePtr> args)
    : ParentNode(type, nullable, std::move(args)), kernel_(kernel), can_fail_(can_fail || ParentNode::can_fail()) {}

Vector CallNode::evaluate(Context& context, const Rows& rows) const {
  std::vector<Vector> values;
  values.reserve(args().size());
  const uint64_t* validity = nullptr;
  for (const NodePtr& arg : args()) {
    values.push_back(arg->evaluate(context, rows));
    validity = context.both(validity, values.back().validity);
  }
  Vector out = kernel_({context, rows, values, validity});
  out.type = type();
  out.validity = context.both(validity, out.validity);
  return out;
}

Rows without(Context& context, const Rows& rows, const uint32_t* taken, size_t count) {
  auto* rest = context.array<uint32_t>(rows.count);
  size_t kept = 0;
  size_t next = 0;
  each(rows, [&](size_t row) {
    rest[kept] = static_cast<uint32_t>(row);
    const bool is_taken = next < count && taken[next] == row;
    next += is_taken;
    kept += !is_taken;
  });
  return {rest, kept, rows.physical};
}

Folded fold(const NodePtr& node) {
  std::vector<size_t> columns;
  node->columns(columns);
  if (!columns.empty() || constant_of(node))
    return {node, ""};
  Context context(nullptr, 1);
  const Vector v = node->evaluate(context, Rows{nullptr, 1, 1});
  if (context.failed())
    return {nullptr, context.take_errors().front().message};
  ConstantNode::Value value;
  value.null = v.is_null(0);
  if (!value.null) {
    switch (node->type()) {
      case Type::kBool: value.boolean = v.bools[0]; break;
      case Type::kInt64:
      case Type::kTimestamp: value.integer = v.ints[0]; break;
      case Type::kFloat64: value.number = v.floats[0]; break;
      case Type::kString:
      case Type::kJson: value.text = Reader<std::string_view>(v)[0]; break;
    }
  }
  return {std::make_shared<ConstantNode>(node->type(), std::move(value)), ""};
}

}  // namespace penstock::sql
