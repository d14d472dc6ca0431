// Writes one JSON text, value by value, into a string. Commas, escapes and numbers are its matter; strings that are not
// UTF-8 get U+FFFD for the wrong bytes, so that an answer is always valid JSON. NaN and infinities become null.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/ids.h"

namespace penstock {

class JsonWriter {
 public:
  JsonWriter();
  ~JsonWriter();
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& null();
  /// The text of one valid JSON value, taken as it is.
  JsonWriter& raw(std::string_view json);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);
  JsonWriter& value(float number);  // as few digits as tell it from other floats: 0.42, not 0.41999998688697815
  JsonWriter& value(bool flag);
  JsonWriter& value(Timestamp timestamp);  // ISO 8601
  template <std::signed_integral T>
  JsonWriter& value(T number) {
    return integer(static_cast<int64_t>(number));
  }
  template <std::unsigned_integral T>
  JsonWriter& value(T number) {
    return natural(static_cast<uint64_t>(number));
  }
  template <class T>
  JsonWriter& field(std::string_view name, const T& content) {
    return key(name).value(content);
  }

  /// What was written; the writer is empty afterwards.
  std::string take();

 private:
  JsonWriter& integer(int64_t number);
  JsonWriter& natural(uint64_t number);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
