#include "actors/recommenders/recommender_plan.h"

#include <algorithm>
#include <set>

#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::PropertyValue;

std::string text_of(const PropertyValue& value) { return std::get<std::string>(value.value); }

float number_of(const PropertyValue& value) {
  const auto* whole = std::get_if<int64_t>(&value.value);
  return static_cast<float>(whole ? static_cast<double>(*whole) : std::get<double>(value.value));
}

class Planner {
 public:
  Planner(const Component& component, const FindBound& find, topology::Diagnostics& diagnostics)
      : component_(component), find_(find), diagnostics_(diagnostics) {}

  RecommenderPlan run() {
    read_tables();
    read_candidates();
    if (component_.has("rank"))
      read_rank();
    read_rules();
    if (const PropertyValue* diversity = component_.find("diversity"))
      read_diversity(*diversity);
    plan_.fusion = component_.text("fusion") == "rrf" ? Fusion::kRrf : Fusion::kWeighted;
    plan_.seen = component_.text("seen") == "allow";
    if (component_.has("fallback"))
      plan_.fallback = component_.texts("fallback");
    plan_.because = static_cast<size_t>(component_.integer("because"));
    if (const PropertyValue* cache = component_.find("cache")) {
      plan_.cache_for = std::get<Duration>(cache->find("ttl")->value);
      plan_.cache_entries = static_cast<size_t>(std::get<int64_t>(cache->find("entries")->value));
    }
    return std::move(plan_);
  }

 private:
  void read_tables() {
    size_t user_key = 0;
    read_view("items", plan_.items, plan_.item_schema, plan_.item_key);
    read_view("users", plan_.users, plan_.user_schema, user_key);
  }

  void read_view(const char* property, std::string& view, SchemaPtr& schema, size_t& key) {
    if (!component_.has(property))
      return;
    const topology::BoundComponent* bound = find_(component_.text(property));
    if (bound == nullptr)
      return;
    const topology::Place place = component_.place_of(property);
    const std::string& id = bound->component.id;
    const bool keeps_rows = bound->component.type == "reduce" || bound->component.type == "features";
    if (bound->component.role != topology::Role::kStage || !keeps_rows) {
      diagnostics_.error(place, "wrong-component",
                         std::string(property) + " must name a view that a reduce or a features keeps, and " + id +
                             " is a " + bound->component.type,
                         "keep the last row of each with a reduce, as in `group_by: [item_id]` with "
                         "`aggregates: {category: last(category)}`");
      return;
    }
    if (!bound->binding.output)
      return;
    if (bound->binding.key.size() != 1) {
      diagnostics_.error(place, "wrong-component",
                         std::string(property) + " must name a view with one key column, and " + id + " has " +
                             std::to_string(bound->binding.key.size()),
                         "group it by the id alone");
      return;
    }
    view = id;
    schema = bound->binding.output;
    key = *schema->index_of(bound->binding.key.front());
  }

  void read_candidates() {
    std::set<std::string> named;
    for (const PropertyValue& entry : component_.list("candidates")) {
      RecommenderPlan::Generator generator{text_of(*entry.find("model")), std::nullopt, 1};
      if (const PropertyValue* quota = entry.find("quota"))
        generator.quota = static_cast<size_t>(std::get<int64_t>(quota->value));
      if (const PropertyValue* weight = entry.find("weight"))
        generator.weight = number_of(*weight);
      if (!named.insert(generator.model).second)
        diagnostics_.error(entry.find("model")->place, "duplicate", "candidates names " + generator.model + " twice",
                           "give it one quota and one weight");
      plan_.candidates.push_back(std::move(generator));
    }
  }

  void read_rank() {
    const topology::Place place = component_.place_of("rank");
    const topology::BoundComponent* model = find_(component_.text("rank"));
    if (model == nullptr)
      return;  // which is reported when all names are known
    if (model->component.type != "logistic") {
      diagnostics_.error(place, "wrong-component",
                         "rank names a model that gives probabilities, and " + model->component.id + " is of type " +
                             model->component.type,
                         "declare one of type logistic under models:");
      return;
    }
    const topology::BoundComponent* input = find_(model->component.inputs.front());
    plan_.rank = RankPlan{model->component.id, plan_rank(model->component, input ? input->binding.output : nullptr,
                                                         plan_.item_schema, plan_.user_schema, place, diagnostics_)};
  }

