#include "messages/key.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

namespace penstock {
namespace {

constexpr char kNull = 0x00;
constexpr char kValue = 0x01;
constexpr char kEscapedZero = '\xff';
constexpr uint64_t kSignBit = 1ULL << 63;

// Big-endian bytes compare as the numbers do.
void append_marked(uint64_t number, std::string& out) {
  std::array<char, 9> bytes{kValue};
  for (int i = 0; i < 8; ++i)
    bytes[1 + i] = static_cast<char>(number >> (56 - 8 * i));
  out.append(bytes.data(), bytes.size());
}

uint64_t read_big_endian(std::string_view bytes) {
  uint64_t number = 0;
  for (int i = 0; i < 8; ++i)
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

// IEEE 754 numbers sort as sign and magnitude: negative ones are turned over. Equal values must have equal keys, so -0
// is written as 0 and every NaN as one NaN (which comes last, as in SQL).
uint64_t ordered_bits(double value) {
  if (std::isnan(value))
    value = std::numeric_limits<double>::quiet_NaN();
  const auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

double from_ordered_bits(uint64_t ordered) {
  return std::bit_cast<double>((ordered & kSignBit) != 0 ? ordered & ~kSignBit : ~ordered);
}

void append_escaped(std::string_view text, std::string& out) {
  out += kValue;
  for (size_t zero = text.find('\0'); zero != std::string_view::npos; zero = text.find('\0')) {
    out.append(text.substr(0, zero + 1));
    out += kEscapedZero;
    text.remove_prefix(zero + 1);
  }
  out.append(text);
  out.append(2, '\0');
}

void append_value(const Column& column, size_t row, std::string& out) {
  if (column.is_null(row)) {
    out += kNull;
    return;
  }
  switch (column.type()) {
    case Type::kBool:
      out += kValue;
      out += static_cast<char>(column.bools()[row]);
      return;
    case Type::kInt64:
    case Type::kTimestamp: append_marked(static_cast<uint64_t>(column.int64s()[row]) ^ kSignBit, out); return;
    case Type::kFloat64: append_marked(ordered_bits(column.float64s()[row]), out); return;
    case Type::kString:
    case Type::kJson: append_escaped(column.string(row), out); return;
  }
}

Status broken(std::string_view what, Type type) {
  return data_loss("broken key: " + std::string(what) + " where a value of type " + std::string(type_name(type)) +
                   " belongs");
}

// Takes an escaped text off the front of `rest`, behind its marker.
Status read_escaped(std::string_view& rest, ColumnBuilder& builder) {
  std::string text;
  for (;;) {
    const size_t zero = rest.find('\0');
    if (zero == std::string_view::npos || zero + 1 == rest.size())
      return broken("text without its end", builder.type());
    const char after = rest[zero + 1];
    text.append(rest.substr(0, zero));
    rest.remove_prefix(zero + 2);
    if (after == '\0')
      break;
    if (after != kEscapedZero)
      return broken("a wrong escape", builder.type());
    text += '\0';
  }
  builder.append_string(text);
  return ok();
}

Status read_value(std::string_view& rest, ColumnBuilder& builder) {
  const Type type = builder.type();
  if (rest.empty() || (rest[0] != kNull && rest[0] != kValue))
    return broken(rest.empty() ? "its end" : "an unknown marker", type);
  const bool null = rest[0] == kNull;
  rest.remove_prefix(1);
  if (null) {
    builder.append_null();
    return ok();
  }
  if (type == Type::kString || type == Type::kJson)
    return read_escaped(rest, builder);
  const size_t width = type == Type::kBool ? 1 : 8;
  if (rest.size() < width)
    return broken("too few bytes", type);
  if (type == Type::kBool) {
    if (static_cast<unsigned char>(rest[0]) > 1)
      return broken("neither 0 nor 1", type);
    builder.append_bool(rest[0] != 0);
  } else if (type == Type::kFloat64) {
    builder.append_float64(from_ordered_bits(read_big_endian(rest)));
  } else {
    builder.append_int64(static_cast<int64_t>(read_big_endian(rest) ^ kSignBit));
  }
  rest.remove_prefix(width);
  return ok();
}

}  // namespace

void append_key(const RecordBatch& batch, std::span<const size_t> columns, size_t row, std::string& out) {
  for (const size_t column : columns)
    append_value(*batch.column(column), row, out);
}

Status decode_key(std::string_view key, std::span<ColumnBuilder*> builders) {
  std::string_view rest = key;
  for (ColumnBuilder* builder : builders)
    PENSTOCK_TRY(read_value(rest, *builder));
  if (!rest.empty())
    return data_loss("broken key: " + std::to_string(rest.size()) + " bytes behind its last value");
  return ok();
}

uint64_t hash_key(std::string_view key) { return XXH3_64bits(key.data(), key.size()); }

uint32_t route_key(std::string_view key, uint32_t count) {
  assert(count > 0);
  return static_cast<uint32_t>((static_cast<unsigned __int128>(hash_key(key)) * count) >> 64);
}

}  // namespace penstock
