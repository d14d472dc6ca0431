#include <catch2/catch.hpp>

#include "tests/sql/evaluate.h"

using namespace penstock;
using namespace penstock::sql;

TEST_CASE("arithmetic follows PostgreSQL: integer division truncates, integers widen to floats") {
  const auto batch = rows({"1|-|7|2|1.5|0.5", "2|-|-7|2|-3|2", "3|-|-|2|-|1"});
  CHECK(evaluate("i / j", *batch) == "3 -3 NULL");
  CHECK(evaluate("i % j", *batch) == "1 -1 NULL");
  CHECK(evaluate("i + f", *batch) == "8.5 -10 NULL");
  CHECK(evaluate("-i * 2 - 1", *batch) == "-15 13 NULL");
  CHECK(evaluate("2 ^ 10") == "1024");
  CHECK(evaluate("7 / 2.0") == "3.5");
}

TEST_CASE("negative and large literals are read exactly") {
  CHECK(evaluate("-5") == "-5");
  CHECK(evaluate("- -5") == "5");
  CHECK(evaluate("-(5)") == "-5");
  CHECK(evaluate("- /* one */ - -5") == "-5");
  CHECK(evaluate("id - -5") == "6");
  CHECK(evaluate("0") == "0");
  CHECK(evaluate("-9223372036854775808") == "-9223372036854775808");
  CHECK(evaluate("9223372036854775808 / 2") == "4611686018427387904");
}

TEST_CASE("overflow and division by zero are errors of their rows, and of nulls they are not") {
  const auto batch = rows({"1|-|9223372036854775807|0", "2|-|5|1", "3|-|-|0"});
  CHECK(evaluate("i + 1", *batch) == "!the result does not fit int64 6 NULL");
  CHECK(evaluate("i * 2", *batch) == "!the result does not fit int64 10 NULL");
  CHECK(evaluate("i / j", *batch) == "!division by zero 5 NULL");
  CHECK(evaluate("i % j", *batch) == "!division by zero 0 NULL");
  CHECK(evaluate("i::float64 / j", *batch) == "!division by zero 5 NULL");
  CHECK(evaluate("coalesce(i / j, 0)", *batch) == "!division by zero 5 0");
  CHECK(evaluate("-(i - 9223372036854775807 - 9223372036854775807 - 2)", *rows({"1|-|9223372036854775807"})) ==
        "!the result does not fit int64");
}

TEST_CASE("a failing constant is a problem when the expression is compiled") {
  CHECK(problem("i + 1 / 0") == "@6 division by zero");
  CHECK(problem("'abc'::int64") == "@0 \"abc\" is not an int64");
  CHECK(problem("at > 'yesterday'") == "@5 \"yesterday\" is not a timestamp (2024-05-01 12:00:00)");
}

TEST_CASE("AND and OR know three values") {
  const auto batch = rows({"1|true", "2|false", "3|-"});
  CHECK(evaluate("b AND true", *batch) == "true false NULL");
  CHECK(evaluate("b AND false", *batch) == "false false false");
  CHECK(evaluate("b AND NULL", *batch) == "NULL false NULL");
  CHECK(evaluate("b OR NULL", *batch) == "true NULL NULL");
  CHECK(evaluate("NULL OR b", *batch) == "true NULL NULL");
  CHECK(evaluate("NOT b", *batch) == "false true NULL");
  CHECK(evaluate("b IS TRUE", *batch) == "true false false");
  CHECK(evaluate("b IS NOT TRUE", *batch) == "false true true");
  CHECK(evaluate("b IS NOT FALSE", *batch) == "true false true");
  CHECK(evaluate("b IS UNKNOWN", *batch) == "false false true");
  CHECK(evaluate("b IS DISTINCT FROM NULL", *batch) == "true true false");
  CHECK(evaluate("b IS NOT DISTINCT FROM true", *batch) == "true false false");
}

