// A blocking HTTP/1.1 client of a few lines, for tests that talk to a running node on the loopback.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace penstock::test {

struct Answer {
  int code = 0;  // 0: no connection, or no answer in time
  std::string head;
  std::string body;
};

Answer http(uint16_t port, const std::string& method, const std::string& target, const std::string& body = {},
            std::chrono::milliseconds patience = std::chrono::seconds(10),
            const std::vector<std::string>& headers = {});  // such as `Idempotency-Key: k`; JSON unless one says else
inline Answer http_get(uint16_t port, const std::string& target) { return http(port, "GET", target); }

/// A port of the loopback that nobody listened on a moment ago.
uint16_t free_port();

/// Holds a port of the loopback, so that nobody else can listen on it.
class TakenPort {
 public:
  TakenPort();
  ~TakenPort();
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;
  uint16_t port() const { return port_; }

 private:
  int socket_;
  uint16_t port_;
};

}  // namespace penstock::test
