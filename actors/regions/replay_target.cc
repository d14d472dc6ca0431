#include "actors/regions/replay_target.h"

#include <algorithm>

#include "actors/stages/explode.h"
#include "core/nearest.h"

namespace penstock {
namespace {

using topology::BoundComponent;
using topology::Component;
using topology::Role;

std::string named(const Component& component) {
  return "the " + std::string(topology::role_name(component.role)) + " " + component.id;
}

class Finder {
 public:
  Finder(const topology::Plan& plan, const DeadLetter& letter) : plan_(plan), letter_(letter) {}

  Result<ReplayTarget> run() {
    const BoundComponent* by = plan_.topology.find(letter_.stage);
    if (letter_.topology != plan_.topology.name)
      return failed_precondition("the letter is of the topology " + letter_.topology + ", and this node runs " +
                                 plan_.topology.name);
    if (by == nullptr)
      return failed_precondition("the component " + letter_.stage +
                                 ", which rejected it, is not in the topology any more");
    if (by->component.role == Role::kSource)
      return to(letter_.stage, true, true);
    if (letter_.log.empty())
      return failed_precondition("it is not known which of several logs the record came from");
    if (plan_.topology.find(letter_.log) == nullptr)
      return failed_precondition("the log " + letter_.log + ", which it came from, is not in the topology any more");
    if (!letter_.offset)
      return failed_precondition(named(by->component) +
                                 " rejected a result of an aggregator, which is no record of the log " + letter_.log +
                                 "; repair what it was made from");
    PENSTOCK_TRY(goes_only_to(by->component));
    PENSTOCK_ASSIGN(ReplayTarget target, to(letter_.log, by->component.inputs.front() == letter_.log, false));
    target.repaired_only = by->component.role == Role::kModel;
    return target;
  }

 private:
  Result<ReplayTarget> to(const std::string& log, bool record_is_row, bool from_source) const {
    for (const topology::PlannedLog& planned : plan_.logs)
      if (planned.name == log)
        return ReplayTarget{log, planned.schema, planned.partitions, record_is_row, from_source, false};
    return failed_precondition("the topology has no log " + log + " any more");
  }

  // Those who read the rows of a component; of a log: those who read the log.
  std::vector<const Component*> readers(const std::string& id) const {
    const BoundComponent& from = *plan_.topology.find(id);
    const bool beside_memory =
        id == letter_.log && from.component.role == Role::kStage && !from.binding.own_log;  // stages read it in memory
    std::vector<const Component*> out;
    for (const BoundComponent& bound : plan_.topology.components) {
      const Component& component = bound.component;
      if (beside_memory && component.role == Role::kStage)
        continue;
      if (std::find(component.inputs.begin(), component.inputs.end(), id) != component.inputs.end())
        out.push_back(&component);
    }
    return out;
  }

  // From the log on, each has one reader, which works row by row, until the component that rejected the record.
  Status goes_only_to(const Component& by) const {
    std::string at = letter_.log;
    for (size_t step = 0; step <= plan_.topology.components.size(); ++step) {
      const std::vector<const Component*> all = readers(at);
      if (all.size() > 1)
        return shared(by, at, all);
      if (all.empty())
        break;
      if (all.front()->id == by.id)
        return ok();
      const BoundComponent& next = *plan_.topology.find(all.front()->id);
      if (next.binding.stateful || next.binding.own_log || next.component.role != Role::kStage ||
          next.component.type == kExplodeType)  // the other elements of the record would come again
        break;
      at = next.component.id;
    }
    return failed_precondition(named(by) + " does not read the log " + letter_.log + " row by row any more");
  }

  Status shared(const Component& by, const std::string& at, const std::vector<const Component*>& all) const {
    std::string others;
    for (const Component* reader : all)
      if (reader->id != by.id)
        others += (others.empty() ? "" : " and ") + named(*reader);
    return failed_precondition("a replay into the log " + letter_.log + " would count the record again for " + others +
                               ", which " + (all.size() > 2 ? "read " : "reads ") + at +
                               " too; put a buffer that only " + by.id + " reads before it, or post a repaired record");
  }

  const topology::Plan& plan_;
  const DeadLetter& letter_;
};

}  // namespace

Result<ReplayTarget> replay_target(const topology::Plan& plan, const DeadLetter& letter) {
  return Finder(plan, letter).run();
}

}  // namespace penstock
