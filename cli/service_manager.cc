#include "cli/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace penstock::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<int64_t> number(const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

ServiceManager::ServiceManager() : address_(environment("NOTIFY_SOCKET")) {
  if (address_.empty())
    return;
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const auto pid = number(environment("WATCHDOG_PID"));
  if (!pid || *pid == getpid())
    watchdog_.micros = number(environment("WATCHDOG_USEC")).value_or(0);
}

ServiceManager::~ServiceManager() {
  if (socket_ >= 0)
    close(socket_);
}

void ServiceManager::status(const std::string& line) {
  if (line == status_)
    return;
  status_ = line;
  send("STATUS=" + line);
}

void ServiceManager::works(int64_t now_nanos) {
  if (watchdog_.micros <= 0 || (fed_ != 0 && now_nanos - fed_ < watchdog_.micros * 1000 / 2))
    return;
  fed_ = now_nanos;
  send("WATCHDOG=1");
}

void ServiceManager::send(const std::string& message) const {
  sockaddr_un to{};
  if (socket_ < 0 || address_.size() >= sizeof(to.sun_path))
    return;
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  if (to.sun_path[0] == '@')  // an abstract address
    to.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  const auto sent =
      sendto(socket_, message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), length);
  (void)sent;  // whoever listens may be gone; the service goes on
}

}  // namespace penstock::cli
