#include "topology/plan.h"

#include <catch2/catch.hpp>

#include "small_catalogue.h"
#include "topology/explain.h"

using namespace penstock::topology;
using penstock::topology::testing::checked;

namespace {

const std::string kSource =
    "name: shop\n"
    "schemas: {event: {u: int64, i: int64, price: float64}}\n"
    "sources:\n"
    "  events: {type: file, schema: event, partitions: 2}\n";

Plan planned(const std::string& more) { return make_plan(checked(kSource + more)); }

// `region: node1 node2; events -forward-> node1` one line a region, and the logs.
std::string shape(const std::string& more) {
  const Plan plan = planned(more);
  std::string out = "logs";
  for (const PlannedLog& log : plan.logs)
    out += " " + log.name + "/" + std::to_string(log.partitions);
  for (const PlannedRegion& region : plan.regions) {
    out += "\n" + region.name + " reads";
    for (const std::string& log : region.reads)
      out += " " + log;
    for (const PlannedNode& node : region.nodes) {
      out += "\n  " + node.id + (node.aggregator ? "*" : "") +
             (node.workers > 1 ? "x" + std::to_string(node.workers) : "") + " [";
      for (size_t i = 0; i < node.stages.size(); ++i)
        out += (i == 0 ? "" : " ") + node.stages[i];
      out += "]";
      if (!node.log.empty())
        out += " writes " + node.log;
      for (const PlannedEdge& edge : region.edges)
        if (edge.to == node.id)
          out += " <- " + edge.from + " " + edge.routing.to_string();
    }
  }
  return out;
}

}  // namespace

TEST_CASE("a chain of stateless stages becomes one node, an aggregator its own") {
  CHECK(shape("stages:\n"
              "  dear: {type: filter, input: events, where: price > 10}\n"
              "  twice: {type: map, input: dear, add: {double: price * 2}}\n"
              "  sums: {type: reduce, input: twice, group_by: [u], aggregates: {n: sum(double)}, workers: 3}\n") ==
        "logs events/2\n"
        "dear reads events\n"
        "  twice [dear twice] <- events forward\n"
        "  sums*x3 [sums] <- twice exchange(u)");
}

TEST_CASE("a stage with two readers is not fused with either") {
  CHECK(shape("stages:\n"
              "  dear: {type: filter, input: events, where: price > 10}\n"
              "  a: {type: map, input: dear, add: {x: price}}\n"
              "  b: {type: map, input: dear, add: {y: price}}\n"
              "  ra: {type: reduce, input: a, aggregates: {n: count(*)}}\n"
              "  rb: {type: sort, input: b, by: [y]}\n") ==
        "logs events/2\n"
        "dear reads events\n"
        "  dear [dear] <- events forward\n"
        "  a [a] <- dear forward\n"
        "  b [b] <- dear forward\n"
        "  ra* [ra] <- a exchange()\n"
        "  rb* [rb] <- b exchange()");
}

TEST_CASE("stages that share only a log are regions of their own") {
  CHECK(shape("stages:\n"
              "  a: {type: reduce, input: events, group_by: [u], aggregates: {n: count(*)}}\n"
              "  b: {type: reduce, input: events, group_by: [i], aggregates: {n: count(*)}}\n") ==
        "logs events/2\n"
        "a reads events\n"
        "  a* [a] <- events exchange(u)\n"
        "b reads events\n"
        "  b* [b] <- events exchange(i)");
}

TEST_CASE("a stage that a sink reads fills a log, and may go on in memory too") {
  CHECK(shape("stages:\n"
              "  dear: {type: filter, input: events, where: price > 10}\n"
              "  more: {type: filter, input: dear, where: price > 20}\n"
              "  sums: {type: reduce, input: more, aggregates: {n: count(*)}}\n"
              "sinks:\n"
              "  out: {type: file, input: dear, path: out}\n"
              "  all: {type: file, input: events, path: all}\n"
              "  end: {type: file, input: sums, path: end}\n") ==
        "logs events/2 dear/1 sums/1\n"
        "dear reads events\n"
        "  dear [dear] <- events forward\n"
        "  dear>log [] writes dear <- dear forward\n"
        "  more [more] <- dear forward\n"
        "  sums* [sums] <- more exchange()\n"
        "  sums>log [] writes sums <- sums forward");
}

TEST_CASE("a buffer fills a log of its own, and what reads it is a region of its own") {
  CHECK(shape("stages:\n"
              "  dear: {type: filter, input: events, where: price > 10}\n"
              "  waiting: {type: buffer, input: dear, retain_for: 1h}\n"
              "  more: {type: filter, input: waiting, where: price > 20}\n"
              "  sums: {type: reduce, input: more, aggregates: {n: count(*)}}\n"
              "sinks:\n"
              "  out: {type: file, input: waiting, path: out}\n"
              "models:\n"
              "  taste: {type: als, input: waiting, user: u, item: i}\n") ==
        "logs events/2 waiting/1\n"
        "dear reads events\n"
        "  waiting [dear waiting] writes waiting <- events forward\n"
        "more reads waiting\n"
        "  more [more] <- waiting forward\n"
        "  sums* [sums] <- more exchange()\n"
        "taste reads waiting\n"
        "  taste* [taste] <- waiting exchange(u)");
}

