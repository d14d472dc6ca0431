// Distinct integer types for things that must not be mixed up: an offset is not an epoch, a partition is not a worker.
// Compare, hash and step like the integer inside; `value()` gives it.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace penstock {

template <class Tag, class Rep>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  constexpr auto operator<=>(const Id&) const = default;
  constexpr Id next(Rep steps = 1) const { return Id(value_ + steps); }

 private:
  Rep value_ = 0;
};

/// Place of a record in one partition of a log, counted from 0.
using Offset = Id<struct OffsetTag, uint64_t>;
/// Partition of a log, counted from 0.
using Partition = Id<struct PartitionTag, uint32_t>;
/// A numbered slice of a region's input, counted from 1 since the region's last start.
using Epoch = Id<struct EpochTag, uint64_t>;

/// A moment in microseconds since 1970-01-01 00:00 UTC.
struct Timestamp {
  int64_t micros = 0;
  constexpr auto operator<=>(const Timestamp&) const = default;
};

}  // namespace penstock

template <class Tag, class Rep>
struct std::hash<penstock::Id<Tag, Rep>> {
  size_t operator()(penstock::Id<Tag, Rep> id) const noexcept { return std::hash<Rep>()(id.value()); }
};
