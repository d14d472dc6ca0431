#include "actors/sources/kafka_claims.h"

#include <algorithm>
#include <charconv>

namespace penstock {
namespace {

constexpr std::string_view kOurs = "penstock/";
constexpr std::string_view kVersion = "penstock/1";

std::optional<int64_t> offset_of(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

}  // namespace

Result<KafkaClaims> KafkaClaims::read(std::optional<int64_t> committed, std::string_view metadata) {
  KafkaClaims out;
  out.committed_ = committed;
  if (!committed || !metadata.starts_with(kOurs))
    return out;
  const auto broken = [&] {
    return data_loss("the consumer group's metadata cannot be read: \"" + std::string(metadata.substr(0, 200)) +
                     "\"; was it written by a later version?");
  };
  const std::string_view version = metadata.substr(0, metadata.find(' '));
  if (version != kVersion)
    return broken();
  metadata.remove_prefix(version.size());
  while (!metadata.empty()) {
    metadata.remove_prefix(1);
    const std::string_view entry = metadata.substr(0, metadata.find(' '));
    metadata.remove_prefix(entry.size());
    const size_t colon = entry.find(':'), dash = entry.find('-', colon == std::string_view::npos ? 0 : colon);
    if (colon == std::string_view::npos || colon == 0 || dash == std::string_view::npos)
      return broken();
    const auto from = offset_of(entry.substr(colon + 1, dash - colon - 1)), to = offset_of(entry.substr(dash + 1));
    if (!from || !to || *to < *from)
      return broken();
    out.tenures_.push_back({std::string(entry.substr(0, colon)), {*from, *to}});
  }
  return out;
}

std::vector<KafkaRange> KafkaClaims::debts(std::string_view owner, std::optional<int64_t> stored) const {
  std::vector<KafkaRange> out;
  for (const Tenure& tenure : tenures_) {
    const int64_t from = std::max(tenure.range.from, stored.value_or(0));
    if (tenure.owner == owner && from < tenure.range.to)
      out.push_back({from, tenure.range.to});
  }
  return out;
}

std::optional<int64_t> KafkaClaims::start(std::optional<int64_t> stored) const {
  if (!committed_ || !stored)
    return committed_ ? committed_ : stored;
  return std::max(*committed_, *stored);
}

bool KafkaClaims::passed_on(std::string_view owner) const {
  return !tenures_.empty() && tenures_.back().owner != owner;
}

void KafkaClaims::begin(std::string_view owner, int64_t from, int64_t stored) {
  std::erase_if(tenures_, [&](const Tenure& tenure) { return tenure.owner == owner && tenure.range.to <= stored; });
  if (tenures_.empty() || tenures_.back().owner != owner || tenures_.back().range.to != from)
    tenures_.push_back({std::string(owner), {from, from}});
}

void KafkaClaims::claim(int64_t to) {
  tenures_.back().range.to = to;
  committed_ = to;
}

std::string KafkaClaims::metadata() const {
  std::vector<std::string> entries;
  size_t size = kVersion.size();
  for (auto tenure = tenures_.rbegin(); tenure != tenures_.rend(); ++tenure) {
    entries.push_back(" " + tenure->owner + ":" + std::to_string(tenure->range.from) + "-" +
                      std::to_string(tenure->range.to));
    size += entries.back().size();
    if (size > kMostBytes) {
      entries.pop_back();
      break;
    }
  }
  std::string out(kVersion);
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
    out += *entry;
  return out;
}

std::string KafkaClaims::to_string() const {
  std::string out;
  for (const Tenure& tenure : tenures_)
    out += (out.empty() ? "" : " ") + tenure.owner + "[" + std::to_string(tenure.range.from) + "," +
           std::to_string(tenure.range.to) + ")";
  return out;
}

}  // namespace penstock
