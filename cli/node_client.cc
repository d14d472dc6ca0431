#include "cli/node_client.h"

#include <simdjson.h>

#include "actors/servers/http_client.h"
#include "cli/exit.h"
#include "cli/table.h"

namespace penstock::cli {
namespace {

constexpr Duration kTransfer{300'000'000};  // of a model

Code code_of(int http_status) {
  switch (http_status) {
    case 400:
    case 405:
    case 413:
    case 415: return Code::kInvalidArgument;
    case 404: return Code::kNotFound;
    case 409: return Code::kAlreadyExists;
    case 429: return Code::kResourceExhausted;
    case 500: return Code::kInternal;
    default: return Code::kUnavailable;
  }
}

Status refusal(const HttpResponse& response, const std::string& origin) {
  simdjson::dom::parser parser;
  simdjson::dom::element problem;
  std::string_view detail;
  if (response.content_type.starts_with("application/problem+json") &&
      parser.parse(response.body).get(problem) == simdjson::SUCCESS &&
      problem["detail"].get(detail) == simdjson::SUCCESS)
    return {code_of(response.status), std::string(detail)};
  return {code_of(response.status), origin + " answers " + std::to_string(response.status) + " " +
                                        std::string(reason_phrase(response.status)) + "; is it a node of Penstock?"};
}

Result<std::string> json_of(HttpResponse response, const HttpUrl& url) {
  if (response.status < 200 || response.status > 299)
    return refusal(response, url.origin);
  simdjson::dom::parser parser;
  simdjson::dom::element any;
  if (parser.parse(response.body).get(any) != simdjson::SUCCESS)
    return unavailable("what answers at " + url.origin + " is no node of Penstock");
  return std::move(response.body);
}

Result<std::string> ask(const HttpUrl& url, const std::string& target, const std::optional<std::string>& body) {
  HttpClient client(url);
  PENSTOCK_ASSIGN(HttpResponse response, body ? client.post(target, "application/json", *body) : client.get(target));
  return json_of(std::move(response), url);
}

int report(const Status& status, std::ostream& err) {
  if (status.ok())
    return Exit::kOk;
  err << "penstock: " << printable(status.message()) << '\n';
  return exit_code(status.code());
}

}  // namespace

Result<std::string> ask_node(const std::string& url, const std::string& target,
                             const std::optional<std::string>& body) {
  PENSTOCK_ASSIGN(const HttpUrl parsed, parse_url(url));
  return ask(parsed, target, body);
}

Result<std::string> delete_at_node(const std::string& url, const std::string& target) {
  PENSTOCK_ASSIGN(const HttpUrl parsed, parse_url(url));
  PENSTOCK_ASSIGN(HttpResponse response, HttpClient(parsed).remove(target));
  return json_of(std::move(response), parsed);
}

Result<std::string> fetch_from_node(const std::string& url, const std::string& target) {
  PENSTOCK_ASSIGN(const HttpUrl parsed, parse_url(url));
  PENSTOCK_ASSIGN(HttpResponse response, HttpClient(parsed, kTransfer).get(target));
  if (response.status < 200 || response.status > 299)
    return refusal(response, parsed.origin);
  return std::move(response.body);
}

Result<std::string> send_to_node(const std::string& url, const std::string& target, const std::string& content_type,
                                 const std::string& body) {
  PENSTOCK_ASSIGN(const HttpUrl parsed, parse_url(url));
  PENSTOCK_ASSIGN(HttpResponse response, HttpClient(parsed, kTransfer).post(target, content_type, body));
  return json_of(std::move(response), parsed);
}

Status stream_from_node(const std::string& url, const std::string& target,
                        const std::function<bool(std::string_view piece)>& take) {
  PENSTOCK_ASSIGN(const HttpUrl parsed, parse_url(url));
  HttpClient client(parsed, Duration{20'000'000});
  PENSTOCK_ASSIGN(const HttpResponse response, client.stream(target, take));
  return response.status == 200 ? ok() : refusal(response, parsed.origin);
}

int show_answer(const NodeQuestion& question, const PrintAnswer& print, std::ostream& out, std::ostream& err) {
  const Result<HttpUrl> url = parse_url(question.url);
  if (!url.ok()) {
    report(url.status(), err);
    return Exit::kUsage;
  }
  const Result<std::string> answer = ask(*url, question.target, question.body);
  if (!answer.ok())
    return report(answer.status(), err);
  if (!question.json)
    return report(print(*answer, out), err);
  out << *answer << '\n';
  return Exit::kOk;
}

}  // namespace penstock::cli
