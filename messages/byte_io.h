// Little-endian numbers into and out of a block of bytes; the reader never leaves its block.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace penstock {

static_assert(std::endian::native == std::endian::little, "stored numbers are little-endian");

template <class T>
void append_number(T value, std::string& out) {
  static_assert(std::is_arithmetic_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
T load_number(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// Reads from the front of a block that must outlive it. A read past the end gives nothing and makes failed() true for
/// good.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::string_view bytes(size_t count) {
    if (count > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view out = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return out;
  }
  template <class T>
  T number() {
    const std::string_view at = bytes(sizeof(T));
    return at.empty() ? T{} : load_number<T>(at.data());
  }
  size_t left() const { return rest_.size(); }
  bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace penstock
