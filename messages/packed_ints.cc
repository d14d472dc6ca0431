#include "messages/packed_ints.h"

#include <algorithm>

namespace penstock {
namespace {

struct Range {
  int64_t low = 0, high = 0;
  uint64_t span() const { return static_cast<uint64_t>(high) - static_cast<uint64_t>(low); }
};

uint8_t width_of(uint64_t span) {
  return span == 0 ? 0 : span <= 0xff ? 1 : span <= 0xffff ? 2 : span <= 0xffff'ffff ? 4 : 8;
}

uint64_t minus(int64_t a, int64_t b) { return static_cast<uint64_t>(a) - static_cast<uint64_t>(b); }

Range range_of(std::span<const int64_t> values) {
  Range range{values[0], values[0]};
  for (const int64_t value : values) {
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
  }
  return range;
}

Range range_of_steps(std::span<const int64_t> values) {
  if (values.size() == 1)
    return {};
  const auto first = static_cast<int64_t>(minus(values[1], values[0]));
  Range range{first, first};
  for (size_t i = 2; i < values.size(); ++i) {
    const auto step = static_cast<int64_t>(minus(values[i], values[i - 1]));
    range.low = std::min(range.low, step);
    range.high = std::max(range.high, step);
  }
  return range;
}

// Makes room for `count` elements at the end of `out` and lets `value_at` fill them.
template <class Narrow, class ValueAt>
void append_as(size_t count, std::string& out, ValueAt&& value_at) {
  const size_t start = out.size();
  out.resize(start + count * sizeof(Narrow));
  char* at = out.data() + start;
  for (size_t i = 0; i < count; ++i) {
    const auto narrow = static_cast<Narrow>(value_at(i));
    std::memcpy(at + i * sizeof(Narrow), &narrow, sizeof narrow);
  }
}

template <class ValueAt>
void append_width(uint8_t width, size_t count, std::string& out, ValueAt&& value_at) {
  switch (width) {
    case 1: return append_as<uint8_t>(count, out, value_at);
    case 2: return append_as<uint16_t>(count, out, value_at);
    case 4: return append_as<uint32_t>(count, out, value_at);
    case 8: return append_as<uint64_t>(count, out, value_at);
    default: return;
  }
}

void append_header(bool delta, uint8_t width, int64_t base, std::string& out) {
  append_number<uint8_t>(delta ? 1 : 0, out);
  append_number(width, out);
  append_number(base, out);
}

template <class Narrow>
void read_as(const char* at, size_t count, uint64_t base, uint64_t* out) {
  for (size_t i = 0; i < count; ++i)
    out[i] = base + load_number<Narrow>(at + i * sizeof(Narrow));
}

struct Header {
  uint8_t delta = 0, width = 0;
  int64_t base = 0, first = 0;
};

bool read_header(ByteReader& reader, Header& header) {
  header.delta = reader.number<uint8_t>();
  header.width = reader.number<uint8_t>();
  header.base = reader.number<int64_t>();
  if (header.delta == 1)
    header.first = reader.number<int64_t>();
  return !reader.failed() && header.delta <= 1 &&
         (header.width == 0 || header.width == 1 || header.width == 2 || header.width == 4 || header.width == 8);
}

}  // namespace

void append_packed(std::span<const int64_t> values, std::string& out) {
  if (values.empty())
    return append_header(false, 0, 0, out);
  const Range range = range_of(values);
  const Range steps = range_of_steps(values);
  const uint8_t width = width_of(range.span());
  const uint8_t step_width = width_of(steps.span());
  if (step_width >= width) {
    append_header(false, width, range.low, out);
    return append_width(width, values.size(), out, [&](size_t i) { return minus(values[i], range.low); });
  }
  append_header(true, step_width, steps.low, out);
  // One smallest step before the first value, so that the step to it is in the range too.
  append_number(static_cast<int64_t>(minus(values[0], steps.low)), out);
  append_width(step_width, values.size(), out, [&](size_t i) {
    return i == 0 ? 0 : minus(values[i], values[i - 1]) - static_cast<uint64_t>(steps.low);
  });
}

void append_packed(std::span<const uint32_t> values, std::string& out) {
  if (values.empty())
    return append_header(false, 0, 0, out);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const uint8_t width = width_of(*high - *low);
  append_header(false, width, *low, out);
  append_width(width, values.size(), out, [&, base = *low](size_t i) { return values[i] - base; });
}

bool read_packed(ByteReader& reader, size_t count, std::vector<int64_t>& out) {
  Header header;
  if (!read_header(reader, header))
    return false;
  const std::string_view bytes = reader.bytes(count * header.width);
  if (reader.failed())
    return false;
  out.resize(count);
  auto* numbers = reinterpret_cast<uint64_t*>(out.data());
  const auto base = static_cast<uint64_t>(header.base);
  switch (header.width) {
    case 1: read_as<uint8_t>(bytes.data(), count, base, numbers); break;
    case 2: read_as<uint16_t>(bytes.data(), count, base, numbers); break;
    case 4: read_as<uint32_t>(bytes.data(), count, base, numbers); break;
    case 8: read_as<uint64_t>(bytes.data(), count, base, numbers); break;
    default: std::fill(out.begin(), out.end(), header.base);
  }
  if (header.delta == 1) {
    auto value = static_cast<uint64_t>(header.first);
    for (size_t i = 0; i < count; ++i)
      numbers[i] = value += numbers[i];
  }
  return true;
}

bool read_packed(ByteReader& reader, size_t count, std::vector<uint32_t>& out) {
  Header header;
  if (!read_header(reader, header) || header.delta != 0 || header.width > 4 || header.base < 0)
    return false;
  const std::string_view bytes = reader.bytes(count * header.width);
  if (reader.failed())
    return false;
  out.resize(count);
  const auto base = static_cast<uint64_t>(header.base);
  uint64_t high = base;
  const auto read = [&]<class Narrow>(Narrow) {
    uint64_t most = 0;
    for (size_t i = 0; i < count; ++i) {
      const uint64_t value = load_number<Narrow>(bytes.data() + i * sizeof(Narrow));
      most = std::max(most, value);
      out[i] = static_cast<uint32_t>(base + value);
    }
    high = base + most;
  };
  switch (header.width) {
    case 1: read(uint8_t{}); break;
    case 2: read(uint16_t{}); break;
    case 4: read(uint32_t{}); break;
    default: std::fill(out.begin(), out.end(), static_cast<uint32_t>(base));
  }
  return high <= 0xffff'ffff;
}

}  // namespace penstock
