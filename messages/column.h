// One column of a batch: values of one type, some of them perhaps null. Immutable and shared; safe to read from any
// thread.
//
// Layout by type: bool one byte (0 or 1) a row; int64 and timestamp int64_t a row; float64 double a row; string and
// json size()+1 offsets into one block of bytes. A null row holds a valid placeholder (0, or an empty string). Validity
// is one bit a row, set when the value is there, lowest bit first; an empty bitmap means that no row is null.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "messages/schema.h"

namespace penstock {

/// One bit a row, packed into 64-bit words, lowest bit first. Bits past the end are 0.
using Bitmap = std::vector<uint64_t>;
inline bool bit(std::span<const uint64_t> bits, size_t i) { return (bits[i >> 6] >> (i & 63)) & 1; }

/// Physical row numbers, ascending.
using Selection = std::vector<uint32_t>;

class Column;
using ColumnPtr = std::shared_ptr<const Column>;

class Column {
 public:
  // Requires of each: `validity` is empty or has a bit for every row.
  static ColumnPtr bools(std::vector<uint8_t> values, Bitmap validity = {});
  static ColumnPtr int64s(std::vector<int64_t> values, Bitmap validity = {}, Type type = Type::kInt64);
  static ColumnPtr float64s(std::vector<double> values, Bitmap validity = {});
  /// `offsets` starts with 0, ascends, and ends with bytes.size().
  static ColumnPtr strings(std::vector<uint32_t> offsets, std::string bytes, Bitmap validity = {},
                           Type type = Type::kString);
  static ColumnPtr nulls(Type type, size_t size);

  Type type() const { return type_; }
  size_t size() const { return size_; }
  bool has_nulls() const { return !validity_.empty(); }
  bool is_null(size_t row) const { return !validity_.empty() && !bit(validity_, row); }
  std::span<const uint64_t> validity() const { return validity_; }

  // Requires of each: the column has that type.
  std::span<const uint8_t> bools() const { return bools_; }
  std::span<const int64_t> int64s() const { return int64s_; }  // int64, timestamp
  std::span<const double> float64s() const { return float64s_; }
  std::span<const uint32_t> offsets() const { return offsets_; }  // string, json
  std::string_view bytes() const { return bytes_; }
  std::string_view string(size_t row) const {
    return std::string_view(bytes_).substr(offsets_[row], offsets_[row + 1] - offsets_[row]);
  }

  /// The given rows, in that order.
  ColumnPtr gather(std::span<const uint32_t> rows) const;
  /// Bytes this column keeps in memory.
  size_t memory() const;
  /// The value as text: null as `NULL`, timestamps as ISO 8601 UTC. For messages, plans and tests.
  std::string to_string(size_t row) const;

 private:
  Column(Type type, size_t size, Bitmap validity) : type_(type), size_(size), validity_(std::move(validity)) {}

  Type type_;
  size_t size_;
  Bitmap validity_;
  std::vector<uint8_t> bools_;
  std::vector<int64_t> int64s_;
  std::vector<double> float64s_;
  std::vector<uint32_t> offsets_;
  std::string bytes_;
};

/// Collects values of one type, row by row, into a Column. Requires: the append matches the type.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(Type type) : type_(type) {}
  void reserve(size_t rows);
  size_t size() const { return size_; }
  Type type() const { return type_; }

  void append_null();
  void append_bool(bool value) { bools_.push_back(value), grow(true); }
  void append_int64(int64_t value) { int64s_.push_back(value), grow(true); }  // int64, timestamp
  void append_float64(double value) { float64s_.push_back(value), grow(true); }
  void append_string(std::string_view value) {  // string, json
    bytes_.append(value);
    offsets_.push_back(static_cast<uint32_t>(bytes_.size()));
    grow(true);
  }
  /// Row `row` of `column`, which has the same type.
  void append_from(const Column& column, size_t row);
  /// All rows of `column`, or these, in that order; much faster than one by one.
  void append_all(const Column& column);
  void append_rows(const Column& column, std::span<const uint32_t> rows);
  /// Takes back the last row. Requires: size() > 0.
  void pop();
  /// The column so far; the builder is empty afterwards.
  ColumnPtr finish();

 private:
  void grow(bool valid) {
    if (!valid || any_null_)
      mark(valid);
    ++size_;
  }
  void mark(bool valid);
  template <class RowAt>
  void append_values(const Column& column, size_t count, RowAt&& row_at);

  Type type_;
  size_t size_ = 0;
  bool any_null_ = false;
  Bitmap validity_;
  std::vector<uint8_t> bools_;
  std::vector<int64_t> int64s_;
  std::vector<double> float64s_;
  std::vector<uint32_t> offsets_ = {0};
  std::string bytes_;
};

}  // namespace penstock
