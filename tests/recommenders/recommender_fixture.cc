#include "tests/recommenders/recommender_fixture.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "actors/components.h"
#include "actors/make_context.h"
#include "tests/components/support.h"
#include "tests/support/plan_of.h"

namespace penstock::test {
namespace {

constexpr const char* kTopology = R"(
name: shop
schemas:
  event: {user: {type: string, required: true}, item: {type: string, required: true}, weight: float64}
  item: {item: {type: string, required: true}, category: string, vendor: string, stock: int64}
  person: {user: {type: string, required: true}, region: string}
  outcome: {category: string, region: string, strategy: string, clicked: bool}
sources:
  events: {type: http, path: /ingest/events, schema: event}
  clicks: {type: http, path: /ingest/clicks, schema: event}
  items: {type: http, path: /ingest/items, schema: item}
  persons: {type: http, path: /ingest/persons, schema: person}
  outcomes: {type: http, path: /ingest/outcomes, schema: outcome}
stages:
  catalogue:
    type: reduce
    input: items
    group_by: [item]
    aggregates: {category: last(category), vendor: last(vendor), stock: last(stock)}
  people: {type: reduce, input: persons, group_by: [user], aggregates: {region: last(region)}}
models:
  taste: {type: als, input: events, user: user, item: item, weight: weight, factors: 4}
  shelf: {type: popularity, input: events, user: user, item: item, weight: weight, by: weight}
  click: {type: popularity, input: clicks, user: user, item: item, weight: weight, by: weight}
  likes:
    type: logistic
    input: outcomes
    label: clicked
    features: {category: categorical, region: categorical, strategy: categorical}
servers:
  api: {type: http}
recommenders:
)";

struct NoProgress final : TrainingProgress {
  void step(size_t, size_t, const std::string&) override {}
};

RuntimeOptions undetached() {
  RuntimeOptions options;
  options.detached = false;
  return options;
}

}  // namespace

RecommenderFixture::RecommenderFixture(const std::string& entries)
    : plan(testing::plan_of(kTopology + entries)), runtime{plan,         store, clock, monitor,
                                                           undetached(), {},    {},    BatchCache(1 << 20)} {
  REQUIRE(prepare(runtime).ok());
  for (const topology::BoundComponent& bound : plan.topology.components) {
    const bool model = bound.component.role == topology::Role::kModel && !bound.binding.online;
    if (!bound.binding.stateful)
      continue;
    const MakeContext context = make_context(plan.topology, bound.component.id, clock);
    auto made =
        model ? std::unique_ptr<Aggregator>(make_history(context).value())
              : std::get<MakeAggregator>(component_entry(bound.component.role, bound.component.type).make)(context)
                    .value();
    runtime.views.set(bound.component.id, 0, std::move(made));
    if (!model)
      continue;
    models.push_back(std::make_unique<ModelServer>(&runtime, bound.component.id));
    REQUIRE(models.back()->load().ok());
  }
  recommenders = std::make_unique<Recommenders>(&runtime, models);
}

std::shared_ptr<Aggregator> RecommenderFixture::view(const std::string& id) { return runtime.views.get(id).front(); }

void RecommenderFixture::put_items(const std::string& lines) {
  process(*view("catalogue"), rows(plan.topology.schemas.at("item"), lines));
}

void RecommenderFixture::put_people(const std::string& lines) {
  process(*view("people"), rows(plan.topology.schemas.at("person"), lines));
}

void RecommenderFixture::put_outcomes(const std::string& lines) {
  process(*view("likes"), rows(plan.topology.schemas.at("outcome"), lines));
}

void RecommenderFixture::happens(const std::string& source, const std::string& interactions) {
  std::istringstream words(interactions);
  std::string lines;
  for (std::string word; words >> word;) {
    const size_t arrow = word.find('>'), times = std::min(word.find('*'), word.size());
    const std::string user = word.substr(0, arrow), item = word.substr(arrow + 1, times - arrow - 1);
    const std::string weight = times == word.size() ? "1" : word.substr(times + 1);
    happened_[source].emplace_back(user, item, std::stof(weight));
    lines += R"({"user":")" + user + R"(","item":")" + item + R"(","weight":)" + weight + "}\n";
  }
  for (const auto& model : models)
    if (model->component().inputs.front() == source)
      process(*view(model->id()), rows(plan.topology.schemas.at("event"), lines));
}

void RecommenderFixture::train() {
  ++trained_;
  for (const auto& model : models) {
    InteractionsBuilder builder;
    for (const auto& [user, item, weight] : happened_[model->component().inputs.front()])
      builder.add({user, item, weight, Timestamp{}});
    const Interactions interactions = std::move(builder).build();
    if (interactions.items.empty())
      continue;
    NoProgress progress;
    auto snapshot = model->model()->fit(interactions, {}, progress);
    INFO(snapshot.status().to_string());
    REQUIRE(snapshot.ok());
    ModelVersion version;
    version.model = model->id();
    version.version = trained_;
    model->publish(*snapshot, version);
  }
}

std::string RecommenderFixture::ask(RecommendationQuery query) const {
  const Result<Recommendation> answer = recommenders->recommend(query);
  if (!answer.ok())
    return answer.status().message();
  std::string out;
  for (const RecommendedItem& item : answer->items)
    out += (out.empty() ? "" : " ") + item.item + "/" + item.strategy;
  return out + (answer->step.empty() ? "" : " step " + answer->step) + (answer->cached ? " cached" : "");
}

}  // namespace penstock::test
