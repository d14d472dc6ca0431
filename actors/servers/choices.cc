// The part of the prediction desk that chooses: asks a bandit, and notes the choice.
#include <algorithm>

#include "actors/aggregators/bandit.h"
#include "actors/aggregators/bandit_situation.h"
#include "actors/servers/predictions.h"
#include "actors/supervision/unknown_name.h"
#include "messages/key.h"

namespace penstock {
namespace {

Result<std::shared_ptr<const Bandit>> find_bandit(Runtime& runtime, const std::string& model) {
  std::vector<std::string> known;
  for (const topology::BoundComponent& bound : runtime.plan.topology.components)
    if (bound.component.role == topology::Role::kModel && bound.component.type == "bandit")
      known.push_back(bound.component.id);
  if (std::find(known.begin(), known.end(), model) == known.end()) {
    const topology::BoundComponent* other = runtime.plan.topology.find(model);
    if (other != nullptr && other->component.role == topology::Role::kModel)
      return not_found("the model \"" + model + "\" of type " + other->component.type +
                       " chooses nothing; one of type bandit does");
    return not_found(unknown_name("bandit", model, known));
  }
  const ViewRegistry::Workers workers = runtime.views.get(model);
  auto found = workers.empty() ? nullptr : std::dynamic_pointer_cast<const Bandit>(workers.front());
  if (!found)
    return failed_precondition("model \"" + model + "\" is still starting; ask again in a moment");
  return found;
}

}  // namespace

Result<Choice> Predictions::choose(const ChoiceQuery& query) {
  PENSTOCK_ASSIGN(const std::shared_ptr<const Bandit> bandit, find_bandit(*runtime_, query.model));
  PENSTOCK_ASSIGN(const std::vector<double> situation, read_situation(bandit->plan().context, query.context));
  const std::shared_ptr<const Bandit::Arms> known = bandit->arms();
  Choice choice;
  choice.model = query.model;
  choice.learnt = known->trials;
  choice.decision = query.decision.empty() ? impressions_->new_id() : query.decision;
  std::vector<ArmBelief> beliefs;
  for (const std::string& asked : query.arms)
    if (std::find(known->names.begin(), known->names.end(), asked) == known->names.end() &&
        !bandit->plan().arms.empty())
      return invalid_argument(unknown_name("arm", asked, known->names));
  const auto add = [&](const std::string& name, const ArmPosterior& posterior) {
    beliefs.push_back(posterior.at(situation));
    choice.arms.push_back({name, beliefs.back().mean, 0});
  };
  for (size_t i = 0; i < known->names.size(); ++i)
    if (query.arms.empty() || std::find(query.arms.begin(), query.arms.end(), known->names[i]) != query.arms.end())
      add(known->names[i], *known->posteriors[i]);
  const ArmPosterior untried({}, bandit->plan().options);
  for (size_t i = 0; i < query.arms.size(); ++i)  // a bandit without declared arms may meet new ones here
    if (std::find(known->names.begin(), known->names.end(), query.arms[i]) == known->names.end() &&
        std::find(query.arms.begin(), query.arms.begin() + static_cast<ptrdiff_t>(i), query.arms[i]) ==
            query.arms.begin() + static_cast<ptrdiff_t>(i))
      add(query.arms[i], untried);
  if (beliefs.empty())
    return failed_precondition(
        "the bandit \"" + query.model +
        "\" has no arms yet: declare `arms:`, send them with the question, or wait for outcomes");
  const BanditChoice chosen = penstock::choose(beliefs, bandit->plan().options, hash_key(choice.decision));
  for (size_t i = 0; i < choice.arms.size(); ++i)
    choice.arms[i].propensity = chosen.propensities[i];
  choice.arm = choice.arms[chosen.arm].arm;
  choice.propensity = choice.arms[chosen.arm].propensity;
  choice.logged = note(query, choice);
  runtime_->monitor.emit(monitoring::PredictionServed{{query.model, "server", "bandit"},
                                                      bandit->plan().arms.empty() ? "chosen" : choice.arm});
  return choice;
}

bool Predictions::note(const ChoiceQuery& query, const Choice& choice) const {
  const topology::Component& component = runtime_->plan.topology.find(query.model)->component;
  if (!component.has("impressions"))
    return false;
  Impression impression;
  impression.id = choice.decision;
  impression.user = query.user;
  impression.model = choice.model;
  impression.context = query.context;
  impression.propensity = choice.propensity;
  for (const Choice::Arm& arm : choice.arms)
    if (arm.arm == choice.arm)
      impression.items.push_back({arm.arm, arm.score, "bandit"});
  return impressions_->note(component.text("impressions"), std::move(impression));
}

}  // namespace penstock
