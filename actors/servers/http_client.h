// A small blocking HTTP/1.1 client, for the command line and for tests: one connection a request. One thread at a time.
#pragma once

#include <string>

#include "actors/servers/http_message.h"
#include "actors/servers/http_target.h"
#include "core/status.h"
#include "core/units.h"

namespace penstock {

class HttpClient {
 public:
  /// `timeout`: of a whole request, from connecting to the end of the answer.
  explicit HttpClient(HttpUrl url, Duration timeout = {10'000'000}) : url_(std::move(url)), timeout_(timeout) {}

  // An answer of any status is a value. `target` begins with `/` and is percent-encoded already. Errors: unavailable
  // (nobody answers there, or not in time), internal (no HTTP comes back).
  Result<HttpResponse> get(const std::string& target) { return send("GET", target, {}, {}); }
  Result<HttpResponse> post(const std::string& target, const std::string& content_type, std::string body) {
    return send("POST", target, content_type, std::move(body));
  }

 private:
  Result<HttpResponse> send(const std::string& method, const std::string& target, const std::string& content_type,
                            std::string body);

  HttpUrl url_;
  Duration timeout_;
};

}  // namespace penstock