TEST_CASE("parts are evaluated only for the rows that need them") {
  const auto batch = rows({"1|-|0", "2|-|4", "3|-|-"});
  CHECK(evaluate("i <> 0 AND 8 / i > 1", *batch) == "false true NULL");
  CHECK(evaluate("i = 0 OR 8 / i > 1", *batch) == "true true NULL");
  CHECK(evaluate("CASE WHEN i = 0 THEN -1 ELSE 8 / i END", *batch) == "-1 2 NULL");
  CHECK(evaluate("coalesce(i, 8 / (id - 3), 5)", *batch) == "0 4 !division by zero");
  CHECK(evaluate("coalesce(i, 8 / (id - 2))", *batch) == "0 4 8");
}

TEST_CASE("CASE, NULLIF, GREATEST, LEAST, IN and BETWEEN follow PostgreSQL") {
  const auto batch = rows({"1|-|1|-|-|-|a", "2|-|2|5|-|-|b", "3|-|-|9|-|-|-"});
  CHECK(evaluate("CASE s WHEN 'a' THEN 1 WHEN 'b' THEN 2.5 END", *batch) == "1 2.5 NULL");
  CHECK(evaluate("CASE WHEN s = 'a' THEN 'x' ELSE s END", *batch) == "x b NULL");
  CHECK(evaluate("nullif(i, 2)", *batch) == "1 NULL NULL");
  CHECK(evaluate("greatest(i, j)", *batch) == "1 5 9");
  CHECK(evaluate("least(i, j, 3)", *batch) == "1 2 3");
  CHECK(evaluate("i IN (1, 7)", *batch) == "true false NULL");
  CHECK(evaluate("i NOT IN (1, NULL)", *batch) == "false NULL NULL");
  CHECK(evaluate("i IN (j, 1)", *batch) == "true false NULL");
  CHECK(evaluate("s IN ('q','w','e','r','t','y','u','i','o','a')", *batch) == "true false NULL");
  CHECK(evaluate("i BETWEEN 2 AND j", *batch) == "false true NULL");
  CHECK(evaluate("i NOT BETWEEN 2 AND 3", *batch) == "true false NULL");
  CHECK(evaluate("i BETWEEN SYMMETRIC 3 AND 2", *batch) == "false true NULL");
}

TEST_CASE("string functions count characters, not bytes") {
  const auto batch = rows({"1|-|-|-|-|-|Grüße", "2|-|-|-|-|-|", "3|-|-|-|-|-|-"});
  CHECK(evaluate("length(s)", *batch) == "5 0 NULL");
  CHECK(evaluate("octet_length(s)", *batch) == "7 0 NULL");
  CHECK(evaluate("upper(s)", *batch) == "GRÜßE  NULL");
  CHECK(evaluate("substring(s FROM 3 FOR 2)", *batch) == "üß  NULL");
  CHECK(evaluate("substr(s, 0, 3)", *batch) == "Gr  NULL");
  CHECK(evaluate("left(s, -1) || '|' || right(s, 2)", *batch) == "Grüß|ße | NULL");
  CHECK(evaluate("position('ß' IN s)", *batch) == "4 0 NULL");
  CHECK(evaluate("reverse(s)", *batch) == "eßürG  NULL");
  CHECK(evaluate("lpad(s, 7, 'äö')", *batch) == "äöGrüße äöäöäöä NULL");
  CHECK(evaluate("concat(s, 1, true, NULL)", *batch) == "Grüße1t 1t 1t");
  CHECK(evaluate("trim(both 'Ge' from s)", *batch) == "rüß  NULL");
  CHECK(evaluate("split_part('a,b,c', ',', -1)") == "c");
  CHECK(evaluate("replace('banana', 'an', 'x')") == "bxxa");
  CHECK(evaluate("substr(s, 1, -1)", *batch) ==
        "!a substring cannot have a negative length !a substring cannot have a negative length NULL");
}

