// Which segment an answer counts for, in the words of the live quality: warm users have had to do with as many items as
// PrequentialWindow::kWarmItems, cold ones with fewer, and anonymous is a session without a user.
#pragma once

#include <string_view>

#include "actors/servers/node.h"
#include "models/prequential.h"

namespace penstock {

inline std::string_view user_segment(const RecommendationQuery& query, const Recommendation& answer) {
  if (query.user.empty())
    return "anonymous";
  return answer.history >= PrequentialWindow::kWarmItems + query.session.size() ? "warm" : "cold";
}

}  // namespace penstock
