#include "actors/sinks/kafka_mark.h"

#include <algorithm>
#include <charconv>

namespace penstock {
namespace {

constexpr std::string_view kVersion = "1 ";

}  // namespace

void KafkaMark::pass(Offset offset, Timestamp taken_in) {
  next = offset.value() + 1;
  ingested = std::max(ingested, taken_in.micros);
}

std::string mark_metadata(const KafkaMark& mark) { return std::string(kVersion) + std::to_string(mark.ingested); }

Result<KafkaMark> read_mark(int64_t next, std::string_view metadata) {
  if (next < 0)
    return KafkaMark{};
  KafkaMark mark{static_cast<uint64_t>(next), std::numeric_limits<int64_t>::max()};
  if (metadata.empty())
    return mark;
  const std::string_view number = metadata.substr(std::min(kVersion.size(), metadata.size()));
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), mark.ingested);
  if (!metadata.starts_with(kVersion) || error != std::errc() || end != number.data() + number.size())
    return failed_precondition("the group's offset carries the metadata \"" + std::string(metadata) +
                               "\", which this version of Penstock does not know");
  return mark;
}

}  // namespace penstock
