#include "actors/aggregators/stored_order.h"

#include <mutex>

namespace penstock {
namespace {

constexpr std::string_view kPrefix = "\x80";
constexpr std::string_view kVersion = "\x01";
constexpr size_t kChangeBytes = 112;  // of a node of the map, beside its texts

}  // namespace

Result<bool> StoredOrder::is_in(const StoredKeys& stored) {
  PENSTOCK_ASSIGN(const auto value, stored.get(kPrefix));
  if (value && *value != kVersion)
    return data_loss("table \"" + stored.table() + "\": the order of a sort has an unknown format version");
  return value.has_value();
}

size_t StoredOrder::bytes_of(const Changes::value_type& change) {
  return kChangeBytes + change.first.size() + (change.second.value ? change.second.value->size() : 0);
}

void StoredOrder::change(std::string place, std::optional<std::string> value) {
  const auto [entry, added] = recent_.try_emplace(std::move(place), Change{{}, epoch_});
  if (!added)
    bytes_ -= bytes_of(*entry);
  entry->second = {std::move(value), epoch_};
  bytes_ += bytes_of(*entry);
}

void StoredOrder::put(std::string place, std::string value) { change(std::move(place), std::move(value)); }

void StoredOrder::erase(const std::string& place) { change(place, std::nullopt); }

void StoredOrder::end_epoch(bool first, Delta& changes) {
  if (first)
    changes.emplace_back(std::string(kPrefix), std::string(kVersion));
  for (const auto& [place, change] : recent_)
    if (change.epoch == epoch_)
      changes.emplace_back(std::string(kPrefix) + place, change.value);
  ++epoch_;
}

void StoredOrder::committed(uint64_t epoch) {
  for (auto entry = recent_.begin(); entry != recent_.end();) {
    if (entry->second.epoch > epoch) {
      ++entry;
      continue;
    }
    bytes_ -= bytes_of(*entry);
    entry = recent_.erase(entry);
  }
}

// What a scan shows is fixed when it begins. Until its first entry is here the lock is held, so that no change that was
// committed since is dropped; what is copied then is all that the scan lacks. Where both know a place, the copy is newer.
Status StoredOrder::each(std::shared_mutex& owner, const Visit& visit) const {
  std::shared_lock lock(owner);
  Changes recent;
  auto next = recent.begin();
  const auto take = [&] {
    if (!lock.owns_lock())
      return;
    recent = recent_;
    next = recent.begin();
    lock.unlock();
  };
  bool more = true;
  const auto show_until = [&](const std::string_view* place) {
    for (; more && next != recent.end() && (!place || next->first < *place); ++next)
      if (next->second.value)
        more = visit(next->first, *next->second.value);
  };
  PENSTOCK_TRY(stored_.scan(
      [&](std::string_view key, std::string_view value) {
        take();
        const std::string_view place = key.substr(kPrefix.size());
        if (place.empty())
          return true;  // says only that there are places
        show_until(&place);
        if (more && next != recent.end() && next->first == place)
          return true;  // shown, or left out, in its turn
        more = more && visit(place, value);
        return more;
      },
      kPrefix));
  take();
  show_until(nullptr);
  return ok();
}

}  // namespace penstock
