// A bare TCP connection to the loopback, to say what no HTTP client would.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace penstock::test {

class RawConnection {
 public:
  explicit RawConnection(uint16_t port);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  /// False if the peer has closed.
  bool send(const std::string& text);
  void half_close();
  /// What comes until `marker` has been seen `times`, the peer closes, or the patience ends.
  std::string read_until(const std::string& marker, int times = 1,
                         std::chrono::milliseconds patience = std::chrono::seconds(10));
  /// What comes until the peer closes; ends with `(open)` if it does not.
  std::string read_to_end(std::chrono::milliseconds patience = std::chrono::seconds(10));

 private:
  int socket_;
};

/// How often `part` occurs.
int count(const std::string& text, const std::string& part);

}  // namespace penstock::test
