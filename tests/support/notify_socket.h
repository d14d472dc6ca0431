// A unix datagram socket as systemd gives one to a service, and what was sent to it.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace penstock::test {

class NotifySocket {
 public:
  explicit NotifySocket(std::string path) : path_(std::move(path)), socket_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof(address.sun_path) - 1);
    if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
      throw std::runtime_error("cannot bind " + path_);
  }
  ~NotifySocket() { close(socket_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  const std::string& path() const { return path_; }
  /// The next message, or nothing if none comes within `patience`.
  std::string next(std::chrono::milliseconds patience = std::chrono::seconds(10)) {
    pollfd readable{socket_, POLLIN, 0};
    if (poll(&readable, 1, static_cast<int>(std::max<int64_t>(patience.count(), 0))) <= 0)
      return {};
    std::array<char, 4096> buffer{};
    const ssize_t size = recv(socket_, buffer.data(), buffer.size(), 0);
    return size > 0 ? std::string(buffer.data(), static_cast<size_t>(size)) : std::string();
  }
  /// Reads on until that message has come so many times, before or now; false if it has not within 10 s.
  bool wait_for(const std::string& message, int64_t times = 1) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::count(seen_.begin(), seen_.end(), message) < times) {
      const auto left = until - std::chrono::steady_clock::now();
      std::string got = next(std::chrono::duration_cast<std::chrono::milliseconds>(left));
      if (got.empty())
        return false;
      seen_.push_back(std::move(got));
    }
    return true;
  }

 private:
  std::string path_;
  int socket_;
  std::vector<std::string> seen_;  // by wait_for
};

}  // namespace penstock::test
