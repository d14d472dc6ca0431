// Rows a second and core through filter, map and keyed counts, on batches in memory. Each result is checked before it
// is timed.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "actors/aggregators/reduce.h"
#include "actors/components.h"
#include "actors/sources/marketplace.h"
#include "actors/sources/synthetic.h"
#include "actors/stages/filter.h"
#include "actors/stages/map.h"
#include "bench/machine.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::PropertyValue;

constexpr size_t kBatches = 64;
constexpr size_t kRows = 16'384;
constexpr int kRepeats = 5;

[[noreturn]] void wrong(const std::string& what) {
  std::fprintf(stderr, "wrong answer, not timed: %s\n", what.c_str());
  std::exit(1);
}

void check(const Status& status) {
  if (!status.ok())
    wrong(status.to_string());
}

PropertyValue value(decltype(PropertyValue::value) content) {
  PropertyValue out;
  out.value = std::move(content);
  return out;
}

topology::PropertyMap texts(std::vector<std::pair<std::string, std::string>> entries) {
  topology::PropertyMap out;
  for (auto& [name, text] : entries)
    out.emplace_back(name, value(std::move(text)));
  return out;
}

// A component over the marketplace's events.
struct Declared {
  topology::Component component;
  topology::Binding binding;
  MakeContext context() const {
    return {component, binding, {{"shop", marketplace_schema(), false, {}}}, ".", Clock::system()};
  }
};

Declared declare(const std::string& type, std::vector<std::pair<std::string, PropertyValue>> properties) {
  Declared out;
  out.component.id = out.component.type = type;
  out.component.inputs = {"shop"};
  for (auto& [name, content] : properties)
    out.component.properties[name] = std::move(content);
  topology::Diagnostics diagnostics;
  const std::vector<topology::Input> inputs = {{"shop", marketplace_schema(), false, {}}};
  const std::function<SchemaPtr(const std::string&)> no_schemas = [](const std::string&) { return nullptr; };
  const std::string folder = ".";
  out.binding =
      component_entry(topology::Role::kStage, type).type.bind(out.component, {inputs, no_schemas, folder, diagnostics});
  for (const topology::Diagnostic& diagnostic : diagnostics.list())
    wrong(diagnostic.text);
  return out;
}

// Best of several runs over all batches, in rows a second.
double time_rows(const std::vector<BatchPtr>& batches, const std::function<void(const BatchPtr&)>& work) {
  size_t rows = 0;
  for (const BatchPtr& batch : batches)
    rows += batch->rows();
  double best = 0;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    for (const BatchPtr& batch : batches)
      work(batch);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    best = std::max(best, static_cast<double>(rows) / seconds.count());
  }
  return best;
}

void print(const char* what, double rows, double goal) {
  std::printf("%-44s %8.1f million rows/s  (goal %.0f)\n", what, rows * 1e-6, goal);
}

void time_filter(const std::vector<BatchPtr>& batches, const char* title, const std::string& where,
                 const std::function<bool(const RecordBatch&, size_t)>& expected) {
  const Declared declared = declare("filter", {{"where", value(where)}});
  const StagePtr stage = std::move(make_filter(declared.context())).value();
  StageOutput out;
  check(stage->process(batches[0], out));
  size_t kept = 0, wanted = 0;
  for (const BatchPtr& batch : out.batches)
    kept += batch->rows();
  for (size_t i = 0; i < batches[0]->rows(); ++i)
    wanted += expected(*batches[0], i);
  if (kept != wanted)
    wrong(where);
  print(title,
        time_rows(batches,
                  [&](const BatchPtr& batch) {
                    out.clear();
                    check(stage->process(batch, out));
                  }),
        10);
}

void time_map(const std::vector<BatchPtr>& batches) {
  const Declared declared = declare(
      "map",
      {{"select", value(texts({{"item_id", "item_id"}, {"total", "price * quantity"}, {"user_id", "user_id"}}))}});
  const StagePtr stage = std::move(make_map(declared.context())).value();
  StageOutput out;
  check(stage->process(batches[0], out));
  for (size_t i = 0; i < kRows; ++i)
    if (out.batches[0]->column(1)->float64s()[i] !=
        batches[0]->column(4)->float64s()[i] * static_cast<double>(batches[0]->column(7)->int64s()[i]))
      wrong("map");
  print("map price * quantity",
        time_rows(batches,
                  [&](const BatchPtr& batch) {
                    out.clear();
                    check(stage->process(batch, out));
                  }),
        10);
}

void time_reduce(const std::vector<BatchPtr>& batches, const char* title, const std::string& key,
                 std::vector<std::pair<std::string, std::string>> aggregates, bool with_epochs) {
  const Declared declared = declare("reduce", {{"group_by", value(topology::PropertyList{value(key)})},
                                               {"aggregates", value(texts(std::move(aggregates)))},
                                               {"workers", value(int64_t{1})}});
  const auto stage = std::move(make_reduce(declared.context())).value();
  StageOutput out;
  for (const BatchPtr& batch : batches)
    check(stage->process(batch, out));
  const BatchPtr view = stage->read_all(SIZE_MAX).value();
  int64_t total = 0;
  for (size_t i = 0; i < view->rows(); ++i)
    total += view->column(1)->int64s()[i];
  if (total != static_cast<int64_t>(kBatches * kRows))
    wrong(title);
  int batch_number = 0;
  print(title,
        time_rows(batches,
                  [&](const BatchPtr& batch) {
                    check(stage->process(batch, out));
                    if (with_epochs && ++batch_number % 8 == 0)
                      check(stage->end_epoch(out));
                    out.clear();
                  }),
        10);
}

void run() {
  bench::print_machine();
  const Marketplace market({.users = 50'000, .items = 10'000, .seed = 3});
  std::vector<BatchPtr> batches;
  for (size_t b = 0; b < kBatches; ++b) {
    std::vector<MarketplaceEvent> events;
    market.events(b * kRows, kRows, events);
    batches.push_back(marketplace_batch(market, events));
  }
  time_filter(batches, "filter on a number", "price > 30",
              [](const RecordBatch& batch, size_t i) { return batch.column(4)->float64s()[i] > 30; });
  time_filter(batches, "filter on text and number", "event = 'purchase' AND price > 30",
              [](const RecordBatch& batch, size_t i) {
                return batch.column(3)->string(i) == "purchase" && batch.column(4)->float64s()[i] > 30;
              });
  time_map(batches);
  time_reduce(batches, "count by int64, 50,000 keys", "user_id", {{"n", "count(*)"}}, false);
  time_reduce(batches, "count by int64, with epochs", "user_id", {{"n", "count(*)"}}, true);
  time_reduce(batches, "count by short text, 20 keys", "category", {{"n", "count(*)"}}, false);
  time_reduce(batches, "count, sum, max by int64, 10,000 keys", "item_id",
              {{"n", "count(*)"}, {"sold", "sum(quantity)"}, {"dearest", "max(price)"}}, false);
}

}  // namespace
}  // namespace penstock

int main() { penstock::run(); }
