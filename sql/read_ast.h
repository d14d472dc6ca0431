// From the parser's tree to an Ast: what Penstock's SQL has of PostgreSQL's expressions, and a Problem for all it has not.
#pragma once

#include <string_view>

#include "sql/ast.h"
#include "sql/problem.h"

namespace penstock::sql {

/// Parses one expression. Errors: syntax, or something of PostgreSQL that is not supported, at its place.
Checked<Ast> read_expression(std::string_view text);

}  // namespace penstock::sql
