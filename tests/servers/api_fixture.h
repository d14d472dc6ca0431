// The API over a fake node, asked without sockets.
#pragma once

#include <optional>
#include <string>

#include "actors/servers/api.h"
#include "actors/servers/http_target.h"
#include "messages/timestamp.h"
#include "tests/support/fake_node.h"
#include "tests/support/recording_monitor.h"

namespace penstock::test {

struct ApiFixture {
  ManualClock clock{*parse_timestamp("2026-05-01T12:03:20Z")};
  FakeNode node;
  RecordingMonitor monitor;
  Api api{node, monitor, clock};

  /// The answer, if it has come.
  std::optional<HttpResponse> ask(const std::string& method, const std::string& target, const std::string& body = {},
                                  const std::string& content_type = "application/json",
                                  const HttpFields& headers = {}) {
    const auto parsed = parse_target(target);
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.path = parsed->path;
    request.segments = parsed->segments;
    request.query = parsed->query;
    request.body = body;
    request.headers = headers;
    if (!content_type.empty())
      request.headers.emplace_back("Content-Type", content_type);
    const auto answer = std::make_shared<std::optional<HttpResponse>>();
    api.handle(request, Responder([answer](HttpResponse response) { *answer = std::move(response); }));
    last_ = answer;
    return *answer;
  }
  /// The last answer, which may have come later.
  std::optional<HttpResponse> later() const { return *last_; }

  /// `200 {"a":1}`.
  std::string get(const std::string& target) { return shown(ask("GET", target)); }
  std::string post(const std::string& target, const std::string& body = {},
                   const std::string& content_type = "application/json") {
    return shown(ask("POST", target, body, content_type));
  }
  /// `404 there is no ...`: status and detail of a problem.
  static std::string detail(const std::string& shown_answer) {
    const std::string marker = "\"detail\":\"";
    const size_t begin = shown_answer.find(marker) + marker.size();
    size_t end = begin;
    while (shown_answer[end] != '"' || shown_answer[end - 1] == '\\')
      ++end;
    return shown_answer.substr(0, 4) + shown_answer.substr(begin, end - begin);
  }
  static std::string shown(const std::optional<HttpResponse>& response) {
    return response ? std::to_string(response->status) + " " + response->body : "no answer yet";
  }

 private:
  std::shared_ptr<std::optional<HttpResponse>> last_;
};

}  // namespace penstock::test
