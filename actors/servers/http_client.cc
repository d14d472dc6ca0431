#include "actors/servers/http_client.h"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>

namespace penstock {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr uint64_t kMaxAnswer = 1 << 30;

}  // namespace

Result<HttpResponse> HttpClient::send(const std::string& method, const std::string& target,
                                      const std::string& content_type, std::string body, const HttpFields& headers,
                                      const Take* take) {
  const auto failure = [&](const error_code& error) {
    if (error == beast::error::timeout)
      return unavailable("the " + peer_ + " at " + url_.origin + " did not answer within " + to_string(timeout_));
    if (error == net::error::connection_refused)
      return unavailable("no " + peer_ + " answers at " + url_.origin +
                         (peer_ == "node" ? ": is `penstock run` running?" : ""));
    if (error.category() == http::make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
      return internal_error("what answers at " + url_.origin + " is no HTTP server: " + error.message());
    return unavailable("the connection to " + url_.origin + " failed: " + error.message());
  };
  net::io_context io;
  error_code error;
  net::ip::tcp::resolver resolver(io);
  const auto addresses = resolver.resolve(url_.address.host, std::to_string(url_.address.port), error);
  if (error)
    return unavailable("there is no host \"" + url_.address.host + "\": " + error.message());

  // Asynchronous calls, each waited for: only these heed the stream's one deadline.
  beast::tcp_stream stream(io);
  stream.expires_after(std::chrono::microseconds(timeout_.micros));
  const auto wait = [&] {
    io.run();
    io.restart();
    return !error;
  };
  stream.async_connect(addresses, [&](error_code e, const net::ip::tcp::endpoint&) { error = e; });
  if (!wait())
    return failure(error);

  http::request<http::string_body> request;
  request.version(11);
  request.method_string(method);
  request.target(url_.path + target);
  const bool v6 = url_.address.host.find(':') != std::string::npos;
  request.set(http::field::host,
              (v6 ? "[" + url_.address.host + "]" : url_.address.host) + ":" + std::to_string(url_.address.port));
  request.set(http::field::user_agent, "penstock");
  request.set(http::field::connection, "close");
  if (!content_type.empty())
    request.set(http::field::content_type, content_type);
  for (const auto& [name, value] : headers)
    request.set(name, value);
  request.body() = std::move(body);
  request.prepare_payload();
  http::async_write(stream, request, [&](error_code e, size_t) { error = e; });
  (void)wait();  // an early answer such as 413 may be there although the request was not read to its end
  if (error == beast::error::timeout)
    return failure(error);

  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxAnswer);
  if (take) {
    parser.body_limit(UINT64_MAX);
    for (bool more = true; more && !parser.is_done();) {
      stream.expires_after(std::chrono::microseconds(timeout_.micros));
      http::async_read_some(stream, buffer, parser, [&](error_code e, size_t) { error = e; });
      if (!wait())
        return failure(error);
      std::string& piece = parser.get().body();
      if (!parser.is_header_done() || parser.get().result_int() != 200 || piece.empty())
        continue;
      more = (*take)(piece);
      piece.clear();
    }
  } else {
    http::async_read(stream, buffer, parser, [&](error_code e, size_t) { error = e; });
    if (!wait())
      return failure(error);
  }
  auto message = parser.release();
  HttpResponse response;
  response.status = static_cast<int>(message.result_int());
  response.content_type = std::string(message[http::field::content_type]);
  for (const auto& field : message)
    response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  response.body = std::move(message.body());
  return response;
}

}  // namespace penstock
