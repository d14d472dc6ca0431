// Error answers: RFC 9457 problem documents (application/problem+json), and which HTTP status stands for which Code.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actors/servers/http_message.h"
#include "core/status.h"

namespace penstock {

/// One of several things wrong with a request, such as the third of the posted events.
struct ProblemDetail {
  std::string pointer;  // where: `/3` for the fourth element of an array, `n` for a query parameter
  std::string detail;
};

/// `{"type","title","status","detail","instance","errors"}`; instance and errors only where given.
HttpResponse problem(int status, std::string_view detail, std::string_view instance = {},
                     const std::vector<ProblemDetail>& errors = {});
/// The same for a status that is not ok. 503 and 429 carry Retry-After.
HttpResponse problem(const Status& status, std::string_view instance = {});
/// 400 for invalid_argument, 404 not_found, 409 already_exists, 503 failed_precondition, cancelled and unavailable,
/// 429 resource_exhausted, 500 else.
int http_status(Code code);

}  // namespace penstock
