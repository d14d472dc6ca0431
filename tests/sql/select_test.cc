#include "sql/select.h"

#include <catch2/catch.hpp>

using namespace penstock::sql;

namespace {

// `from=x where=[..] a:name b:agg! group=[..] order=[..] limit=n`, each text with its offset; or the problem.
std::string shown(const Text& text) { return "[" + text.text + "@" + std::to_string(text.offset) + "]"; }
std::string parsed(std::string_view sql) {
  const auto select = parse_select(sql);
  if (!select.ok()) {
    const Problem& p = select.problem();
    return "@" + std::to_string(p.offset) + " " + p.message + (p.hint.empty() ? "" : " (" + p.hint + ")");
  }
  std::string out;
  for (const SelectItem& item : select->items)
    out += (item.star ? "*" : item.name + (item.is_aggregate ? "!" : "") + shown(item.expression)) + " ";
  out += "from=" + select->from + "@" + std::to_string(select->from_offset);
  if (select->where)
    out += " where=" + shown(*select->where);
  for (const Text& key : select->group_by)
    out += " group=" + shown(key);
  for (const OrderItem& order : select->order_by)
    out += " order=" + shown(order.expression) + (order.descending ? "desc" : "") +
           (order.nulls_first ? (*order.nulls_first ? " nulls first" : " nulls last") : "") +
           (order.item ? "=" + std::to_string(*order.item) : "");
  if (select->limit)
    out += " limit=" + std::to_string(*select->limit);
  return out;
}

}  // namespace

TEST_CASE("a SELECT is taken apart into texts with their places") {
  CHECK(parsed("SELECT * FROM deliveries") == "* from=deliveries@14");
  CHECK(parsed("SELECT a, b + 1 AS c FROM d WHERE a > 2 -- why\n LIMIT 10;") ==
        "a[a@7] c[b + 1@10] from=d@26 where=[a > 2@34] limit=10");
  CHECK(parsed("select user_id, count(*) as n from d group by 1 order by 2 desc nulls last, user_id") ==
        "user_id[user_id@7] n![count(*)@16] from=d@35 group=[user_id@7] order=[n@57]desc nulls last=1 "
        "order=[user_id@76]=0");
  CHECK(parsed("SELECT date_trunc('day', at) AS day, max(x) FROM d GROUP BY day ORDER BY max(x), day") ==
        "day[date_trunc('day', at)@7] max![max(x)@37] from=d@49 group=[date_trunc('day', at)@7] order=[max@73]=1 "
        "order=[day@81]=0");
  CHECK(parsed("SELECT a IS DISTINCT FROM b AS differs FROM d") == "differs[a IS DISTINCT FROM b@7] from=d@44");
  CHECK(parsed("SELECT substring(a FROM 2) s, \"from\", extract(hour FROM at) FROM d") ==
        "s[substring(a FROM 2)@7] from[\"from\"@30] extract[extract(hour FROM at)@38] from=d@65");
  CHECK(parsed("SELECT userId, x::int, CASE WHEN a THEN 1 END FROM d LIMIT ALL") ==
        "userId[userId@7] x[x::int@15] case[CASE WHEN a THEN 1 END@23] from=d@51");
  CHECK(parsed("SELECT a AS \"Über\" FROM d ORDER BY 1") == "Über[a@7] from=d@25 order=[\"Über\"@36]=0");
  CHECK(parsed("SELECT count(*) AS \"order\" FROM d ORDER BY 1") ==
        "order![count(*)@7] from=d@32 order=[\"order\"@43]=0");
}

TEST_CASE("what a SELECT cannot do is a problem at its place, with what to use instead") {
  CHECK(parsed("SELECT a FROM b JOIN c ON b.x = c.x") ==
        "@16 joins are not supported (use a join stage, and its name in FROM)");
  CHECK(parsed("SELECT a FROM b, c") == "@9 joins are not supported (use a join stage, and its name in FROM)");
  CHECK(parsed("SELECT a FROM (SELECT 1) x") ==
        "@9 FROM takes the name of one stage or source (make a subquery a stage of its own)");
  CHECK(parsed("WITH x AS (SELECT 1) SELECT a FROM x") ==
        "@0 WITH is not supported (make the inner query a stage of its own)");
  CHECK(parsed("SELECT DISTINCT a FROM b") == "@7 DISTINCT is not supported (use GROUP BY with the same columns)");
  CHECK(parsed("SELECT a FROM b UNION SELECT a FROM c") ==
        "@16 UNION, INTERSECT and EXCEPT are not supported (use a union stage)");
  CHECK(parsed("SELECT a, count(*) FROM b GROUP BY a HAVING count(*) > 1") ==
        "@37 HAVING is not supported (filter the result in a filter stage behind this one)");
  CHECK(parsed("SELECT a FROM b LIMIT 1 OFFSET 2") == "@24 OFFSET is not supported (use LIMIT alone)");
  CHECK(parsed("SELECT a FROM b FETCH FIRST 3 ROWS ONLY") == "@16 FETCH FIRST is not supported (use LIMIT)");
  CHECK(parsed("SELECT a FROM b FOR UPDATE") == "@16 FOR UPDATE and its like are not supported");
  CHECK(parsed("SELECT a FROM b x") == "@14 an alias of b is not supported (write column names alone)");
  CHECK(parsed("SELECT a FROM b GROUP BY ROLLUP(a)") ==
        "@25 GROUPING SETS, ROLLUP and CUBE are not supported (list the columns)");
  CHECK(parsed("SELECT rank() OVER (ORDER BY a) FROM b") ==
        "@7 window functions (OVER) are not supported (use a window or reduce stage)");
  CHECK(parsed("INSERT INTO x VALUES (1)") == "@0 only SELECT is supported (write SELECT column FROM stage)");
  CHECK(parsed("SELECT 1") == "@8 FROM is missing (write FROM and the name of a stage or source)");
  CHECK(parsed("SELECT a FROM b; SELECT c FROM d") == "@16 a second statement (write one SELECT)");
  CHECK(parsed("SELECT a FRM b") == "@13 syntax error at or near \"b\"");
  CHECK(parsed("") == "@0 a SELECT is missing (write SELECT column FROM stage)");
}

TEST_CASE("names, ordinals and grouping of a SELECT are checked") {
  CHECK(parsed("SELECT a + 1 FROM b") == "@7 this expression needs a name (add AS and a name behind it)");
  CHECK(parsed("SELECT a, a FROM b") == "@10 two columns are called a (name one of them with AS)");
  CHECK(parsed("SELECT a FROM b ORDER BY 2") == "@25 ORDER BY 2 is not in the SELECT list (it has 1 items)");
  CHECK(parsed("SELECT a, count(*) FROM b") ==
        "@7 a is neither in GROUP BY nor an aggregate (group by it, or aggregate it, as in first(a))");
  CHECK(parsed("SELECT *, count(*) FROM b") == "@7 * cannot stand beside GROUP BY or an aggregate (name the columns)");
  CHECK(parsed("SELECT sum(a) / 2 AS h FROM b") ==
        "@7 the aggregate sum cannot be part of an expression here (give it a name, and compute with it in a map stage "
        "behind this one)");
  CHECK(parsed("SELECT a FROM b WHERE count(*) > 1") ==
        "@22 WHERE cannot contain an aggregate (filter the result in a filter stage behind this one)");
  CHECK(parsed("SELECT a FROM b LIMIT 1 + 1") == "@24 LIMIT takes a number of rows (write LIMIT 10)");
}
