#include "actors/servers/http_server.h"

#include <utility>

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/dispatch.hpp>
#include <thread>
#include <vector>

#include "actors/servers/http_session.h"

namespace penstock {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;
using SteadyClock = std::chrono::steady_clock;
using Timer = net::basic_waitable_timer<SteadyClock, net::wait_traits<SteadyClock>, HttpStrand>;

Status listen_error(const HttpOptions& options, const error_code& error) {
  const bool v6 = options.address.find(':') != std::string::npos;
  const std::string where = (v6 ? "[" + options.address + "]" : options.address) + ":" + std::to_string(options.port);
  const std::string what = "cannot listen on " + where + ": ";
  if (error == net::error::address_in_use)
    return already_exists(what +
                          "address already in use (another program listens there; stop it, or choose another port)");
  if (error == net::error::access_denied)
    return failed_precondition(what + "permission denied (ports below 1024 belong to root)");
  if (error == boost::system::errc::address_not_available)
    return invalid_argument(what + "this machine has no such address");
  return unavailable(what + error.message());
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpOptions options, HttpHandler handler) : shared_(std::move(options), std::move(handler)) {}

  ~Impl() {
    stop(Duration{});
    {
      const std::unique_lock lock(shared_.gate->mutex);
      shared_.gate->open = false;
    }
    shared_.sessions.clear();
  }

  Status listen() {
    const HttpOptions& options = shared_.options;
    error_code error;
    tcp::endpoint endpoint(net::ip::make_address(options.address, error), options.port);
    if (error) {
      tcp::resolver resolver(io_);
      const auto found = resolver.resolve(options.address, std::to_string(options.port), tcp::resolver::passive, error);
      if (error || found.empty())
        return invalid_argument("cannot listen on " + options.address + ": no such address or host name");
      endpoint = found.begin()->endpoint();
    }
    acceptor_.open(endpoint.protocol(), error);
    if (!error)
      acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error)
      acceptor_.bind(endpoint, error);
    if (!error)
      acceptor_.listen(net::socket_base::max_listen_connections, error);
    if (error)
      return listen_error(options, error);
    endpoint_ = acceptor_.local_endpoint();
    const int64_t shortest =
        std::min({options.request_timeout.micros, options.write_timeout.micros, options.idle_timeout.micros});
    sweep_interval_ = std::chrono::microseconds(std::clamp<int64_t>(shortest / 4, 5'000, 1'000'000));
    accept();
    sweep();
    for (int i = std::max(1, options.threads); i > 0; --i)
      threads_.emplace_back([this] { io_.run(); });
    return penstock::ok();
  }

  void stop(Duration grace) {
    if (threads_.empty())
      return;
    shared_.stopping = true;
    net::dispatch(control_, [this] {
      error_code error;
      acceptor_.close(error);
      retry_timer_.cancel();
    });
    for (const auto& session : sessions())
      session->stop();
    {
      std::unique_lock lock(shared_.mutex);
      shared_.none_left.wait_for(lock, std::chrono::microseconds(grace.micros),
                                 [&] { return shared_.sessions.empty(); });
    }
    io_.stop();
    for (std::thread& thread : threads_)
      thread.join();
    threads_.clear();
    // From here on this thread is alone. What the others did not come to is ended now: nobody may wait for it for ever.
    error_code error;
    acceptor_.close(error);
    for (const auto& session : sessions())
      session->abandon();
    io_.restart();
    io_.poll();
  }

  const tcp::endpoint& endpoint() const { return endpoint_; }

 private:
  std::vector<std::shared_ptr<HttpSession>> sessions() {
    const std::lock_guard lock(shared_.mutex);
    return {shared_.sessions.begin(), shared_.sessions.end()};
  }

  void accept() {
    acceptor_.async_accept(net::make_strand(io_), [this](error_code error, HttpSocket socket) {
      if (shared_.stopping || error == net::error::operation_aborted)
        return;
      if (error) {  // out of descriptors, mostly: give sessions time to end
        retry_timer_.expires_after(std::chrono::milliseconds(50));
        return retry_timer_.async_wait([this](error_code cancelled) {
          if (!cancelled)
            accept();
        });
      }
      add_session(std::move(socket));
      accept();
    });
  }

  void add_session(HttpSocket socket) {
    const auto session = std::make_shared<HttpSession>(shared_, std::move(socket));
    size_t open = 0;
    {
      const std::lock_guard lock(shared_.mutex);
      open = shared_.sessions.size();
      if (open < shared_.options.max_connections + size_t{64})  // past that not even a refusal is sent
        shared_.sessions.insert(session);
    }
    if (open < shared_.options.max_connections + size_t{64})
      session->start(open >= shared_.options.max_connections);
  }

  void sweep() {
    sweep_timer_.expires_after(sweep_interval_);
    sweep_timer_.async_wait([this](error_code error) {
      if (error)
        return;
      const int64_t now = HttpSession::now_nanos();
      for (const auto& session : sessions())
        session->check_deadline(now);
      sweep();
    });
  }

  HttpShared shared_;
  net::io_context io_;
  HttpStrand control_ = net::make_strand(io_);
  net::basic_socket_acceptor<tcp, HttpStrand> acceptor_{control_};
  Timer sweep_timer_{control_};
  Timer retry_timer_{control_};
  tcp::endpoint endpoint_;
  SteadyClock::duration sweep_interval_{};
  std::vector<std::thread> threads_;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::listen(HttpOptions options, HttpHandler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  PENSTOCK_TRY(impl->listen());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

uint16_t HttpServer::port() const { return impl_->endpoint().port(); }

std::string HttpServer::url() const {
  const auto address = impl_->endpoint().address();
  const std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return "http://" + host + ":" + std::to_string(port());
}

void HttpServer::stop(Duration grace) { impl_->stop(grace); }

}  // namespace penstock
