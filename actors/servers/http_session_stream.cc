// Answers without a known end.
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>

#include "actors/servers/http_session.h"

namespace penstock {
namespace {

namespace net = boost::asio;

constexpr Duration kSilence{5'000'000};  // before a sign of life

}  // namespace

std::string HttpSession::framed(std::string_view text) const {
  if (version_ < 11)  // ends with the connection
    return std::string(text);
  std::array<char, 24> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", text.size());
  return std::string(size.data()).append(text).append("\r\n");
}

/// An answer without a known end: in chunks, as long as the client stays and the server runs.
void HttpSession::begin_stream(HttpResponse answer) {
  keep_alive_ = false;
  stream_ = std::move(answer.stream);
  stream_->on_more([gate = shared_.gate, session = weak_from_this()] {
    const std::shared_lock lock(gate->mutex);
    if (const auto self = gate->open ? session.lock() : nullptr)
      net::post(self->socket_.get_executor(), [self] { self->pump(); });
  });
  std::string text = version_ >= 11 ? "HTTP/1.1 " : "HTTP/1.0 ";
  text += std::to_string(answer.status).append(" ").append(reason_phrase(answer.status)) + "\r\nDate: " + date() +
          "\r\nContent-Type: " + answer.content_type + "\r\nConnection: close\r\n";
  for (const auto& [name, value] : answer.headers)
    text.append(name).append(": ").append(value).append("\r\n");
  text += version_ >= 11 ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n";
  watch_client();
  send_text(std::move(text));
}

/// Whatever a client sends now is passed over; that it goes is noticed at once.
void HttpSession::watch_client() {
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(4096), [self = shared_from_this()](ErrorCode error, size_t) {
    if (self->phase_ != Phase::kStreaming && self->phase_ != Phase::kLingering)
      return;
    if (error)
      self->close();
    else
      self->watch_client();
  });
}

void HttpSession::send_text(std::string text) {
  stream_text_ = std::move(text);
  sending_ = true;
  enter(Phase::kStreaming, shared_.options.write_timeout);
  net::async_write(socket_, net::buffer(stream_text_), [self = shared_from_this()](ErrorCode error, size_t) {
    self->sending_ = false;
    if (self->phase_ != Phase::kStreaming)
      return;
    if (error)
      self->close();
    else
      self->pump();
  });
}

/// Sends what there is, one text at a time.
void HttpSession::pump() {
  if (phase_ != Phase::kStreaming || sending_)
    return;
  if (!stream_) {  // all of it has been sent; the client's going ends the session
    ErrorCode error;
    socket_.shutdown(HttpSocket::shutdown_send, error);
    return error ? close() : enter(Phase::kLingering, kLingerTime);
  }
  bool ended = shared_.stopping;
  const std::string text = ended ? std::string() : stream_->take(ended);
  if (text.empty() && !ended)
    return enter(Phase::kStreaming, kSilence);
  std::string out = text.empty() ? std::string() : framed(text);
  if (ended) {
    stream_.reset();
    out += version_ < 11 ? "" : "0\r\n\r\n";
  }
  send_text(std::move(out));
}

}  // namespace penstock
