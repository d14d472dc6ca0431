// An open file of the system, closed when it goes.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "core/status.h"

namespace penstock {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { close(); }
  int get() const { return number_; }
  void close() {
    if (number_ >= 0)
      ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

/// All of it, however many calls that takes.
inline Status write_all(int file, std::string_view bytes, const std::string& doing) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(file, bytes.data(), bytes.size());
    if (wrote < 0 && errno != EINTR)
      return io_error(doing, errno);
    bytes.remove_prefix(wrote > 0 ? static_cast<size_t>(wrote) : 0);
  }
  return ok();
}

}  // namespace penstock
