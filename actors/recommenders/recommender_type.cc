#include "actors/recommenders/recommender_type.h"

#include "actors/recommenders/recommender_names.h"
#include "actors/recommenders/recommender_plan.h"
#include "actors/sources/impressions.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Kind;
using topology::Property;
using topology::Role;

constexpr double kMostQuota = 10'000;

std::vector<Property> rule_members() {
  return {
      {.name = "must", .kind = Kind::kExpression, .meaning = "A condition that has to be true of every item."},
      {.name = "exclude", .kind = Kind::kExpression, .meaning = "A condition that may be true of no item."},
      {.name = "boost",
       .kind = Kind::kExpression,
       .meaning = "A condition; the scores of items of which it is true are multiplied."},
      {.name = "by", .kind = Kind::kNumber, .meaning = "By what a boost multiplies.", .minimum = 0, .maximum = 1000}};
}

std::vector<Property> properties() {
  return {
      {.name = "candidates",
       .kind = Kind::kList,
       .meaning = "The models that are asked for items.",
       .required = true,
       .minimum = 1,
       .maximum = 16,
       .element = Kind::kGroup,
       .members = {{.name = "model", .kind = Kind::kString, .meaning = "Which model.", .required = true},
                   {.name = "quota",
                    .kind = Kind::kInteger,
                    .meaning = "At most so many items of it; without it 100, or as many as are asked for.",
                    .minimum = 1,
                    .maximum = kMostQuota},
                   {.name = "weight",
                    .kind = Kind::kNumber,
                    .meaning = "How much its word counts; without it 1.",
                    .minimum = 0,
                    .maximum = 1000}},
       .scalar = "model"},
      {.name = "items",
       .kind = Kind::kComponent,
       .meaning = "A view by item id, whose columns conditions, caps and MMR may name."},
      {.name = "users",
       .kind = Kind::kComponent,
       .meaning = "A view by user id, whose columns conditions may name as user.column."},
      {.name = "where",
       .kind = Kind::kExpression,
       .meaning = "What has to be true of every item; an item that the view items does not have is none."},
      {.name = "rules",
       .kind = Kind::kList,
       .meaning = "Further conditions, each one of must, exclude, and boost with by.",
       .element = Kind::kGroup,
       .members = rule_members()},
      {.name = "seen",
       .kind = Kind::kChoice,
       .meaning = "Whether items that the user has had to do with may come again.",
       .default_value = "exclude",
       .choices = {"exclude", "allow"}},
      {.name = "fusion",
       .kind = Kind::kChoice,
       .meaning = "How lists become one: weighted adds scores that were brought to 0 to 1, rrf adds 1 / (60 + rank).",
       .default_value = "weighted",
       .choices = {"weighted", "rrf"}},
      {.name = "rank",
       .kind = Kind::kComponent,
       .meaning =
           "A logistic model whose probability becomes each candidate's score: its features are columns of items, "
           "columns of users, `score` (after the fusion) and `strategy` (the model that found it)."},
      {.name = "diversity",
       .kind = Kind::kGroup,
       .meaning = "What keeps an answer from being all of one kind.",
       .members = {{.name = "cap",
                    .kind = Kind::kMap,
                    .meaning = "By column of items, how many of an answer may have the same value.",
                    .minimum = 1,
                    .element = Kind::kInteger},
                   {.name = "mmr",
                    .kind = Kind::kNumber,
                    .meaning = "Maximal marginal relevance: 1 looks at scores alone, 0 at being different alone.",
                    .minimum = 0,
                    .maximum = 1},
                   {.name = "by",
                    .kind = Kind::kList,
                    .meaning = "The columns by which mmr compares items; without it those of cap.",
                    .minimum = 1,
                    .element = Kind::kColumn}}},
      {.name = "fallback",
       .kind = Kind::kList,
       .meaning = "Models and recommenders that are asked in turn while items are missing; without it the most popular "
                  "items fill up.",
       .element = Kind::kComponent},
      {.name = "because",
       .kind = Kind::kInteger,
       .meaning = "How many items of the user's history are named as reasons for each item.",
       .default_value = "0",
       .minimum = 0,
       .maximum = 10},
      {.name = "cache",
       .kind = Kind::kGroup,
       .meaning = "Answers that are kept until the user acts, a model or the view items changes, or time is up.",
       .members = {{.name = "ttl",
                    .kind = Kind::kDuration,
                    .meaning = "How long an answer is kept.",
                    .default_value = "30s",
                    .minimum = 0.001,
                    .maximum = 86400},
                   {.name = "entries",
                    .kind = Kind::kInteger,
                    .meaning = "How many answers are kept; those used longest ago go first.",
                    .default_value = "10000",
                    .minimum = 1,
                    .maximum = 10e6}}},
      impressions_property(),
  };
}

topology::Binding bind(const Component& component, const topology::BindContext& context) {
  (void)plan_recommender(component, context.component, context.diagnostics);
  check_impressions(component, "impressions", context);
  topology::Binding binding;
  for (const auto& [id, place] : candidates_of(component)) {
    binding.asks.push_back(id);
    const topology::BoundComponent* model = context.component(id);
    if (model != nullptr && model->binding.online)
      context.diagnostics.error(place, "wrong-component",
                                id + " gives probabilities, not items, so it cannot be asked for candidates");
  }
  if (component.has("rank"))
    binding.asks.push_back(component.text("rank"));
  for (const auto& [id, place] : fallback_of(component))
    binding.asks.push_back(id);
  return binding;
}

}  // namespace

topology::ComponentType blend_type() {
  topology::ComponentType type;
  type.role = Role::kRecommender;
  type.name = "blend";
  type.summary =
      "Asks several models for items, filters, blends and diversifies them, and falls back where they are too few.";
  type.example =
      "home:\n"
      "  type: blend\n"
      "  candidates:\n"
      "    - {model: taste, quota: 200}\n"
      "    - {model: popular, quota: 50, weight: 0.2}\n"
      "  items: catalogue\n"
      "  where: price > 0\n"
      "  rules:\n"
      "    - {exclude: category = 'adult'}\n"
      "    - {boost: vendor = 'own', by: 1.2}\n"
      "  diversity: {cap: {vendor: 2}, mmr: 0.7, by: [category]}\n"
      "  fallback: [popular]\n"
      "  because: 2\n"
      "  cache: {ttl: 30s}\n";
  type.min_inputs = type.max_inputs = 0;
  type.properties = properties();
  type.bind = bind;
  type.check_among = [](const Component& component, const std::vector<const Component*>& all,
                        topology::Diagnostics& diagnostics) {
    check_candidates(component, all, diagnostics);
    check_fallback(component, all, diagnostics);
  };
  return type;
}

}  // namespace penstock