TEST_CASE("LIKE knows %, _, escapes and characters of several bytes") {
  const auto like = [](const std::string& text, const std::string& pattern) {
    return evaluate("'" + text + "' LIKE '" + pattern + "'");
  };
  CHECK(like("abc", "abc") == "true");
  CHECK(like("abc", "ab") == "false");
  CHECK(like("abc", "a%") == "true");
  CHECK(like("abc", "%c") == "true");
  CHECK(like("abc", "%b%") == "true");
  CHECK(like("abc", "_b_") == "true");
  CHECK(like("äöü", "_ö_") == "true");
  CHECK(like("aXbXc", "a%X_") == "true");
  CHECK(like("mississippi", "%iss%ip%i") == "true");
  CHECK(like("mississippi", "%iss%ipp") == "false");
  CHECK(like("aab", "%ab") == "true");
  CHECK(like("a%b", "a\\%b") == "true");
  CHECK(like("axb", "a\\%b") == "false");
  CHECK(like("", "%") == "true");
  CHECK(like("", "_") == "false");
  CHECK(like("abab", "%ab_") == "false");
  CHECK(like("xaybz", "%a_b_") == "true");
  CHECK(evaluate("'a%b' LIKE 'a!%b' ESCAPE '!'") == "true");
  CHECK(evaluate("'GRÜN' ILIKE '%grü_'") == "true");
  CHECK(evaluate("'abc' NOT LIKE 'x%'") == "true");
  CHECK(problem("s LIKE 'a\\'") == "@7 a LIKE pattern must not end with the escape character");
}

TEST_CASE("timestamps are truncated, taken apart, shifted and compared with literals") {
  const auto batch = rows({"1|-|-|-|-|-|-|-|2024-02-29T13:45:30.5Z|2024-03-01T00:00:00Z", "2"});
  CHECK(evaluate("date_trunc('hour', at)", *batch) == "2024-02-29T13:00:00Z NULL");
  CHECK(evaluate("date_trunc('week', at)", *batch) == "2024-02-26T00:00:00Z NULL");
  CHECK(evaluate("extract(epoch FROM at)", *batch) == "1709214330.5 NULL");
  CHECK(evaluate("extract(second FROM at)", *batch) == "30.5 NULL");
  CHECK(evaluate("date_part('dow', at)", *batch) == "4 NULL");
  CHECK(evaluate("at + interval '1 year'", *batch) == "2025-02-28T13:45:30.500Z NULL");
  CHECK(evaluate("at - interval '1 month 2 days 00:00:30.5'", *batch) == "2024-01-27T13:45:00Z NULL");
  CHECK(evaluate("extract(epoch FROM until - at)", *batch) == "36869.5 NULL");
  CHECK(evaluate("at > '2024-02-29' AND at < timestamp '2024-02-29 14:00:00'", *batch) == "true NULL");
  CHECK(evaluate("to_timestamp(0.25)") == "1970-01-01T00:00:00.250Z");
  CHECK(evaluate("at + interval '9000 years'", *batch) == "!the timestamp is outside the years 1 to 9999 NULL");
  CHECK(problem("at - until") ==
        "@3 the difference of two timestamps is an interval, which is not supported (extract(epoch FROM a - b) gives "
        "it in seconds)");
  CHECK(problem("date_trunc('houre', at)") == "@11 date_trunc has no field \"houre\" (did you mean hour?)");
}

TEST_CASE("parts of json are read by key and index, and what is not there is null") {
  const auto batch =
      rows({R"(1|-|-|-|-|-|-|-|-|-|{"a": {"b": [1, "x\n\u00e9", null, {"c":2}]}, "n": null, "a,": 5, "k" : 1, "k": 2})",
            "2"});
  CHECK(evaluate("doc -> 'a' -> 'b' -> 3", *batch) == R"({"c":2} NULL)");
  CHECK(evaluate("doc -> 'a' -> 'b' ->> 1", *batch) == "x\né NULL");
  CHECK(evaluate("doc -> 'a' -> 'b' ->> 2", *batch) == "NULL NULL");
  CHECK(evaluate("doc -> 'a' -> 'b' -> 2", *batch) == "null NULL");
  CHECK(evaluate("doc -> 'a' -> 'b' ->> -4", *batch) == "1 NULL");
  CHECK(evaluate("doc -> 'a' -> 'b' ->> 4", *batch) == "NULL NULL");
  CHECK(evaluate("doc ->> 'a,'", *batch) == "5 NULL");
  CHECK(evaluate("(doc ->> 'k')::int64 + 1", *batch) == "3 NULL");
  CHECK(evaluate("doc ->> 'n' IS NULL", *batch) == "true true");
  CHECK(evaluate("doc -> 0", *batch) == "NULL NULL");
  CHECK(evaluate("'{\"a\":[]}'::json -> 'a' -> 0") == "NULL");
  CHECK(problem("'{\"a\":}'::json") == "@0 \"{\"a\":}\" is not valid JSON");
  CHECK(problem("doc = doc") == "@4 json values cannot be compared (compare a part of it as text: column ->> 'key')");
}

