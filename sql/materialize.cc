#include "sql/materialize.h"

namespace penstock::sql {
namespace {

constexpr size_t kMaxColumnBytes = size_t{1} << 31;

// Empty if nothing is null.
Bitmap validity_of(const Context& context, const Vector& values, const Rows& rows) {
  if (!values.null && !values.validity && !context.failed())
    return {};
  Bitmap bits((rows.count + 63) / 64);
  size_t valid = 0;
  for (size_t i = 0; i < rows.count; ++i) {
    const size_t row = rows[i];
    const bool is_valid = !values.is_null(row) && !context.failed(row);
    bits[i >> 6] |= uint64_t{is_valid} << (i & 63);
    valid += is_valid;
  }
  return valid == rows.count ? Bitmap() : bits;
}

template <class T>
std::vector<T> dense(const Vector& values, const Rows& rows, const Bitmap& validity) {
  std::vector<T> out(rows.count);
  if (values.constant || rows.index) {
    access<T>(values, [&](auto value) {
      for (size_t i = 0; i < rows.count; ++i)
        out[i] = value[rows[i]];
    });
  } else if (rows.count > 0) {
    std::copy_n(values_of<T>(values), rows.count, out.data());
  }
  if (!validity.empty())
    for (size_t i = 0; i < rows.count; ++i)
      out[i] = bit(validity, i) ? out[i] : T{};
  return out;
}

ColumnPtr strings(Context& context, const Vector& values, const Rows& rows, Type type) {
  Bitmap validity = validity_of(context, values, rows);
  const Reader<std::string_view> text(values);
  size_t total = 0;
  bool too_large = false;
  for (size_t i = 0; i < rows.count; ++i) {
    if (!validity.empty() && !bit(validity, i))
      continue;
    const size_t size = text[rows[i]].size();
    if (total + size > kMaxColumnBytes) {
      context.error(rows[i], "the strings of this column exceed 2 GiB in one batch");
      too_large = true;
    } else {
      total += size;
    }
  }
  if (too_large)
    validity = validity_of(context, values, rows);
  std::vector<uint32_t> offsets(rows.count + 1);
  std::string bytes;
  bytes.reserve(total);
  for (size_t i = 0; i < rows.count; ++i) {
    if (validity.empty() || bit(validity, i))
      bytes.append(text[rows[i]]);
    offsets[i + 1] = static_cast<uint32_t>(bytes.size());
  }
  return Column::strings(std::move(offsets), std::move(bytes), std::move(validity), type);
}

}  // namespace

ColumnPtr materialize(Context& context, const Vector& values, const Rows& rows) {
  switch (values.type) {
    case Type::kBool: {
      Bitmap validity = validity_of(context, values, rows);
      auto out = dense<uint8_t>(values, rows, validity);
      return Column::bools(std::move(out), std::move(validity));
    }
    case Type::kInt64:
    case Type::kTimestamp: {
      Bitmap validity = validity_of(context, values, rows);
      auto out = dense<int64_t>(values, rows, validity);
      return Column::int64s(std::move(out), std::move(validity), values.type);
    }
    case Type::kFloat64: {
      Bitmap validity = validity_of(context, values, rows);
      auto out = dense<double>(values, rows, validity);
      return Column::float64s(std::move(out), std::move(validity));
    }
    case Type::kString:
    case Type::kJson: break;
  }
  return strings(context, values, rows, values.type);
}

}  // namespace penstock::sql
