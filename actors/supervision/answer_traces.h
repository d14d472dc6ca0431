// Tells that an answer reflects followed records: the last step of their traces.
#pragma once

#include "actors/servers/node.h"
#include "actors/supervision/runtime.h"

namespace penstock {

/// The first answers for the user after a model has learnt a followed record; costs one relaxed load where there is none.
/// An answer from a recommender's cache is none. `begun`: monotonic ns.
void tell_answered(const Runtime& runtime, const RecommendationQuery& query, const Result<Recommendation>& answer,
                   int64_t begun);

}  // namespace penstock
