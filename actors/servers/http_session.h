// One connection of the HTTP server, and what all connections share. Needs Boost: for http_server.cc and http_session*.cc
// only.
#pragma once

#include <utility>

#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_set>

#include "actors/servers/http_message.h"
#include "actors/servers/http_options.h"

namespace penstock {

using HttpStrand = boost::asio::strand<boost::asio::io_context::executor_type>;
using HttpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, HttpStrand>;

class HttpSession;

struct HttpShared {
  HttpShared(HttpOptions o, HttpHandler h) : options(std::move(o)), handler(std::move(h)) {}

  const HttpOptions options;
  const HttpHandler handler;
  std::atomic<bool> stopping = false;
  std::mutex mutex;
  std::unordered_set<std::shared_ptr<HttpSession>> sessions;  // open connections; guarded by mutex
  std::condition_variable none_left;
  /// Held (shared) while an answer is handed to a session, (alone) when the sessions end: a Responder may outlive us all.
  struct Gate {
    std::shared_mutex mutex;
    bool open = true;
  };
  const std::shared_ptr<Gate> gate = std::make_shared<Gate>();

  void refused(int status) const {
    if (options.on_refused)
      options.on_refused(status);
  }
};

/// Reads a request, hands it over, writes the answer, and again. Everything private happens on the socket's strand.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(HttpShared& shared, HttpSocket socket);

  void start(bool too_many);
  /// To be called now and then: ends what is overdue. Any thread.
  void check_deadline(int64_t now);
  /// The server stops: closes the connection if nothing is under way. Any thread.
  void stop();
  /// Requires: no thread runs the strand any more.
  void abandon();

  static int64_t now_nanos() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

 private:
  enum class Phase { kIdle, kReading, kAnswering, kWriting, kStreaming, kLingering, kClosed };
  using ErrorCode = boost::system::error_code;
  static constexpr Duration kLingerTime{2'000'000};
  static const std::string& date();  // RFC 9110 section 5.6.7

  void enter(Phase phase, Duration limit);
  void wait_for_request();
  void read_header();
  void take_header();
  void read_body();
  bool failed(const ErrorCode& error);
  void hand_over();
  Responder make_responder();
  void refuse(HttpResponse response);
  void write(HttpResponse answer);
  void begin_stream(HttpResponse answer);
  void watch_client();
  std::string framed(std::string_view text) const;
  void send_text(std::string text);
  void pump();
  void linger();
  void discard(size_t discarded);
  void expire();
  void close();

  HttpShared& shared_;
  HttpSocket socket_;
  std::string peer_;
  std::atomic<int64_t> deadline_ = std::numeric_limits<int64_t>::max();
  Phase phase_ = Phase::kIdle;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
  uint64_t number_ = 0;  // of the request: a late answer to an earlier one is dropped
  unsigned version_ = 11;
  bool keep_alive_ = false;
  bool head_ = false;
  bool timed_out_ = false;
  std::shared_ptr<HttpStream> stream_;  // what is being answered, if it has no known end
  std::string stream_text_;             // on its way
  bool sending_ = false;
  bool read_whole_ = false;  // the request at hand; else input may be left unread
};

}  // namespace penstock
