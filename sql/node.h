// A bound expression as a tree of nodes, each computing its values for a whole batch. Immutable and shared; thread safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sql/context.h"
#include "sql/kernel.h"

namespace penstock::sql {

class Node;
using NodePtr = std::shared_ptr<const Node>;

class Node {
 public:
  Node(Type type, bool nullable) : type_(type), nullable_(nullable) {}
  virtual ~Node() = default;

  Type type() const { return type_; }
  bool nullable() const { return nullable_; }

  /// The values for these rows.
  virtual Vector evaluate(Context& context, const Rows& rows) const = 0;
  /// Writes those of the rows where the value is true to `out` (room for rows.count), and returns how many.
  /// Requires: type() is bool.
  virtual size_t select(Context& context, const Rows& rows, uint32_t* out) const;

  /// Whether a row can fail, and so must not be computed where its value is not needed.
  virtual bool can_fail() const = 0;
  /// Appends the columns that are read, unsorted and with repetitions.
  virtual void columns(std::vector<size_t>& out) const = 0;

 private:
  Type type_;
  bool nullable_;
};

/// A value known when the expression is compiled.
class ConstantNode final : public Node {
 public:
  struct Value {
    bool null = false;
    uint8_t boolean = 0;
    int64_t integer = 0;
    double number = 0;
    std::string text;
  };
  ConstantNode(Type type, Value value);

  const Value& value() const { return value_; }
  Vector evaluate(Context&, const Rows&) const override { return vector_; }
  bool can_fail() const override { return false; }
  void columns(std::vector<size_t>&) const override {}

 private:
  Value value_;
  std::string_view view_;
  Vector vector_;
};

NodePtr null_constant(Type type);
/// The node's constant, or null if it is none.
const ConstantNode* constant_of(const NodePtr& node);
bool is_null_constant(const NodePtr& node);

class ColumnNode final : public Node {
 public:
  ColumnNode(Type type, bool nullable, size_t index) : Node(type, nullable), index_(index) {}

  size_t index() const { return index_; }
  Vector evaluate(Context& context, const Rows& rows) const override;
  bool can_fail() const override { return false; }
  void columns(std::vector<size_t>& out) const override { out.push_back(index_); }

 private:
  size_t index_;
};

/// A node with arguments that are nodes.
class ParentNode : public Node {
 public:
  ParentNode(Type type, bool nullable, std::vector<NodePtr> args);

  bool can_fail() const override { return can_fail_; }
  void columns(std::vector<size_t>& out) const override;

 protected:
  const std::vector<NodePtr>& args() const { return args_; }

 private:
  std::vector<NodePtr> args_;
  bool can_fail_ = false;
};

/// A function that is null where an argument is null. Requires: no argument is a null constant.
class CallNode final : public ParentNode {
 public:
  CallNode(Type type, bool nullable, bool can_fail, Kernel kernel, std::vector<NodePtr> args);

  Vector evaluate(Context& context, const Rows& rows) const override;
  bool can_fail() const override { return can_fail_; }

 private:
  Kernel kernel_;
  bool can_fail_;
};

/// The rows of `rows` that are not in the ascending `taken`, as ascending rows in the context's memory.
Rows without(Context& context, const Rows& rows, const uint32_t* taken, size_t count);

/// If no part of the node reads a column: its value as a constant, else the node. Errors: why it cannot be computed.
struct Folded {
  NodePtr node;
  std::string problem;
};
Folded fold(const NodePtr& node);

}  // namespace penstock::sql
