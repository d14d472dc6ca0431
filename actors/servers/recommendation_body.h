// The JSON bodies that ask for recommendations: for many users, and for a session of somebody without a name. Pure.
//
//   {"users": ["42", 43], "n": 10, "exclude": ["a"], "filter": "price < 20", "model": "home"}
//   {"items": ["a", {"item": "b", "weight": 2}], "user": "42", "n": 10, "exclude": [], "filter": "", "model": ""}
#pragma once

#include <string>
#include <vector>

#include "actors/servers/node.h"

namespace penstock {

/// More would hold a thread of the server for too long.
inline constexpr size_t kMostUsers = 1000;
inline constexpr size_t kMostAnswered = 100'000;  // items in all answers of a batch
inline constexpr size_t kMostSessionItems = 1000;
inline constexpr size_t kMostRecommended = 1000;  // items in one answer

struct RecommendationBatch {
  std::vector<std::string> users;
  RecommendationQuery query;  // for each of them
};

/// Errors of both: invalid_argument, with a JSON Pointer to the first mistake, what was expected and what is there.
Result<RecommendationBatch> parse_recommendation_batch(const std::string& body);
Result<RecommendationQuery> parse_session(const std::string& body);

}  // namespace penstock
