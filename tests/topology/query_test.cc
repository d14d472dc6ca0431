#include "topology/query.h"

#include <catch2/catch.hpp>

#include "small_catalogue.h"

using namespace penstock::topology;
using penstock::topology::testing::checked;
using penstock::topology::testing::mistakes;

namespace {

std::string with_query(const std::string& sql, const std::string& more = "") {
  return "name: shop\n"
         "schemas:\n"
         "  event: {shopper: int64, item: int64, kind: string, price: float64, at: timestamp}\n"
         "sources:\n"
         "  events: {type: file, schema: event}\n"
         "stages:\n"
         "  q:\n"
         "    type: query\n"
         "    sql: " +
         sql + "\n" + more +
         "sinks:\n"
         "  out: {type: file, input: q, path: out}\n";
}

std::string show(const PropertyValue& value) {
  if (const auto* text = std::get_if<std::string>(&value.value))
    return *text;
  if (const auto* number = std::get_if<int64_t>(&value.value))
    return std::to_string(*number);
  std::string out;
  if (const auto* list = std::get_if<PropertyList>(&value.value)) {
    for (const PropertyValue& item : *list)
      out += (out.empty() ? "" : ", ") + show(item);
    return "[" + out + "]";
  }
  if (const auto* map = std::get_if<PropertyMap>(&value.value)) {
    for (const auto& [key, item] : *map)
      out += (out.empty() ? "" : ", ") + key + ": " + show(item);
    return "{" + out + "}";
  }
  return "?";
}

// The stages that a SELECT stands for, one a line, and the columns of the result.
std::string stages_of(const std::string& sql) {
  const CheckedTopology topology = checked(with_query(sql));
  std::string out;
  for (const BoundComponent& bound : topology.components) {
    const Component& component = bound.component;
    if (component.role != Role::kStage)
      continue;
    out += component.id + ": " + component.type + " < " + component.inputs[0];
    for (const auto& [name, value] : component.properties)
      if (!value.defaulted)
        out += " " + name + "=" + show(value);
    out += "\n";
  }
  return out + topology.find("q")->binding.output->to_string() + (topology.find("q")->binding.is_view ? " view" : "");
}

std::string wrong(const std::string& sql) { return mistakes(with_query(sql)); }

}  // namespace

TEST_CASE("a SELECT without grouping is a filter, a map and a sort") {
  CHECK(stages_of("SELECT * FROM events") ==
        "q: map < events\n"
        "shopper int64, item int64, kind string, price float64, at timestamp");
  CHECK(stages_of("SELECT * FROM events WHERE price > 5") ==
        "q: filter < events where=price > 5\n"
        "shopper int64, item int64, kind string, price float64, at timestamp");
  CHECK(stages_of("SELECT item, price * 2 AS twice FROM events WHERE price > 5") ==
        "q.where: filter < events where=price > 5\n"
        "q: map < q.where select={item: item, twice: price * 2}\n"
        "item int64, twice float64");
  CHECK(stages_of("SELECT item AS thing, shopper FROM events") ==
        "q: map < events select={thing: item, shopper: shopper}\n"
        "thing int64, shopper int64");
  CHECK(stages_of("SELECT *, price * 2 AS twice FROM events ORDER BY twice DESC, item LIMIT 3") ==
        "q.select: map < events add={twice: price * 2}\n"
        "q: sort < q.select by=[twice desc, item] limit=3\n"
        "shopper int64, item int64, kind string, price float64, at timestamp, twice float64 view");
  CHECK(stages_of("SELECT * FROM events ORDER BY price NULLS FIRST") ==
        "q: sort < events by=[price nulls first]\n"
        "shopper int64, item int64, kind string, price float64, at timestamp view");
}

