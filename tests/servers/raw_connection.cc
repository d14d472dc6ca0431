#include "tests/servers/raw_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace penstock::test {

RawConnection::RawConnection(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect");
}

RawConnection::~RawConnection() { close(socket_); }

bool RawConnection::send(const std::string& text) {
  for (size_t sent = 0; sent < text.size();) {
    const ssize_t n = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n <= 0)
      return false;
    sent += static_cast<size_t>(n);
  }
  return true;
}

void RawConnection::half_close() { shutdown(socket_, SHUT_WR); }

std::string RawConnection::read_until(const std::string& marker, int times, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  std::string text;
  while (marker.empty() || count(text, marker) < times) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd wait{socket_, POLLIN, 0};
    if (left.count() <= 0 || poll(&wait, 1, static_cast<int>(left.count())) <= 0)
      return text + "(open)";
    std::array<char, 65536> buffer;
    const ssize_t n = recv(socket_, buffer.data(), buffer.size(), 0);
    if (n <= 0)
      return text;
    text.append(buffer.data(), static_cast<size_t>(n));
  }
  return text;
}

std::string RawConnection::read_to_end(std::chrono::milliseconds patience) { return read_until("", 1, patience); }

int count(const std::string& text, const std::string& part) {
  int times = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++times;
  return times;
}

}  // namespace penstock::test
