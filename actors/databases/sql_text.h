// How names, types and values of batches are written in SQL of either database. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actors/databases/soci_database.h"
#include "messages/record_batch.h"

namespace penstock {

/// `"na""me"`.
std::string sql_name(std::string_view name);
/// The same of each part: `public.events` is `"public"."events"`.
std::string sql_table(std::string_view table);
/// `'it''s'`.
std::string sql_literal(std::string_view text);
/// The type that a column gets in a table that Penstock creates.
std::string sql_type(SociDatabase::Kind kind, Type type);
/// An expression that gives the column, of whatever SQL type, as a text that sql_to_value() reads.
std::string sql_as_text(SociDatabase::Kind kind, const Field& field);

/// A value as the database reads it. Errors: invalid_argument (PostgreSQL keeps no text with a NUL in it).
Result<SqlText> value_to_sql(SociDatabase::Kind kind, const Column& column, size_t row);
/// Errors: invalid_argument, naming the column; then nothing is appended.
Status sql_to_value(const Field& field, const SqlText& text, ColumnBuilder& out);

}  // namespace penstock