  std::optional<Condition> condition(const PropertyValue& value, const std::string& what) {
    if (!component_.has("items")) {
      diagnostics_.error(value.place, "missing-key", what + " needs items",
                         "name the view that has the columns of the items, as in `items: catalogue`");
      return std::nullopt;
    }
    const bool users_unknown = component_.has("users") && !plan_.user_schema;
    if (!plan_.item_schema || users_unknown)
      return std::nullopt;  // which was reported
    auto compiled = Condition::compile(text_of(value), plan_.item_schema, plan_.user_schema);
    if (compiled.ok())
      return *compiled;
    topology::report(compiled.problem(), value, diagnostics_);
    return std::nullopt;
  }

  void read_rules() {
    if (const PropertyValue* where = component_.find("where"))
      if (auto compiled = condition(*where, "where"))
        plan_.rules.must.push_back(*compiled);
    if (!component_.has("rules"))
      return;
    for (const PropertyValue& rule : component_.list("rules")) {
      const PropertyValue* must = rule.find("must");
      const PropertyValue* exclude = rule.find("exclude");
      const PropertyValue* boost = rule.find("boost");
      const PropertyValue* by = rule.find("by");
      if ((must != nullptr) + (exclude != nullptr) + (boost != nullptr) != 1) {
        diagnostics_.error(rule.place, "missing-key", "a rule has one of must, exclude and boost",
                           "write a rule for each");
        continue;
      }
      if ((boost != nullptr) != (by != nullptr)) {
        diagnostics_.error(rule.place, "missing-key", boost ? "a boost needs by" : "by belongs to a boost",
                           "as in {boost: \"vendor = 'own'\", by: 1.2}");
        continue;
      }
      const auto compiled = condition(must ? *must : exclude ? *exclude : *boost, "a rule");
      if (!compiled)
        continue;
      if (boost)
        plan_.rules.boosts.push_back({*compiled, number_of(*by)});
      else
        (must ? plan_.rules.must : plan_.rules.exclude).push_back(*compiled);
    }
  }

  // The column's index among the coded ones.
  std::optional<size_t> coded(const std::string& name, topology::Place place) {
    const auto column = topology::check_column(name, place, plan_.item_schema, diagnostics_);
    if (!column)
      return std::nullopt;
    const auto found = std::find(plan_.coded.begin(), plan_.coded.end(), *column);
    if (found != plan_.coded.end())
      return static_cast<size_t>(found - plan_.coded.begin());
    plan_.coded.push_back(*column);
    return plan_.coded.size() - 1;
  }

  void read_diversity(const PropertyValue& diversity) {
    if (!component_.has("items")) {
      diagnostics_.error(diversity.place, "missing-key", "diversity needs items",
                         "name the view that has the columns of the items, as in `items: catalogue`");
      return;
    }
    if (!plan_.item_schema)
      return;
    const PropertyValue* cap = diversity.find("cap");
    const PropertyValue* mmr = diversity.find("mmr");
    const PropertyValue* by = diversity.find("by");
    if (cap)
      for (const auto& [name, most] : std::get<topology::PropertyMap>(cap->value))
        if (const auto column = coded(name, most.key_place))
          plan_.diversity.caps.push_back({*column, static_cast<uint32_t>(std::get<int64_t>(most.value))});
    if (mmr)
      plan_.diversity.lambda = number_of(*mmr);
    if (by && !mmr)
      diagnostics_.error(by->place, "missing-key", "by belongs to mmr", "write mmr: 0.7 beside it");
    if (by)
      for (const PropertyValue& name : std::get<topology::PropertyList>(by->value))
        if (const auto column = coded(text_of(name), name.place))
          plan_.diversity.compared.push_back(*column);
    if (mmr && !by)
      for (const DiversityRules::Cap& capped : plan_.diversity.caps)
        plan_.diversity.compared.push_back(capped.column);
    if (mmr && !by && !cap)
      diagnostics_.error(mmr->place, "missing-key", "mmr needs columns by which items are compared",
                         "write by: [category] beside it");
  }

  const Component& component_;
  const FindBound& find_;
  topology::Diagnostics& diagnostics_;
  RecommenderPlan plan_;
};

}  // namespace

RecommenderPlan plan_recommender(const Component& component, const FindBound& find,
                                 topology::Diagnostics& diagnostics) {
  return Planner(component, find, diagnostics).run();
}

}  // namespace penstock
