// What holds for every component of the list: named once, documented, its example right, and the contract of its role.
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "actors/components.h"
#include "config/settings.h"
#include "tests/components/support.h"
#include "topology/check.h"
#include "topology/read_property.h"
#include "topology/spec.h"

namespace penstock {
namespace {

using topology::ComponentType;
using topology::Role;

std::string indent(const std::string& text) {
  std::istringstream in(text);
  std::string out;
  for (std::string line; std::getline(in, line);)
    out += "  " + line + "\n";
  return out;
}

// A whole topology around the component's example, which may read `shop` and `events`.
std::string topology_around(const ComponentType& type) {
  std::string sources = "sources:\n";
  const std::string shop = "shop: {type: synthetic, events: 100}\n";
  const std::string events = "events: {type: synthetic, events: 100, seed: 2}\n";
  if (type.role == Role::kSource)
    sources += indent(type.example);
  else
    sources += indent(shop + events);
  std::string out = "name: example\nschemas:\n  event: {id: int64, at: timestamp}\n" + sources;
  if (type.role == Role::kSource && type.name == "http")
    out += "servers: {api: {type: http}}\n";
  if (type.role == Role::kSource && type.name == "recommendations")
    out += indent(shop) +
           "stages:\n  people: {type: reduce, input: shop, group_by: [user_id], aggregates: {events: count(*)}}\n"
           "models:\n  home: {type: popularity, input: shop, user: user_id, item: item_id}\n";
  if (type.role == Role::kRecommender)
    out +=
        "stages:\n  catalogue: {type: reduce, input: shop, group_by: [item_id], aggregates: {vendor: last(vendor), "
        "category: last(category), price: last(price)}}\n"
        "models:\n  taste: {type: als, input: shop, user: user_id, item: item_id}\n"
        "  popular: {type: popularity, input: shop, user: user_id, item: item_id}\n";
  if (type.role == Role::kModel)
    out +=
        "stages:\n  catalogue: {type: reduce, input: shop, group_by: [item_id], aggregates: {category: last(category), "
        "price: last(price)}}\n";
  if (type.role == Role::kJob)
    out += "models:\n  best: {type: popularity, input: shop, user: user_id, item: item_id}\n";
  if (type.role == Role::kExperiment) {
    out +=
        "  shown: {type: impressions}\n"
        "stages:\n  purchases: {type: filter, input: shop, where: \"event = 'purchase'\"}\n"
        "models:\n  taste: {type: als, input: shop, user: user_id, item: item_id}\n"
        "  popular: {type: popularity, input: shop, user: user_id, item: item_id}\n";
  }
  if (type.role != Role::kSource)
    out += std::string(topology::section_name(type.role)) + ":\n" + indent(type.example);
  return out;
}

TEST_CASE("every component is named once in its role, and its name is a word") {
  std::set<std::pair<Role, std::string>> seen;
  for (const ComponentEntry& entry : components()) {
    INFO(entry.type.name);
    CHECK(seen.emplace(entry.type.role, entry.type.name).second);
    CHECK(entry.type.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
    CHECK(catalogue().find(entry.type.role, entry.type.name) != nullptr);
    CHECK(component_entry(entry.type.role, entry.type.name).type.summary == entry.type.summary);
  }
}

void check_declared(const std::vector<topology::Property>& properties) {
  std::set<std::string> names;
  for (const topology::Property& property : properties) {
    INFO(property.name);
    CHECK(names.insert(property.name).second);
    CHECK(property.meaning.ends_with("."));
    CHECK(std::isupper(static_cast<unsigned char>(property.meaning[0])));
    CHECK_FALSE((property.required && !property.default_value.empty()));
    if (!property.default_value.empty())
      CHECK(topology::default_value(property, {}).has_value());
    check_declared(property.members);
  }
}

TEST_CASE("every component and each of its properties is documented") {
  for (const ComponentEntry& entry : components()) {
    if (entry.type.internal)
      continue;
    INFO(entry.type.name);
    CHECK(entry.type.summary.ends_with("."));
    CHECK_FALSE(entry.type.example.empty());
    CHECK(entry.type.bind);
    check_declared(entry.type.properties);
  }
}

TEST_CASE("the example of every component passes the checker") {
  const test::Folder folder;
  folder.write("events.jsonl", "");
  for (const ComponentEntry& entry : components()) {
    if (entry.type.internal)
      continue;
    const std::string text = topology_around(entry.type);
    const auto result = topology::check(text, "example.yaml", folder.path(), catalogue(), settings_type(),
                                        [](const std::string&) { return std::nullopt; });
    std::string mistakes;
    for (const topology::Diagnostic& diagnostic : result.diagnostics.list())
      if (diagnostic.severity == topology::Diagnostic::Severity::kError)
        mistakes += std::to_string(diagnostic.place.line) + ": " + diagnostic.text + " (" + diagnostic.hint + ")\n";
    INFO(text << mistakes);
    CHECK(mistakes.empty());
    CHECK(result.topology.has_value());
  }
}

// A stage of each type over this input; those with another shape of input have tests of their own.
const SchemaPtr kSchema = test::schema({{"b", Type::kBool},
                                        {"i", Type::kInt64},
                                        {"f", Type::kFloat64},
                                        {"s", Type::kString},
                                        {"t", Type::kTimestamp},
                                        {"j", Type::kJson}});

std::vector<test::Made> stages() {
  const std::vector<topology::Input> in = {{"in", kSchema, false, {}}};
  const std::vector<topology::Input> both = {in[0], {"other", kSchema, false, {}}};
  std::vector<test::Made> out;
  out.emplace_back(Role::kStage, "filter", "where: i > 1", in);
  out.emplace_back(Role::kStage, "map", "add: {k: i + 1}", in);
  out.emplace_back(Role::kStage, "map", "select: {k: i, s: s}", in);
  out.emplace_back(Role::kStage, "validate", "columns: {i: {at_most: 2}, s: {matches: x}}\nrules: [{check: f < 1}]",
                   in);
  out.emplace_back(Role::kStage, "validate", "columns: {i: {default: 7}, s: {type: json}}\nunknown_fields: drop", in);
  out.emplace_back(Role::kStage, "buffer", "", in);
  out.emplace_back(Role::kStage, "union", "", std::vector<topology::Input>{in[0], in[0]});
  out.emplace_back(Role::kStage, "route", "routes: {low: i < 1, high: f > 2}", in);
  out.emplace_back(Role::kStage, "explode", "column: j\nas: {a: int64}\nouter: true", in);
  out.emplace_back(Role::kStage, "sample", "fraction: 0.5", in);
  out.emplace_back(Role::kStage, "reduce", "group_by: [b, i, f, s, t, j]\naggregates: {n: count(*)}", in);
  out.emplace_back(Role::kStage, "sort", "by: [f desc, s, t, b, i, j]\nlimit: 5", in);
  out.emplace_back(Role::kStage, "join", "by: [b, i, f, s, t, j]\ntable: current\nkind: left\nwait: 1h", both);
  return out;
}

StagePtr make(const test::Made& made) {
  return made.binding.stateful ? StagePtr(made.aggregator().release()) : made.stage();
}

BatchPtr nulls(size_t rows) {
  std::vector<ColumnPtr> columns;
  for (const Field& field : kSchema->fields())
    columns.push_back(Column::nulls(field.type, rows));
  return RecordBatch::make(kSchema, std::move(columns));
}

TEST_CASE("every stage takes batches without rows, without selected rows, and rows of nulls") {
  for (const test::Made& made : stages()) {
    INFO(made.component.type);
    const StagePtr stage = make(made);
    CHECK(test::process(*stage, RecordBatch::empty(kSchema)).empty());
    CHECK(test::process(*stage, nulls(3)->select({})).empty());
    StageOutput out;
    REQUIRE(stage->process(nulls(3), out).ok());
    CHECK(out.rejected.empty());
    for (const BatchPtr& batch : out.batches)
      CHECK(*batch->schema() == *made.binding.output);
  }
}

TEST_CASE("every stage gives the same for a selection as for the selected rows alone") {
  const BatchPtr whole = test::rows(kSchema, R"({"b":true,"i":1,"f":0.5,"s":"x","t":"2024-01-01T00:00:00Z","j":{"a":1}}
{"b":false,"i":2,"f":null,"s":"","t":null,"j":[1]}
{"b":null,"i":3,"f":-1e300,"s":"é","t":"1969-01-01T00:00:00Z","j":null})");
  for (const test::Made& made : stages()) {
    INFO(made.component.type);
    const StagePtr one = make(made), two = make(made);
    CHECK(test::process(*one, whole->select({0, 2})) == test::process(*two, whole->select({0, 2})->compact()));
    if (made.binding.stateful)
      CHECK(dynamic_cast<Aggregator&>(*one).read_all(9).value()->to_string() ==
            dynamic_cast<Aggregator&>(*two).read_all(9).value()->to_string());
  }
}

TEST_CASE("every aggregator is the same again when its changes were stored and restored") {
  const BatchPtr batch = test::rows(kSchema, R"({"b":true,"i":1,"f":0.5,"s":"x","t":"2024-01-01T00:00:00Z","j":{"a":1}}
{"s":"a\u0000b"}
{"b":true,"i":1,"f":0.5,"s":"x","t":"2024-01-01T00:00:00Z","j":{"a":1}})");
  for (const test::Made& made : stages()) {
    if (!made.binding.stateful)
      continue;
    INFO(made.component.type);
    const auto first = made.aggregator(), second = made.aggregator();
    test::process(*first, batch);
    StageOutput out;
    REQUIRE(first->end_epoch(out).ok());
    for (const auto& [key, value] : out.changes) {
      CHECK_FALSE(key.empty());
      REQUIRE(second->restore(key, *value).ok());
    }
    CHECK(first->keys() == second->keys());
    CHECK(first->memory() > 0);
    const auto sorted = [](const Aggregator& of) {
      const std::string text = of.read_all(9).value()->to_string();
      std::multiset<std::string> lines;
      std::istringstream in(text);
      for (std::string line; std::getline(in, line);)
        lines.insert(line);
      return lines;
    };
    CHECK(sorted(*first) == sorted(*second));
  }
}

TEST_CASE("every model is made from its declaration") {
  const SchemaPtr input = test::schema({{"u", Type::kInt64}, {"i", Type::kInt64}});
  const SchemaPtr catalogue = test::schema({{"i", Type::kInt64}, {"vendor", Type::kString}});
  for (const ComponentEntry& entry : components())
    if (entry.type.role == Role::kModel && std::holds_alternative<MakeModel>(entry.make)) {
      const bool by_features = entry.type.name == "same_attribute";
      const test::Made made(
          Role::kModel, entry.type.name,
          std::string("user: u\nitem: i") +
              (by_features ? "\nitem_features: {view: catalogue, columns: {vendor: categorical}}" : ""),
          {{"in", input, false, {}}, {"catalogue", catalogue, true, {"i"}}});
      CHECK(made.model()->type() == entry.type.name);
      CHECK(made.binding.stateful);
    }
  const test::Made als(Role::kModel, "als", "user: u\nitem: i\nfactors: 32", {{"in", input, false, {}}});
  std::string parameters;
  for (const auto& [name, value] : als.model()->parameters())
    parameters += name + "=" + value + " ";
  CHECK_THAT(parameters, Catch::Contains("factors=32"));
}

}  // namespace
}  // namespace penstock
