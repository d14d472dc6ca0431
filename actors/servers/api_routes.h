// The one list of everything the API answers, by resource, and the JSON schemas of what it answers with.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "actors/servers/api_route.h"

namespace penstock {

std::vector<ApiRoute> recommendation_routes();
std::vector<ApiRoute> event_routes();
std::vector<ApiRoute> view_routes();
std::vector<ApiRoute> feature_routes();
std::vector<ApiRoute> model_routes();
std::vector<ApiRoute> model_version_routes();
std::vector<ApiRoute> prediction_routes();
std::vector<ApiRoute> choice_routes();
std::vector<ApiRoute> experiment_routes();
std::vector<ApiRoute> status_routes();
std::vector<ApiRoute> backup_routes();
std::vector<ApiRoute> batch_routes();
std::vector<ApiRoute> supervision_routes();
std::vector<ApiRoute> job_routes();
std::vector<ApiRoute> log_routes();
std::vector<ApiRoute> tap_routes();
std::vector<ApiRoute> dead_letter_routes();

/// All of them, with `/` and `/openapi.json`.
const std::vector<ApiRoute>& api_routes();
/// Name and JSON Schema of every body.
const std::vector<std::pair<std::string, std::string>>& api_schemas();
/// OpenAPI 3.1.
std::string openapi_document(const std::vector<ApiRoute>& routes, const std::string& version);

}  // namespace penstock
