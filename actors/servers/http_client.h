// A small blocking HTTP/1.1 client, for the command line, the sink `http` and tests: one connection a request. One thread at a time.
#pragma once

#include <string>

#include "actors/servers/http_message.h"
#include "actors/servers/http_target.h"
#include "core/status.h"
#include "core/units.h"

namespace penstock {

class HttpClient {
 public:
  /// `timeout`: of a whole request, from connecting to the end of the answer. `peer`: what messages call the other side.
  explicit HttpClient(HttpUrl url, Duration timeout = {10'000'000}, std::string peer = "node")
      : url_(std::move(url)), timeout_(timeout), peer_(std::move(peer)) {}

  // An answer of any status is a value. `target` begins with `/` and is percent-encoded already. Errors: unavailable
  // (nobody answers there, or not in time), internal (no HTTP comes back).
  Result<HttpResponse> get(const std::string& target) { return send("GET", target, {}, {}, {}); }
  Result<HttpResponse> post(const std::string& target, const std::string& content_type, std::string body,
                            const HttpFields& headers = {}) {
    return send("POST", target, content_type, std::move(body), headers);
  }
  /// Hands on the body of a 200 piece by piece as it comes, until `take` returns false or it ends; of any other status the
  /// answer is as from get(). The timeout is that of each piece. Errors: as get().
  using Take = std::function<bool(std::string_view piece)>;
  Result<HttpResponse> stream(const std::string& target, const Take& take) {
    return send("GET", target, {}, {}, {}, &take);
  }
  Result<HttpResponse> remove(const std::string& target) { return send("DELETE", target, {}, {}, {}); }

 private:
  Result<HttpResponse> send(const std::string& method, const std::string& target, const std::string& content_type,
                            std::string body, const HttpFields& headers, const Take* take = nullptr);

  HttpUrl url_;
  Duration timeout_;
  std::string peer_;
};

}  // namespace penstock