TEST_CASE("casts convert as PostgreSQL does, and what cannot be converted is an error of the row") {
  const auto batch = rows({"1|true|-|-|2.5|-|12", "2|false|-|-|3.5|-| -7 ", "3|-|-|-|1e300|-|x1"});
  CHECK(evaluate("s::int", *batch) == "12 -7 !\"x1\" is not an int64");
  CHECK(evaluate("CAST(f AS bigint)", *batch) == "2 4 !the value does not fit int64");
  CHECK(evaluate("b::int + 1", *batch) == "2 1 NULL");
  CHECK(evaluate("f::text", *batch) == "2.5 3.5 1e+300");
  CHECK(evaluate("'yes'::boolean") == "true");
  CHECK(evaluate("1::text || true") == "1true");
}

TEST_CASE("only the selected rows are computed, and results and errors count them") {
  const auto batch = rows({"1|-|0", "2|-|2", "3|-|0", "4|-|4"})->select({1, 2, 3});
  CHECK(evaluate("8 / i", *batch) == "4 !division by zero 2");
  CHECK(evaluate("i", *batch) == "2 0 4");
  CHECK(evaluate("'x' || i", *batch) == "x2 x0 x4");
  const auto condition = Expression::compile("8 / i > 2", test_schema());
  const Selected selected = condition->select(*batch);
  CHECK(selected.rows == Selection{1});
  CHECK(selected.errors == std::vector<RowError>{{1, "division by zero"}});
}

TEST_CASE("a filter selects the rows where its condition is true") {
  const auto batch = rows({"1|true|1", "2|false|2", "3|-|3", "4|true|-"});
  const auto select = [&](std::string_view text) {
    return Expression::compile(text, test_schema())->select(*batch).rows;
  };
  CHECK(select("b") == Selection{0, 3});
  CHECK(select("NOT b") == Selection{1});
  CHECK(select("b OR i = 3") == Selection{0, 2, 3});
  CHECK(select("b AND i = 1") == Selection{0});
  CHECK(select("true") == Selection{0, 1, 2, 3});
  CHECK(select("NULL::bool").empty());
}

TEST_CASE("a bare column is not copied") {
  const auto batch = rows({"1|-|7"});
  CHECK(Expression::compile("i", test_schema())->evaluate(*batch).column == batch->column(2));
}

TEST_CASE("an expression knows its type, its columns and whether it can be null") {
  const auto compiled = Expression::compile("CASE WHEN id > 1 THEN id + id ELSE 0 END", test_schema());
  CHECK(compiled->type() == Type::kInt64);
  CHECK_FALSE(compiled->nullable());
  CHECK(compiled->columns() == std::vector<size_t>{0});
  CHECK(Expression::compile("j + i", test_schema())->columns() == std::vector<size_t>{2, 3});
  CHECK(Expression::compile("doc ->> 'x'", test_schema())->nullable());
  CHECK(Expression::compile("coalesce(i, 0)", test_schema())->nullable() == false);
}

TEST_CASE("a batch without rows gives columns without rows") {
  const auto batch = RecordBatch::empty(test_schema());
  for (const char* text :
       {"i", "i + 1", "s || 'x'", "CASE WHEN b THEN s END", "doc ->> 'a'", "coalesce(i, 1)", "i IN (1)", "1"})
    CHECK(Expression::compile(text, test_schema())->evaluate(*batch).column->size() == 0);
}
