// Reads a model's input: which user, which item, how strongly, when. The one place that knows what `user`, `item`,
// `weight`, `time` and `half_life` of a model mean, shared by the interaction history, the trainer and the evaluation. Immutable;
// any thread.
//
// A row with a null, empty or overlong (1,024 bytes) user or item, a negative or infinite weight, or a value that
// cannot be computed is rejected. A row whose weight is 0 or null is no interaction and is passed over (a CASE without
// ELSE does that).
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "actors/stages/stage.h"
#include "models/interactions.h"
#include "sql/expression.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

/// Valid during the call that it is given to.
struct InteractionView {
  std::string_view user;  // int64 ids in decimal
  std::string_view item;
  float weight;  // over 0
  Timestamp at;
};

class InteractionReader {
 public:
  /// Requires: the component is a model. Errors: invalid_argument.
  static Result<InteractionReader> make(const topology::Component& model, const SchemaPtr& input);

  /// Calls `visit` for each interaction, in the order of the rows.
  void read(const BatchPtr& batch, std::vector<Rejected>& rejected,
            const std::function<void(const InteractionView&)>& visit) const;
  /// The same, collected behind what is in `out`.
  void read(const BatchPtr& batch, std::vector<Rejected>& rejected, std::vector<Interaction>& out) const;

  /// As SumOptions::half_life. Weights are read as they are: whoever sums them lets them decay.
  Duration half_life() const { return half_life_; }

 private:
  InteractionReader(sql::Expression user, sql::Expression item, sql::Expression weight,
                    std::optional<sql::Expression> time, Duration half_life)
      : user_(std::move(user)),
        item_(std::move(item)),
        weight_(std::move(weight)),
        time_(std::move(time)),
        half_life_(half_life) {}

  sql::Expression user_;
  sql::Expression item_;
  sql::Expression weight_;
  std::optional<sql::Expression> time_;  // without it: when the log took the row in
  Duration half_life_;
};

/// 0 if the model has none.
Duration half_life_of(const topology::Component& model);

/// The properties that every model has for its input: user, item, weight, time, half_life.
std::vector<topology::Property> interaction_properties();
/// Checks them.
void check_interactions(const topology::Component& model, const SchemaPtr& input, topology::Diagnostics& diagnostics);

}  // namespace penstock