TEST_CASE("a SELECT with grouping is a filter, a reduce and a sort, with its computed keys before") {
  CHECK(stages_of("SELECT item, count(*) AS n FROM events GROUP BY item") ==
        "q: reduce < events aggregates={n: count(*)} group_by=[item]\n"
        "item int64, n int64! view");
  CHECK(stages_of("SELECT count(*) AS n, max(price) FROM events") ==
        "q: reduce < events aggregates={n: count(*), max: max(price)} group_by=[]\n"
        "n int64!, max float64 view");
  CHECK(
      stages_of("SELECT lower(kind) AS word, item AS thing, count(*) AS n FROM events WHERE price > 1 GROUP BY 1, item "
                "ORDER BY n DESC LIMIT 10") ==
      "q.where: filter < events where=price > 1\n"
      "q.keys: map < q.where add={word: lower(kind), thing: item}\n"
      "q.groups: reduce < q.keys aggregates={n: count(*)} group_by=[word, thing]\n"
      "q: sort < q.groups by=[n desc] limit=10\n"
      "word string, thing int64, n int64! view");
  CHECK(stages_of("SELECT item, sum(price) FROM events GROUP BY item ORDER BY sum(price)") ==
        "q.groups: reduce < events aggregates={sum: sum(price)} group_by=[item]\n"
        "q: sort < q.groups by=[sum]\n"
        "item int64, sum float64 view");
}

TEST_CASE("mistakes in a SELECT are shown at their place in the file") {
  CHECK(wrong("SELECT nothing FROM events").find("9:17 ") == 0);
  CHECK(wrong("SELECT item FROM evnets") ==
        "9:27 unknown-input: there is no source or stage \"evnets\" (did you mean events?)\n");
  CHECK(wrong("|\n      SELECT item\n      FROM events\n      WHERE prise > 5").find("12:13 bad-expression: ") == 0);
  CHECK(wrong("SELECT item FRM events").find("9:") == 0);
  CHECK(wrong("SELECT item, count(*) FROM events GROUP BY itm")
            .find("9:17 bad-query: item is neither in GROUP BY nor an aggregate") == 0);
  CHECK(wrong("SELECT item, item FROM events").find("9:23 bad-query: two columns are called item") == 0);
  CHECK(
      wrong("SELECT item, * FROM events").find("9:23 bad-query: * must come first, and once (write SELECT *, ...)\n") ==
      0);
  CHECK(wrong("SELECT item FROM events ORDER BY price") ==
        "9:43 bad-query: ORDER BY must name a column of the result (add it to the SELECT list)\n");
  CHECK(wrong("SELECT item FROM events LIMIT 5") ==
        "9:27 bad-query: LIMIT without ORDER BY would keep any rows (add ORDER BY)\n");
  CHECK(wrong("SELECT a.item FROM events a JOIN events b ON a.item = b.item").find("9:") == 0);
}

TEST_CASE("a computed key may not hide a column that an aggregate reads") {
  CHECK(wrong("SELECT lower(kind) AS kind, max(kind) AS last FROM events GROUP BY lower(kind)") ==
        "9:17 bad-query: the computed key kind hides the column of that name, which last reads (give the key another "
        "name with AS)\n");
}

TEST_CASE("a key that is not selected is in the result all the same, and a warning says so") {
  CHECK(wrong("SELECT count(*) AS n FROM events GROUP BY item") ==
        "warning 9:52 extra-column: the result also has the column item, because it is grouped by it (add it to the "
        "SELECT list)\n");
}

TEST_CASE("FROM is the input, and a query may read another") {
  CHECK(mistakes(with_query("SELECT item FROM events", "    input: events\n")) == "");
  CHECK(mistakes(with_query("SELECT item FROM events", "    input: other\n")) ==
        "10:12 bad-input: the input is not the stage after FROM, events (leave input out; FROM says it)\n");
  CHECK(mistakes(with_query("SELECT item FROM p",
                            "  p: {type: query, sql: SELECT item FROM events WHERE price > 1}\n")) == "");
  CHECK(
      mistakes(with_query("SELECT item FROM q")).find("9:27 cycle: these stages read each other in a circle: q → q") ==
      0);
  CHECK(mistakes(with_query("SELECT item FROM \"q.where\" WHERE item > 1")).find("unknown-input") != std::string::npos);
}
