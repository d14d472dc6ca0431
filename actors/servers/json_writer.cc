#include "actors/servers/json_writer.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <charconv>
#include <cmath>

#include "messages/timestamp.h"
#include "messages/utf8.h"

namespace penstock {

struct JsonWriter::Impl {
  rapidjson::StringBuffer buffer{nullptr, 1024};
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};

  void string(std::string_view text) {
    if (valid_utf8(text)) {
      writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    } else {
      const std::string repaired = replace_invalid_utf8(text);
      writer.String(repaired.data(), static_cast<rapidjson::SizeType>(repaired.size()));
    }
  }
};

JsonWriter::JsonWriter() : impl_(std::make_unique<Impl>()) {}
JsonWriter::~JsonWriter() = default;

JsonWriter& JsonWriter::begin_object() { return impl_->writer.StartObject(), *this; }
JsonWriter& JsonWriter::end_object() { return impl_->writer.EndObject(), *this; }
JsonWriter& JsonWriter::begin_array() { return impl_->writer.StartArray(), *this; }
JsonWriter& JsonWriter::end_array() { return impl_->writer.EndArray(), *this; }
JsonWriter& JsonWriter::null() { return impl_->writer.Null(), *this; }
JsonWriter& JsonWriter::key(std::string_view name) { return impl_->string(name), *this; }
JsonWriter& JsonWriter::value(std::string_view text) { return impl_->string(text), *this; }
JsonWriter& JsonWriter::value(bool flag) { return impl_->writer.Bool(flag), *this; }
JsonWriter& JsonWriter::value(Timestamp timestamp) { return value(format_timestamp(timestamp)); }
JsonWriter& JsonWriter::integer(int64_t number) { return impl_->writer.Int64(number), *this; }
JsonWriter& JsonWriter::natural(uint64_t number) { return impl_->writer.Uint64(number), *this; }

JsonWriter& JsonWriter::raw(std::string_view json) {
  impl_->writer.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  return *this;
}

JsonWriter& JsonWriter::value(double number) { return std::isfinite(number) ? raw(format_float64(number)) : null(); }

JsonWriter& JsonWriter::value(float number) {
  if (!std::isfinite(number))
    return null();
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return raw({text.data(), static_cast<size_t>(end - text.data())});
}

std::string JsonWriter::take() {
  std::string text(impl_->buffer.GetString(), impl_->buffer.GetSize());
  impl_->buffer.Clear();
  impl_->writer.Reset(impl_->buffer);
  return text;
}

}  // namespace penstock