TEST_CASE("a buffer behind a source, an aggregator or another buffer, and beside other readers") {
  CHECK(shape("stages:\n"
              "  first: {type: buffer, input: events}\n"
              "  second: {type: buffer, input: first}\n"
              "  sums: {type: reduce, input: events, group_by: [u], aggregates: {n: count(*)}, workers: 2}\n"
              "  after: {type: buffer, input: sums}\n"
              "  all: {type: filter, input: sums, where: n > 1}\n") ==
        "logs events/2 first/1 second/1 after/1\n"
        "first reads events\n"
        "  first [first] writes first <- events forward\n"
        "second reads first\n"
        "  second [second] writes second <- first forward\n"
        "sums reads events\n"
        "  sums*x2 [sums] <- events exchange(u)\n"
        "  after [after] writes after <- sums forward\n"
        "  all [all] <- sums forward");
}

TEST_CASE("the plan says of a buffer what it keeps and who reads it") {
  const std::string text =
      explain_text(planned("stages:\n"
                           "  waiting: {type: buffer, input: events, retain_for: 1h, retain_bytes: 1GiB}\n"
                           "  more: {type: filter, input: waiting, where: price > 20}\n"));
  CHECK_THAT(text, Catch::Contains("log waiting: 1 partition, filled by the stage waiting (buffer), kept for 1h, up to "
                                   "1GiB a partition\n"));
  CHECK_THAT(text, Catch::Contains("region waiting: reads events, commits all or nothing\n"
                                   "  waiting\n"
                                   "    does  buffer, appends to the log waiting\n"));
  CHECK_THAT(text, Catch::Contains("region more: reads waiting"));
}

TEST_CASE("a model's interactions are kept by a keyed node, beside the log that it trains on") {
  CHECK(shape("stages:\n"
              "  dear: {type: filter, input: events, where: price > 10}\n"
              "models:\n"
              "  direct: {type: als, input: events, user: u, item: i}\n"
              "  filtered: {type: als, input: dear, user: u, item: i}\n") ==
        "logs events/2 dear/1\n"
        "dear reads events\n"
        "  dear [dear] <- events forward\n"
        "  dear>log [] writes dear <- dear forward\n"
        "  filtered* [filtered] <- dear exchange(u)\n"
        "direct reads events\n"
        "  direct* [direct] <- events exchange(u)");
  const Plan plan =
      planned("models:\n  m: {type: als, input: events, user: u, item: i}\nservers: {api: {type: http}}\n");
  CHECK(plan.models == std::vector<std::string>{"m"});
  CHECK(plan.servers == std::vector<std::string>{"api"});
  CHECK(plan.sources == std::vector<std::string>{"events"});
}

TEST_CASE("a union joins what it reads into one region, which may read several logs") {
  CHECK(shape("  more: {type: file, schema: event}\n"
              "stages:\n"
              "  dear: {type: filter, input: events, where: price > 10}\n"
              "  both: {type: union, inputs: [dear, more]}\n"
              "  named: {type: map, input: both, add: {x: price}}\n"
              "  sums: {type: reduce, input: named, aggregates: {n: count(*)}}\n") ==
        "logs events/2 more/1\n"
        "dear reads events more\n"
        "  dear [dear] <- events forward\n"
        "  named [both named] <- dear forward <- more forward\n"
        "  sums* [sums] <- named exchange()");
}

TEST_CASE("the budget of memory and of bytes in flight comes from the settings") {
  const Plan plan = planned(
      "models: {m: {type: als, input: events, user: u, item: i}}\n"
      "settings: {memory_budget: 1GiB, in_flight_bytes: 8MiB}\n");
  CHECK(plan.memory.count == 1ull << 30);
  CHECK(plan.regions[0].in_flight.count == 8ull << 20);
}

