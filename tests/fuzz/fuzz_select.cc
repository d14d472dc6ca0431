// SELECT queries: taken apart, each part must be where the whole has it; then as a `query` stage of a topology, through
// the checker and the planner to the stages that it stands for.
#include <algorithm>

#include "messages/json_writer.h"
#include "messages/utf8.h"
#include "sql/select.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"
#include "tests/fuzz/topology_input.h"

namespace penstock::fuzz {
namespace {

constexpr std::string_view kBefore = R"(name: fuzz
schemas:
  event:
    id: {type: int64, required: true}
    user_id: string
    i: int64
    f: float64
    s: string
    b: bool
    at: timestamp
    doc: json
sources:
  events: {type: synthetic, users: 2, items: 2, history: 1, events: 1}
  rows: {type: http, path: /ingest/rows, schema: event}
sinks:
  out: {type: file, input: q, path: /tmp/penstock-fuzz.jsonl}
stages:
  q: {type: query, sql: )";

void check_part(std::string_view whole, const sql::Text& part) {
  require(part.offset <= whole.size() && whole.substr(part.offset, part.text.size()) == part.text,
          "a part stands where it is said to", part.text);
}

}  // namespace

void fuzz_select(std::string_view text) {
  const auto select = sql::parse_select(text);
  if (!select.ok()) {
    require(select.problem().offset <= text.size(), "a problem has a place in the text", select.problem().message);
    return;
  }
  require(!select->items.empty(), "a SELECT has items");
  if (select->where)
    check_part(text, *select->where);
  for (const sql::SelectItem& item : select->items)
    if (!item.star)
      check_part(text, item.expression);
  for (const sql::OrderItem& item : select->order_by)
    require(!item.item || *item.item < select->items.size(), "an ordinal is in the list");
  if (!valid_utf8(text) || text.find('$') != std::string_view::npos)
    return;
  std::string topology(kBefore);
  append_json_string(text, topology);
  check_topology(topology + "}\n");
}

}  // namespace penstock::fuzz
