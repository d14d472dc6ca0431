#include "actors/trainers/life_cycle.h"

namespace penstock {
namespace {

using topology::Kind;
using topology::Property;
using topology::PropertyValue;

Property share(std::string name, std::string meaning, std::string default_value) {
  return {.name = std::move(name),
          .kind = Kind::kNumber,
          .meaning = std::move(meaning),
          .default_value = std::move(default_value),
          .minimum = 0,
          .maximum = 1};
}

Property span(std::string name, std::string meaning) {
  return {.name = std::move(name),
          .kind = Kind::kDuration,
          .meaning = std::move(meaning),
          .default_value = "10m",
          .minimum = 0};
}

std::vector<Property> rollout_members() {
  return {
      {.name = "mode",
       .kind = Kind::kChoice,
       .meaning = "How a version that passed the gate goes live. direct: at once. shadow: before that its answers are "
                  "computed beside those of the live "
                  "version and compared, and nobody sees them. canary: before that it answers a share of the users.",
       .default_value = "direct",
       .choices = {"direct", "shadow", "canary"}},
      span("shadow_for", "How long a version is in shadow."),
      share("shadow_share", "The share of the requests that a version in shadow answers too.", "0.1"),
      span("canary_for", "How long a version is a canary."),
      share("canary", "The share of the users whom a canary answers, always the same ones.", "0.1"),
      share("worse_errors",
            "A version on trial is given up if more of its answers fail than of the live one's, by this "
            "share of all.",
            "0.001"),
      share("worse_empty", "The same for answers that are empty though the user is known.", "0.02"),
      {.name = "worse_latency",
       .kind = Kind::kNumber,
       .meaning =
           "A canary is given up if its 99th percentile of the time to answer is over so many times the live one's.",
       .default_value = "3",
       .minimum = 1,
       .maximum = 1000},
      share("worse_hits",
            "A canary is given up if fewer of its users soon take something that they were shown, by this "
            "share of the live one's.",
            "0.2"),
      {.name = "least_answers",
       .kind = Kind::kInteger,
       .meaning = "Answers of a version on trial, without which it does not go live.",
       .default_value = "20",
       .minimum = 0,
       .maximum = 1e9},
  };
}

template <class T>
void read(const PropertyValue& group, std::string_view name, T& out) {
  const PropertyValue* value = group.find(name);
  if (value == nullptr)
    return;
  if constexpr (std::is_same_v<T, double>) {
    if (const auto* whole = std::get_if<int64_t>(&value->value)) {
      out = static_cast<double>(*whole);
      return;
    }
  }
  if constexpr (std::is_same_v<T, uint64_t>)
    out = static_cast<uint64_t>(std::get<int64_t>(value->value));
  else
    out = std::get<T>(value->value);
}

}  // namespace

std::vector<Property> life_cycle_properties() {
  return {
      {.name = "gate",
       .kind = Kind::kGroup,
       .meaning = "What a new version must reach on the hold-out to go on: at least what the live one does there.",
       .default_value = "{}",
       .members = {{.name = "metric",
                    .kind = Kind::kChoice,
                    .meaning = "By which metric.",
                    .default_value = "ndcg@10",
                    .choices = {"ndcg@10", "hr@10", "recall@10", "map@10", "mrr", "auc"}},
                   share("margin", "It may be worse by this share of the live version's value; 1 lets all pass.",
                         "0.02")}},
      {.name = "rollout",
       .kind = Kind::kGroup,
       .meaning = "How a version that passed the gate goes live.",
       .default_value = "{}",
       .members = rollout_members(),
       .scalar = "mode"},
      {.name = "keep",
       .kind = Kind::kInteger,
       .meaning =
           "Versions that are kept after a training: the newest, and beside them those that are live, on trial or "
           "pinned, and the one that a rollback leads to.",
       .default_value = "5",
       .minimum = 1,
       .maximum = 1e6,
       .unit = "versions"},
      {.name = "train_every",
       .kind = Kind::kDuration,
       .meaning = "Trains anew when the newest version is this old and there are events that it has not seen; 0: only "
                  "when told to.",
       .default_value = "0",
       .minimum = 0}};
}

LifeCycle life_cycle_of(const topology::Component& component) {
  LifeCycle out;
  if (const PropertyValue* gate = component.find("gate")) {
    read(*gate, "metric", out.gate.metric);
    read(*gate, "margin", out.gate.margin);
  }
  if (const PropertyValue* group = component.find("rollout")) {
    std::string mode = "direct";
    read(*group, "mode", mode);
    Rollout& rollout = out.rollout;
    rollout.mode = mode == "shadow"   ? Rollout::Mode::kShadow
                   : mode == "canary" ? Rollout::Mode::kCanary
                                      : Rollout::Mode::kDirect;
    read(*group, "shadow_for", rollout.shadow_for);
    read(*group, "shadow_share", rollout.shadow_share);
    read(*group, "canary_for", rollout.canary_for);
    read(*group, "canary", rollout.canary);
    read(*group, "worse_errors", rollout.limits.errors);
    read(*group, "worse_empty", rollout.limits.empty);
    read(*group, "worse_latency", rollout.limits.latency);
    read(*group, "worse_hits", rollout.limits.hits);
    read(*group, "least_answers", rollout.limits.least_answers);
  }
  if (component.has("keep"))
    out.keep = static_cast<size_t>(component.integer("keep"));
  if (component.has("train_every"))
    out.train_every = component.duration("train_every");
  return out;
}

}  // namespace penstock
