// Reads a node of the parser's JSON tree into an Ast. Internal to the room; used for one statement, on one thread.
#pragma once

#include <rapidjson/document.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sql/ast.h"
#include "sql/parse.h"
#include "sql/problem.h"

namespace penstock::sql {

/// The member, or null. The tree leaves out what is zero, false or empty.
const rapidjson::Value* member(const rapidjson::Value& object, const char* name);
int64_t integer(const rapidjson::Value& object, const char* name, int64_t missing);
std::string_view string(const rapidjson::Value& object, const char* name);

class AstReader {
 public:
  using Json = rapidjson::Value;
  /// Offsets are given less `prefix`. `sql` and `tokens` must outlive the reader.
  AstReader(std::string_view sql, std::span<const Token> tokens, size_t prefix)
      : sql_(sql), tokens_(tokens), prefix_(prefix) {}

  Checked<Ast> read(const Json& node);

 private:
  Ast any(const Json& node);
  Ast constant(const Json& node);
  Ast column(const Json& node);
  Ast operation(const Json& node);
  Ast range(const Json& node, std::string_view kind);
  Ast like(const Json& node, std::string name);
  Ast function(const Json& node);
  void modifiers(const Json& node, Ast& call);
  Ast cast(const Json& node);
  Ast choice(const Json& node);
  Ast logic(const Json& node);
  Ast test(const Json& node);
  Ast unsupported(const Json& node, std::string_view kind);

  Ast call(size_t offset, std::string name, std::vector<Ast> args) const;
  bool repeat(const Ast& ast, size_t times);
  std::vector<Ast> list(const Json& node, const char* name);
  Ast fail(size_t offset, std::string message, std::string hint = "");
  size_t offset_of(const Json& node) const;
  int64_t negated_integer(size_t offset) const;

  std::string_view sql_;
  std::span<const Token> tokens_;
  size_t prefix_;
  int depth_ = 0;
  size_t repeated_ = 0;
  std::optional<Problem> problem_;
};

}  // namespace penstock::sql