TEST_CASE("the plan of a topology as people read it") {
  const Plan plan = planned(
      "stages:\n"
      "  dear: {type: filter, input: events, where: price > 10}\n"
      "  twice: {type: map, input: dear, add: {double: price * 2}}\n"
      "  sums: {type: reduce, input: twice, group_by: [u], aggregates: {n: sum(double)}, workers: 2}\n"
      "sinks: {out: {type: file, input: sums, path: out}}\n"
      "models: {taste: {type: als, input: events, user: u, item: i}}\n"
      "servers: {api: {type: http}}\n");
  CHECK(explain_text(plan) ==
        "topology shop: 1 source, 3 stages, 1 sink, 1 model, 1 server\n"
        "memory: 2GiB, of which at most 128MiB in flight (2 regions of 64MiB each)\n"
        "\n"
        "log events: 2 partitions, filled by the source events (file)\n"
        "  u int64, i int64, price float64\n"
        "\n"
        "log sums: 1 partition, filled by the stage sums (reduce)\n"
        "  u int64, n float64\n"
        "\n"
        "region dear: reads events, commits all or nothing\n"
        "  twice\n"
        "    does  dear (filter) ▸ twice (map)\n"
        "    from  events  forward  u int64, i int64, price float64\n"
        "  sums\n"
        "    does  reduce, keeps state\n"
        "    from  twice  exchange(u)  u int64, i int64, price float64, double float64\n"
        "    with  2 workers\n"
        "    view  by u: u int64, n float64\n"
        "  sums>log\n"
        "    does  appends to the log sums\n"
        "    from  sums  forward  u int64, n float64\n"
        "\n"
        "region taste: reads events, commits all or nothing\n"
        "  taste\n"
        "    does  keeps the interactions of each user for the model\n"
        "    from  events  exchange(u)  u int64, i int64, price float64\n"
        "\n"
        "sink out (file): reads the log sums\n"
        "model taste (als): trains on the log events\n"
        "server api (http)\n");
  CHECK(explain_mermaid(plan) ==
        "flowchart LR\n"
        "  log_events[(\"events\")]\n"
        "  log_sums[(\"sums\")]\n"
        "  subgraph region_dear[\"region dear\"]\n"
        "    node_twice[\"dear: filter ▸ twice: map\"]\n"
        "    node_sums[[\"sums: reduce ×2\"]]\n"
        "    node_sums_2log[\"append\"]\n"
        "  end\n"
        "  log_events --> node_twice\n"
        "  node_twice -->|\"exchange(u)\"| node_sums\n"
        "  node_sums --> node_sums_2log\n"
        "  node_sums_2log --> log_sums\n"
        "  subgraph region_taste[\"region taste\"]\n"
        "    node_taste[[\"taste: interactions\"]]\n"
        "  end\n"
        "  log_events -->|\"exchange(u)\"| node_taste\n"
        "  node_taste -->|\"fold-in\"| model_taste\n"
        "  source_events([\"events: file\"])\n"
        "  source_events --> log_events\n"
        "  sink_out([\"out: file\"])\n"
        "  log_sums --> sink_out\n"
        "  model_taste([\"taste: als\"])\n"
        "  log_events -->|\"training\"| model_taste\n"
        "  model_taste --> server_api\n"
        "  server_api([\"api: http\"])\n");
}

TEST_CASE("the plan for tools: Graphviz and JSON") {
  const Plan plan = planned(
      "stages:\n"
      "  sums: {type: reduce, input: events, group_by: [u], aggregates: {n: count(*)}}\n"
      "sinks: {out: {type: file, input: sums, path: out}}\n");
  CHECK(explain_dot(plan) ==
        "digraph \"shop\" {\n"
        "  rankdir=LR;\n"
        "  \"log events\" [label=\"events\", shape=cylinder];\n"
        "  \"log sums\" [label=\"sums\", shape=cylinder];\n"
        "  subgraph \"cluster sums\" {\n"
        "    label=\"region sums\";\n"
        "    \"node sums\" [label=\"sums: reduce\", shape=box3d];\n"
        "    \"node sums>log\" [label=\"append\", shape=box];\n"
        "  }\n"
        "  \"log events\" -> \"node sums\" [label=\"exchange(u)\"];\n"
        "  \"node sums\" -> \"node sums>log\";\n"
        "  \"node sums>log\" -> \"log sums\";\n"
        "  \"source events\" [label=\"events: file\", shape=oval];\n"
        "  \"source events\" -> \"log events\";\n"
        "  \"sink out\" [label=\"out: file\", shape=oval];\n"
        "  \"log sums\" -> \"sink out\";\n"
        "}\n");
  Diagnostics diagnostics;
  const auto tree = parse(explain_json(plan), process_environment(), diagnostics);  // JSON is YAML
  REQUIRE(tree.has_value());
  const Node& region = tree->find("regions")->items[0];
  CHECK(region.find("reads")->items[0].text == "events");
  CHECK(region.find("nodes")->items[0].find("view_key")->items[0].text == "u");
  CHECK(region.find("nodes")->items[1].find("log")->text == "sums");
  CHECK(region.find("edges")->items[0].find("routing")->text == "exchange(u)");
  CHECK(tree->find("sinks")->items[0].find("log")->text == "sums");
  CHECK(tree->find("logs")->items[1].find("columns")->items[1].find("required")->text == "true");
}
