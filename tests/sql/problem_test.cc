#include <catch2/catch.hpp>

#include "tests/sql/evaluate.h"

using namespace penstock::sql;

TEST_CASE("syntax errors stand at their byte") {
  CHECK(problem("") == "@0 an expression is missing");
  CHECK(problem("i +") == "@3 syntax error at end of input");
  CHECK(problem("s = 'ü' ++ )") == "@12 syntax error at or near \")\"");
  CHECK(problem("i; SELECT 2") == "@2 a second statement (write one expression)");
  CHECK(problem("i, j") == "@3 a second expression (write one expression)");
  CHECK(problem("i AS x") == "@0 an expression cannot be given a name here (leave out AS)");
  CHECK(problem("i FROM x") ==
        "@0 this is more than an expression (write only the expression, without FROM, WHERE, ORDER BY ...)");
  CHECK(problem("'abc") == "@0 unterminated quoted string at or near \"'abc\"");
  CHECK(problem("s = 'a\xff'") == "@6 this byte is not valid UTF-8");
}

TEST_CASE("unknown names come with the nearest known one") {
  CHECK(problem("i + idd") == "@4 there is no column \"idd\" (did you mean id?)");
  CHECK(problem("lenght(s)") == "@0 there is no function \"lenght\" (did you mean length?)");
  CHECK(problem("s::strin") ==
        "@3 there is no type \"strin\" (the types are bool, int64, float64, string, timestamp, json)");
  CHECK(problem("a.i") ==
        "@0 a column is written without a table's name here (write i; a key inside a json column is read with ->> "
        "'key')");
}

TEST_CASE("a schema may have columns with a table's name before them") {
  const auto both =
      std::make_shared<const penstock::Schema>(std::vector<penstock::Field>{{"region", penstock::Type::kString},
                                                                            {"user.region", penstock::Type::kString},
                                                                            {"user", penstock::Type::kString}});
  const auto compiled = [&](std::string_view text) {
    const auto expression = Expression::compile(text, both);
    if (!expression.ok())
      return "@" + std::to_string(expression.problem().offset) + " " + expression.problem().message + " (" +
             expression.problem().hint + ")";
    std::string columns;
    for (const size_t column : expression->columns())
      columns += both->field(column).name + " ";
    return columns;
  };
  CHECK(compiled("region = user.region") == "region user.region ");
  CHECK(compiled("region = USER.region OR user = 'user.x'") == "region user.region user ");
  CHECK(compiled("\"user\".region = 'a'") == "user.region ");
  CHECK(compiled("'ü' = user.rgion") == "@7 there is no column \"user.rgion\" (did you mean user.region?)");
}

TEST_CASE("a column in mixed case may be written with or without quotes") {
  CHECK(problem("userId = 1") == "ok");
  CHECK(problem("\"userId\" = 1") == "ok");
}

TEST_CASE("types that do not fit say which there are") {
  CHECK(problem("s + 1") == "@2 there is no string + int64 (there is int64 + int64, float64 + float64; cast with ::)");
  CHECK(problem("s = i") == "@2 cannot compare string and int64 (cast one of them, such as x::string)");
  CHECK(problem("lower(i)") == "@0 there is no lower(int64) (there is lower(string); cast with ::)");
  CHECK(problem("i AND b") == "@0 AND needs a bool, not a int64 (compare it with something)");
  CHECK(problem("CASE WHEN b THEN 1 ELSE s END") ==
        "@0 the values of CASE have the types int64 and string (cast one of them, such as x::int64)");
  CHECK(problem("i = 'x'") == "@4 \"x\" is not an int64");
  CHECK(problem("i::timestamp") == "@3 a int64 cannot be cast to timestamp (use to_timestamp(seconds))");
}

TEST_CASE("what is not supported says so at its place") {
  CHECK(problem("now() > at") ==
        "@0 now is not supported: it would give another answer on replay (use the record's own timestamp column)");
  CHECK(problem("i = (SELECT 1)") == "@4 subqueries are not supported (put the inner query into a stage of its own)");
  CHECK(problem("count(*)") ==
        "@0 count is an aggregate and cannot stand here (aggregate in a reduce stage, then compute with its result)");
  CHECK(problem("s ~ 'a'") ==
        "@2 the operator ~ is not supported (the operators are + - * / % ^ || = <> < <= > >= -> ->>)");
  CHECK(problem("ARRAY[1]") ==
        "@0 arrays and subscripts are not supported (read a json column's parts with -> and ->>)");
  CHECK(problem("i = ANY(ARRAY[1])") == "@2 ANY and ALL are not supported (use IN (value, value ...))");
  CHECK(problem("row_number() OVER ()") ==
        "@0 window functions (OVER) are not supported (use a window or reduce stage)");
  CHECK(problem("s::varchar(10)") ==
        "@3 a length or precision of a type is not supported (write the type's name alone)");
  CHECK(problem("current_date") ==
        "@0 the current time, date and user are not supported: they would give another answer on replay (use the "
        "record's own timestamp column)");
  CHECK(problem("\"in\"()") == "@0 there is no function \"in\"");
  CHECK(problem("\"shift by\"(at, i, i, i)") ==
        "@0 there is no function \"shift by\" (functions are written without quotes)");
}

TEST_CASE("what is too large or too deep is refused, not a crash") {
  std::string deep = "i";
  for (int k = 0; k < 1000; ++k)
    deep = "(" + deep + "+1)";
  CHECK(problem(deep).find("nested more than 200 deep") != std::string::npos);
  std::string wide = "i";
  for (int k = 0; k < 20'000; ++k)
    wide += "+1";
  CHECK(problem(wide).find("at most 10000 are allowed") != std::string::npos);
  CHECK(problem(std::string(300'000, ' ')).find("at most 262144 are allowed") != std::string::npos);
  std::string repeated = "i";
  for (int k = 0; k < 18; ++k)
    repeated = "CASE " + repeated + " WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN 3 END";
  CHECK(problem(repeated).find("the expression is too large") != std::string::npos);
}
