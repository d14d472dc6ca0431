// Writes and reads the stored form of models: little-endian numbers, counted texts, a checksum at the end.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/status.h"

namespace penstock {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "models are stored little-endian");

class SnapshotWriter {
 public:
  template <class T>
  requires std::is_arithmetic_v<T>
  void number(T value) { out_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  void floats(const float* values, size_t count) {
    out_.append(reinterpret_cast<const char*>(values), count * sizeof(float));
  }
  void text(std::string_view text) {
    number(static_cast<uint32_t>(text.size()));
    out_.append(text);
  }
  void raw(std::string_view bytes) { out_.append(bytes); }
  /// Appends the checksum of all before it.
  std::string finish() &&;

 private:
  std::string out_;
};

/// Whether a training may keep what it learnt: SnapshotReader::floats() takes all of it. Errors: invalid_argument.
Status check_learnt(std::initializer_list<std::span<const float>> parts);

/// After the first read beyond the end every read gives zeros, and ok() is false.
class SnapshotReader {
 public:
  /// Checks that `bytes` begins with `magic` and ends with the right checksum. Errors: data_loss.
  static Result<SnapshotReader> open(std::string_view bytes, std::string_view magic);

  template <class T>
  requires std::is_arithmetic_v<T> T number() {
    T value{};
    take(&value, sizeof(value));
    return value;
  }
  /// Of finite numbers; anything else makes ok() false.
  void floats(float* values, size_t count);
  std::string text();

  bool ok() const { return ok_; }
  bool at_end() const { return left_.empty(); }
  size_t left() const { return left_.size(); }

 private:
  explicit SnapshotReader(std::string_view left) : left_(left) {}
  void take(void* to, size_t bytes) {
    if (bytes > left_.size()) {
      ok_ = false;
      left_ = {};
      return;
    }
    std::memcpy(to, left_.data(), bytes);
    left_.remove_prefix(bytes);
  }

  std::string_view left_;
  bool ok_ = true;
};

}  // namespace penstock
