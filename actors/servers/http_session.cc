#include "actors/servers/http_session.h"

#include <array>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <ctime>
#include <exception>

#include "actors/servers/http_problem.h"
#include "actors/servers/http_target.h"

namespace penstock {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr size_t kLingerBytes = 16 << 20;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

/// The answer to what could not be read as a request, or nothing if the client just went away.
std::optional<HttpResponse> refusal(const error_code& error, const HttpOptions& options) {
  if (error == http::error::end_of_stream || error == http::error::partial_message)
    return std::nullopt;
  if (error == http::error::header_limit)
    return problem(431, "the request's header is larger than " + to_string(Bytes{options.max_header}));
  if (error == http::error::body_limit)
    return problem(413, "the request's body is larger than " + to_string(Bytes{options.max_body}));
  if (error == http::error::bad_version)
    return problem(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  if (error.category() == http::make_error_code(http::error::bad_method).category())
    return problem(400, "this is no well-formed HTTP request: " + error.message());
  return std::nullopt;
}

bool is_line_end(char c) { return c == '\r' || c == '\n'; }

}  // namespace

// Made once a second and thread.
const std::string& HttpSession::date() {
  thread_local std::time_t made = 0;
  thread_local std::string text;
  if (const std::time_t now = std::time(nullptr); now != made) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> buffer{};
    text.assign(buffer.data(), std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    made = now;
  }
  return text;
}

HttpSession::HttpSession(HttpShared& shared, HttpSocket socket) : shared_(shared), socket_(std::move(socket)) {
  ErrorCode error;
  socket_.set_option(net::ip::tcp::no_delay(true), error);
  if (const auto peer = socket_.remote_endpoint(error); !error)
    peer_ = peer.address().to_string() + ":" + std::to_string(peer.port());
}

void HttpSession::start(bool too_many) {
  net::dispatch(socket_.get_executor(), [self = shared_from_this(), too_many] {
    if (too_many)
      self->refuse(problem(503, "too many connections"));
    else
      self->wait_for_request();
  });
}

/// To be called now and then: ends what is overdue. Any thread.
void HttpSession::check_deadline(int64_t now) {
  if (now >= deadline_.load(std::memory_order_relaxed))
    net::dispatch(socket_.get_executor(), [self = shared_from_this()] { self->expire(); });
}

/// The server stops: closes the connection if nothing is under way. Any thread.
void HttpSession::stop() {
  net::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    if (self->phase_ == Phase::kIdle || self->phase_ == Phase::kLingering)
      self->close();
    else
      self->pump();
  });
}

void HttpSession::abandon() {
  phase_ = Phase::kClosed;
  stream_.reset();
  ErrorCode error;
  socket_.close(error);
}

void HttpSession::enter(Phase phase, Duration limit) {
  phase_ = phase;
  deadline_.store(now_nanos() + limit.micros * 1000, std::memory_order_relaxed);
}

void HttpSession::wait_for_request() {
  while (buffer_.size() > 0 && is_line_end(*static_cast<const char*>(buffer_.data().data())))
    buffer_.consume(1);  // RFC 9112 section 2.2: empty lines before a request are ignored
  if (buffer_.size() > 0)
    return read_header();
  if (shared_.stopping)
    return close();
  enter(Phase::kIdle, shared_.options.idle_timeout);
  socket_.async_read_some(buffer_.prepare(4096), [self = shared_from_this()](ErrorCode error, size_t bytes) {
    if (error || self->phase_ == Phase::kClosed)
      return self->close();
    self->buffer_.commit(bytes);
    self->wait_for_request();
  });
}

void HttpSession::read_header() {
  parser_.emplace();
  parser_->header_limit(shared_.options.max_header);
  parser_->body_limit(shared_.options.max_body);
  keep_alive_ = head_ = timed_out_ = read_whole_ = false;
  version_ = 11;
  enter(Phase::kReading, shared_.options.request_timeout);
  http::async_read_header(socket_, buffer_, *parser_, [self = shared_from_this()](ErrorCode error, size_t) {
    if (!self->failed(error))
      self->take_header();
  });
}

void HttpSession::take_header() {
  const auto& request = parser_->get();
  version_ = request.version();
  if (version_ >= 11 && request.count(http::field::host) != 1)
    return refuse(problem(400, "an HTTP/1.1 request must have one Host header"));
  if (const auto expect = request.find(http::field::expect); expect != request.end() && version_ >= 11) {
    if (!equal_ignoring_case({expect->value().data(), expect->value().size()}, "100-continue"))
      return refuse(problem(417, "the only expectation that is met here is 100-continue"));
    if (!parser_->is_done() && buffer_.size() == 0) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      return net::async_write(socket_, net::buffer(kContinue.data(), kContinue.size()),
                              [self = shared_from_this()](ErrorCode error, size_t) {
                                if (!self->failed(error))
                                  self->read_body();
                              });
    }
  }
  read_body();
}

