#include "bench/http_load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace penstock::bench {
namespace {

using Clock = std::chrono::steady_clock;

double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Connection {
  int socket = -1;
  std::string received;
  Clock::time_point sent;
};

int connect_to(uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("cannot connect");
    std::exit(1);
  }
  return socket;
}

/// Bytes of the whole answer at the front of `text`, 0 while it is not all there.
size_t answer_size(const std::string& text) {
  const size_t head = text.find("\r\n\r\n");
  const size_t length = text.find("Content-Length: ");
  if (head == std::string::npos || length == std::string::npos)
    return 0;
  const size_t size = head + 4 + std::strtoul(text.c_str() + length + 16, nullptr, 10);
  return text.size() >= size ? size : 0;
}

}  // namespace

double LoadReport::percentile(double p) const {
  return latencies.empty() ? 0
                           : latencies[std::min(latencies.size() - 1,
                                                static_cast<size_t>(p * static_cast<double>(latencies.size())))];
}

std::string get_request(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"; }

std::string post_request(const std::string& target, const std::string& content_type, const std::string& body) {
  return "POST " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: " + content_type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

LoadReport put_load(uint16_t port, int connections, double seconds,
                    const std::function<std::string(uint64_t i)>& request_text) {
  LoadReport report;
  uint64_t next = 0;
  std::vector<Connection> open(static_cast<size_t>(connections));
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  const auto send_next = [&](Connection& connection) {
    const std::string request = request_text(next++);
    connection.sent = Clock::now();
    if (send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
      ++report.failures;
  };
  const double cpu = thread_cpu_seconds();
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  for (Connection& connection : open) {
    connection.socket = connect_to(port);
    epoll_event event{EPOLLIN, {.ptr = &connection}};
    epoll_ctl(poll, EPOLL_CTL_ADD, connection.socket, &event);
    send_next(connection);
  }
  std::array<epoll_event, 64> events;
  std::array<char, 65536> buffer;
  int waiting = connections;
  while (waiting > 0 && report.failures == 0) {
    const int ready = epoll_wait(poll, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < ready; ++i) {
      auto& connection = *static_cast<Connection*>(events[static_cast<size_t>(i)].data.ptr);
      const ssize_t n = recv(connection.socket, buffer.data(), buffer.size(), 0);
      if (n <= 0) {
        ++report.failures;
        continue;
      }
      connection.received.append(buffer.data(), static_cast<size_t>(n));
      const size_t size = answer_size(connection.received);
      if (size == 0)
        continue;
      report.latencies.push_back(std::chrono::duration<float>(Clock::now() - connection.sent).count());
      report.failures += connection.received.starts_with("HTTP/1.1 20") ? 0 : 1;
      ++report.answers;
      connection.received.erase(0, size);
      if (Clock::now() < end)
        send_next(connection);
      else
        --waiting;
    }
  }
  report.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  report.client_cpu_seconds = thread_cpu_seconds() - cpu;
  for (const Connection& connection : open)
    close(connection.socket);
  close(poll);
  std::sort(report.latencies.begin(), report.latencies.end());
  return report;
}

}  // namespace penstock::bench
