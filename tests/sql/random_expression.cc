#include "tests/sql/random_expression.h"

#include <initializer_list>
#include <string_view>

namespace penstock::sql {
namespace {

/// `$` stands for the next argument.
Twin fill(std::string_view ours, std::string_view theirs, std::initializer_list<Twin> args) {
  const auto put = [&](std::string_view form, std::string Twin::*side) {
    std::string out;
    auto arg = args.begin();
    for (const char c : form)
      c == '$' ? out += (arg++)->*side : out += c;
    return out;
  };
  return {put(ours, &Twin::ours), put(theirs, &Twin::theirs)};
}
Twin fill(std::string_view form, std::initializer_list<Twin> args) { return fill(form, form, args); }
Twin same(std::string text) { return {text, text}; }

template <class List>
auto one_of(Random& random, const List& list) {
  return *(list.begin() + random.below(list.size()));
}
using Names = std::initializer_list<const char*>;

}  // namespace

Twin RandomExpression::any(int depth) {
  switch (pick(5)) {
    case 0: return boolean(depth);
    case 1: return integer(depth);
    case 2: return decimal(depth);
    case 3: return text(depth);
    default: return fill("extract(epoch FROM $)", "extract(epoch FROM $)::float8", {moment(depth)});
  }
}

Twin RandomExpression::boolean(int depth) {
  if (depth == 0)
    return same(one_of(random_, Names{"b", "true", "false", "NULL::bool", "i > 1", "s = 'a'"}));
  const int d = depth - 1;
  const std::string sign =
      one_of(random_, Names{"=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"});
  const std::string likeness = one_of(random_, Names{"LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE"});
  switch (pick(18)) {
    case 0: return fill("($ " + sign + " $)", {integer(d), integer(d)});
    case 1: return fill("($ " + sign + " $)", {decimal(d), decimal(d)});
    case 2: return fill("($ " + sign + " $)", {text(d), text(d)});
    case 3: return fill("($ " + sign + " $)", {moment(d), moment(d)});
    case 4: return fill("($ " + sign + " $)", {boolean(d), boolean(d)});
    case 5: return fill("($ AND $)", {boolean(d), boolean(d)});
    case 6: return fill("($ OR $)", {boolean(d), boolean(d)});
    case 7: return fill("($ AND $ AND $)", {boolean(d), boolean(d), boolean(d)});
    case 8: return fill("(NOT $)", {boolean(d)});
    case 9:
      return fill(std::string("($ IS ") +
                      one_of(random_, Names{"TRUE", "FALSE", "UNKNOWN", "NOT TRUE", "NOT FALSE", "NOT UNKNOWN"}) + ")",
                  {boolean(d)});
    case 10: return fill(pick(2) ? "($ IS NULL)" : "($ IS NOT NULL)", {any(d)});
    case 11: return fill(pick(2) ? "($ IN (1, 7, -1, NULL))" : "($ NOT IN (0, 2, 9223372036854775807))", {integer(d)});
    case 12:
      return fill(pick(2) ? "($ IN ('a', '', 'Grüße', '12'))" : "($ IN ('1','2','3','4','5','6','7','8','9','a'))",
                  {text(d)});
    case 13:
      return fill(pick(2) ? "($ BETWEEN $ AND $)" : "($ NOT BETWEEN SYMMETRIC $ AND $)",
                  {integer(d), integer(d), integer(d)});
    case 14:
      return fill(
          "($ " + likeness + " '" +
              one_of(random_, Names{"a%", "%b%", "_", "%", "", "Gr__e", "%ü%e", "a_c%", "%%a%_", "\\\\%%", "A%C"}) +
              "')",
          {text(d)});
    case 15: return fill("starts_with($, $)", {text(d), text(d)});
    case 16: return fill("($ IN (i, j, 3))", {integer(d)});
    default: return fill("CASE WHEN $ THEN $ ELSE $ END", {boolean(d), boolean(d), boolean(d)});
  }
}

Twin RandomExpression::integer(int depth) {
  if (depth == 0) {
    if (pick(2))
      return same(one_of(random_, Names{"i", "j", "id", "\"userId\""}));
    const std::string literal = one_of(
        random_, Names{"0", "1", "-1", "2", "7", "-3", "100", "9223372036854775807", "-9223372036854775807 - 1"});
    return {"(" + literal + ")", "(" + literal + ")::bigint"};
  }
  const int d = depth - 1;
  switch (pick(15)) {
    case 0: return fill("($ + $)", {integer(d), integer(d)});
    case 1: return fill("($ - $)", {integer(d), integer(d)});
    case 2: return fill("($ * $)", {integer(d), integer(d)});
    case 3: return fill("($ / $)", {integer(d), integer(d)});
    case 4: return fill("($ % $)", {integer(d), integer(d)});
    case 5: return fill("(- $)", {integer(d)});
    case 6: return fill("abs($)", {integer(d)});
    case 7: return fill("length($)", "length($)::bigint", {text(d)});
    case 8: return fill("position($ in $)", "position($ in $)::bigint", {text(d), text(d)});
    case 9: return fill("coalesce($, $)", {integer(d), integer(d)});
    case 10: return fill("nullif($, $)", {integer(d), integer(d)});
    case 11: return fill(pick(2) ? "greatest($, $, $)" : "least($, $, $)", {integer(d), integer(d), integer(d)});
    case 12: return fill("CASE WHEN $ THEN $ WHEN $ THEN $ END", {boolean(d), integer(d), boolean(d), integer(d)});
    case 13: return fill("($)::int64", "($)::bigint", {pick(2) ? decimal(d) : text(d)});
    default: return fill("CASE $ WHEN 'a' THEN $ ELSE $ END", {text(d), integer(d), integer(d)});
  }
}

Twin RandomExpression::decimal(int depth) {
  if (depth == 0) {
    if (pick(3))
      return same(pick(2) ? "f" : "g");
    const std::string literal = one_of(random_, Names{"0.0", "1.5", "-2.5", "1e300", "0.001", "3.14159", "-1e-300"});
    return {literal, "(" + literal + ")::float8"};
  }
  const int d = depth - 1;
  switch (pick(17)) {
    case 0: return fill("($ + $)", {decimal(d), pick(3) ? decimal(d) : integer(d)});
    case 1: return fill("($ - $)", {pick(3) ? decimal(d) : integer(d), decimal(d)});
    case 2: return fill("($ * $)", {decimal(d), decimal(d)});
    case 3: return fill("($ / $)", {decimal(d), decimal(d)});
    case 4: return fill("(- $)", {decimal(d)});
    case 5:
      return fill(std::string(one_of(random_, Names{"abs", "ceil", "ceiling", "floor", "round", "trunc", "sqrt", "sign",
                                                    "ln", "log", "exp"})) +
                      "($)",
                  {decimal(d)});
    case 6: return fill("round($, 2)", "round(($)::numeric, 2)::float8", {same(pick(2) ? "f" : "g")});
    case 7: return fill(pick(2) ? "power($, $)" : "($ ^ $)", {decimal(d), decimal(d)});
    case 8: return fill("coalesce($, $)", {decimal(d), decimal(d)});
    case 9: return fill("nullif($, $)", {decimal(d), decimal(d)});
    case 10: return fill(pick(2) ? "greatest($, $)" : "least($, $)", {decimal(d), decimal(d)});
    case 11: return fill("CASE WHEN $ THEN $ ELSE $ END", {boolean(d), decimal(d), decimal(d)});
    case 12: return fill("($)::float64", "($)::float8", {pick(2) ? integer(d) : text(d)});
    case 13: {
      const std::string field = one_of(
          random_, Names{"year", "month", "day", "hour", "minute", "second", "milliseconds", "microseconds", "dow",
                         "isodow", "doy", "week", "isoyear", "quarter", "decade", "century", "millennium", "epoch"});
      return fill("extract(" + field + " FROM $)", "extract(" + field + " FROM $)::float8", {moment(d)});
    }
    case 14: return fill("extract(epoch FROM $ - $)", "extract(epoch FROM $ - $)::float8", {moment(d), moment(d)});
    case 15: return fill("trunc($, 1)", "trunc(($)::numeric, 1)::float8", {same(pick(2) ? "f" : "g")});
    default: return fill("mod($, $)::float64", "mod(($)::bigint, ($)::bigint)::float8", {integer(0), integer(0)});
  }
}

Twin RandomExpression::text(int depth) {
  if (depth == 0)
    return same(one_of(random_, Names{"s", "t", "'a'", "''", "'Grüße'", "' x '", "'12'", "NULL::text"}));
  const int d = depth - 1;
  const std::string n = std::to_string(static_cast<int>(pick(9)) - 3);
  switch (pick(19)) {
    case 0: return fill("($ || $)", {text(d), text(d)});
    case 1: return fill("($ || $)", {text(d), pick(2) ? integer(d) : boolean(d)});
    case 2: return fill(pick(2) ? "upper($)" : "lower($)", {text(d)});
    case 3: return fill("substring($ FROM " + n + ")", {text(d)});
    case 4: return fill("substr($, " + n + ", " + std::to_string(static_cast<int>(pick(6)) - 1) + ")", {text(d)});
    case 5: return fill(std::string(pick(2) ? "left" : "right") + "($, " + n + ")", {text(d)});
    case 6: return fill(std::string(one_of(random_, Names{"trim", "btrim", "ltrim", "rtrim"})) + "($)", {text(d)});
    case 7: return fill(std::string(one_of(random_, Names{"btrim", "ltrim", "rtrim"})) + "($, $)", {text(d), text(d)});
    case 8: return fill("replace($, $, $)", {text(d), text(d), text(d)});
    case 9: return fill("reverse($)", {text(d)});
    case 10: return fill(std::string(pick(2) ? "lpad" : "rpad") + "($, " + n + ", $)", {text(d), text(d)});
    case 11: return fill("split_part($, $, " + n + ")", {text(d), text(d)});
    case 12: return fill("concat($, $, $)", {text(d), integer(d), boolean(d)});
    case 13: return fill("coalesce($, $)", {text(d), text(d)});
    case 14: return fill(pick(2) ? "greatest($, $)" : "least($, $)", {text(d), text(d)});
    case 15: return fill("CASE WHEN $ THEN $ ELSE $ END", {boolean(d), text(d), text(d)});
    case 16: return fill("($)::text", {pick(2) ? integer(d) : boolean(d)});
    case 17:
      return same(one_of(random_, Names{"doc ->> 'a'", "doc -> 'b' ->> 0", "doc -> 'b' ->> -1", "doc -> 'c' ->> 'd'",
                                        "doc ->> 'b'", "(doc -> 'c')::text", "doc -> 'missing' ->> 'x'"}));
    default: return fill("nullif($, $)", {text(d), text(d)});
  }
}

Twin RandomExpression::moment(int depth) {
  if (depth == 0)
    return same(one_of(
        random_, Names{"at", "until", "timestamp '2024-02-29 13:45:30.5'", "timestamp '1969-12-31 23:59:59.999999'"}));
  const int d = depth - 1;
  const std::string by =
      one_of(random_, Names{"1 day", "5 minutes", "1 month", "-13 months", "1 year 2 days 03:04:05.6", "2 weeks",
                            "1.5 hours", "400 years", "0.25 days"});
  switch (pick(6)) {
    case 0: return fill("($ + interval '" + by + "')", {moment(d)});
    case 1: return fill("($ - interval '" + by + "')", {moment(d)});
    case 2:
      return fill(std::string("date_trunc('") +
                      one_of(random_, Names{"second", "minute", "hour", "day", "week", "month", "quarter", "year",
                                            "decade", "century", "milliseconds"}) +
                      "', $)",
                  {moment(d)});
    case 3: return fill("coalesce($, $)", {moment(d), moment(d)});
    case 4: return fill(pick(2) ? "greatest($, $)" : "least($, $)", {moment(d), moment(d)});
    default: return fill("CASE WHEN $ THEN $ ELSE $ END", {boolean(d), moment(d), moment(d)});
  }
}

}  // namespace penstock::sql