void HttpSession::read_body() {
  if (parser_->is_done())
    return hand_over();
  http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](ErrorCode error, size_t) {
    if (!self->failed(error))
      self->hand_over();
  });
}

/// Whether reading came to an end that is not a request; then the client has been told.
bool HttpSession::failed(const ErrorCode& error) {
  if (phase_ != Phase::kReading)
    return true;
  if (timed_out_)
    refuse(problem(408, "the request was not complete within " + to_string(shared_.options.request_timeout)));
  else if (auto answer = error ? refusal(error, shared_.options) : std::nullopt)
    refuse(std::move(*answer));
  else if (error)
    close();
  return timed_out_ || error;
}

void HttpSession::hand_over() {
  auto message = parser_->release();
  read_whole_ = true;
  keep_alive_ = message.keep_alive();
  head_ = message.method() == http::verb::head;
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.peer = peer_;
  for (const auto& field : message)
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  request.body = std::move(message.body());
  phase_ = Phase::kAnswering;  // the deadline stays: it covers the answer too
  const Responder responder = make_responder();
  auto target = parse_target(request.target);
  if (!target.ok()) {
    shared_.refused(400);
    return responder(problem(target.status()));
  }
  request.path = std::move(target->path);
  request.segments = std::move(target->segments);
  request.query = std::move(target->query);
  try {
    shared_.handler(std::move(request), responder);
  } catch (const std::exception& error) {
    responder(problem(500, std::string("unexpected error: ") + error.what()));
  }
}

Responder HttpSession::make_responder() {
  return Responder([gate = shared_.gate, session = weak_from_this(), number = ++number_](HttpResponse response) {
    std::shared_lock lock(gate->mutex);
    const auto self = gate->open ? session.lock() : nullptr;
    if (!self)
      return;
    net::dispatch(self->socket_.get_executor(), [self, number, answer = std::move(response)]() mutable {
      if (self->phase_ == Phase::kAnswering && self->number_ == number)
        self->write(std::move(answer));
    });
  });
}

void HttpSession::refuse(HttpResponse response) {
  shared_.refused(response.status);
  keep_alive_ = false;
  write(std::move(response));
}

void HttpSession::write(HttpResponse answer) {
  if (answer.stream && !head_)
    return begin_stream(std::move(answer));
  keep_alive_ = keep_alive_ && !shared_.stopping;
  enter(Phase::kWriting, shared_.options.write_timeout);
  response_ = {};
  response_.version(version_ >= 11 ? 11 : 10);
  response_.result(static_cast<unsigned>(answer.status));
  response_.reason(beast::string_view(reason_phrase(answer.status).data(), reason_phrase(answer.status).size()));
  response_.set(http::field::date, date());
  response_.set(http::field::content_type, answer.content_type);
  for (auto& [name, value] : answer.headers) {
    std::erase_if(value, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    response_.set(name, value);
  }
  response_.keep_alive(keep_alive_);
  response_.content_length(answer.body.size());
  if (!head_)
    response_.body() = std::move(answer.body);
  http::async_write(socket_, response_, [self = shared_from_this()](ErrorCode error, size_t) {
    if (error)
      self->close();
    else if (self->keep_alive_)
      self->wait_for_request();
    else if (self->shared_.stopping && self->read_whole_)
      self->close();
    else
      self->linger();
  });
}

/// Closes so that the client gets to read the answer: unread input would turn the close into a reset.
void HttpSession::linger() {
  ErrorCode error;
  socket_.shutdown(HttpSocket::shutdown_send, error);
  if (error)
    return close();
  enter(Phase::kLingering, kLingerTime);
  discard(0);
}

void HttpSession::discard(size_t discarded) {
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(65536), [self = shared_from_this(), discarded](ErrorCode error, size_t n) {
    if (error || discarded + n > kLingerBytes)
      self->close();
    else
      self->discard(discarded + n);
  });
}

void HttpSession::expire() {
  if (now_nanos() < deadline_.load(std::memory_order_relaxed))
    return;
  switch (phase_) {
    case Phase::kReading: {
      timed_out_ = true;
      enter(Phase::kReading, kLingerTime);
      ErrorCode error;
      socket_.cancel(error);
      return;
    }
    case Phase::kAnswering:
      return refuse(problem(503, "no answer within " + to_string(shared_.options.request_timeout)));
    case Phase::kStreaming:
      if (sending_ || !stream_)
        return close();  // the client does not read
      return send_text(framed(stream_->sign_of_life()));
    case Phase::kIdle:
    case Phase::kWriting:
    case Phase::kLingering: return close();
    case Phase::kClosed: return;
  }
}

void HttpSession::close() {
  phase_ = Phase::kClosed;
  stream_.reset();
  deadline_.store(kNever, std::memory_order_relaxed);
  ErrorCode error;
  socket_.close(error);
  const std::lock_guard lock(shared_.mutex);
  shared_.sessions.erase(shared_from_this());
  if (shared_.sessions.empty())
    shared_.none_left.notify_all();
}

}  // namespace penstock
