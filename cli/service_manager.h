// Tells systemd (or whoever else gave $NOTIFY_SOCKET) how the service is: one datagram a message. Without the variable, or
// if nobody listens, nothing happens. Used by one thread.
// Source: sd_notify(3), sd_watchdog_enabled(3).
#pragma once

#include <cstdint>
#include <string>

#include "core/units.h"

namespace penstock::cli {

class ServiceManager {
 public:
  /// Reads $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID.
  ServiceManager();
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  /// Start-up is over.
  void ready() { send("READY=1"); }
  void stopping() { send("STOPPING=1"); }
  /// One line for `systemctl status`; sent when it changes.
  void status(const std::string& line);
  /// The service works: tells the watchdog so, twice in each of its periods. `now_nanos` is monotonic.
  void works(int64_t now_nanos);

 private:
  void send(const std::string& message) const;

  int socket_ = -1;
  std::string address_;
  Duration watchdog_{0};  // its period; 0: there is none
  int64_t fed_ = 0;       // monotonic ns
  std::string status_;
};

}  // namespace penstock::cli
