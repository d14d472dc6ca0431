#include "storage/delta_segment.h"

#include <algorithm>
#include <bit>

#include "storage/bytes.h"
#include "storage/lmdb_format.h"

namespace penstock {
namespace {

constexpr uint32_t kErased = ~0u;
constexpr size_t kChangeHeadBytes = 8;

struct SortItem {
  uint64_t head;  // first bytes of the key behind what all keys share, as a number that sorts the same way
  uint32_t at;
};

// Keys of numbers begin alike: with that left out, eight bytes tell almost all of them apart.
size_t shared_bytes(const Delta& delta) {
  std::string_view shared = delta.empty() ? std::string_view() : delta.front().first;
  for (const auto& [key, value] : delta) {
    const auto differs = std::mismatch(shared.begin(), shared.end(), key.begin(), key.end()).first;
    shared = shared.substr(0, static_cast<size_t>(differs - shared.begin()));
    if (shared.empty())
      break;
  }
  return shared.size();
}

uint64_t head_of(std::string_view key) {
  char bytes[8] = {};
  std::memcpy(bytes, key.data(), std::min<size_t>(key.size(), 8));
  return load_be64(bytes);
}

// Order of the entries by key; equal keys in the order given.
std::vector<SortItem> sorted_order(const Delta& delta) {
  std::vector<SortItem> order(delta.size());
  bool sorted = true;
  const size_t shared = shared_bytes(delta);
  for (uint32_t i = 0; i < delta.size(); ++i) {
    order[i] = {head_of(std::string_view(delta[i].first).substr(shared)), i};
    sorted = sorted && (i == 0 || delta[i - 1].first < delta[i].first);
  }
  if (sorted)
    return order;
  std::sort(order.begin(), order.end(), [&](const SortItem& a, const SortItem& b) {
    if (a.head != b.head)
      return a.head < b.head;
    const int compared = delta[a.at].first.compare(delta[b.at].first);
    return compared != 0 ? compared < 0 : a.at < b.at;
  });
  return order;
}

}  // namespace

uint32_t key_hash(std::string_view key) { return static_cast<uint32_t>(body_hash(key)); }

std::shared_ptr<const DeltaSegment> DeltaSegment::encode(const Delta& delta) {
  const auto order = sorted_order(delta);
  const auto is_last = [&](size_t i) {
    return i + 1 == order.size() || delta[order[i].at].first != delta[order[i + 1].at].first;
  };
  size_t size = 0, count = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    if (!is_last(i))
      continue;
    const auto& [key, value] = delta[order[i].at];
    size += kChangeHeadBytes + key.size() + (value ? value->size() : 0);
    ++count;
  }
  auto bytes = std::make_shared<std::string>();
  bytes->reserve(size);
  auto segment = std::make_shared<DeltaSegment>();
  segment->changes_.reserve(count);
  for (size_t i = 0; i < order.size(); ++i) {
    if (!is_last(i))
      continue;
    const auto& [key, value] = delta[order[i].at];
    append_le(*bytes, static_cast<uint32_t>(key.size()));
    append_le(*bytes, value ? static_cast<uint32_t>(value->size()) : kErased);
    const char* at = bytes->data() + bytes->size();
    bytes->append(key);
    if (value)
      bytes->append(*value);
    segment->changes_.push_back(
        {{at, key.size()}, {at + key.size(), value ? value->size() : 0}, key_hash(key), !value});
  }
  segment->buffers_.push_back(std::move(bytes));
  segment->build_index();
  return segment;
}

std::shared_ptr<const DeltaSegment> DeltaSegment::decode(std::string encoded, uint32_t entries) {
  const auto bytes = std::make_shared<const std::string>(std::move(encoded));
  auto segment = std::make_shared<DeltaSegment>();
  std::string_view rest = *bytes;
  while (!rest.empty()) {
    if (rest.size() < kChangeHeadBytes)
      return nullptr;
    const uint64_t key = load_le<uint32_t>(rest.data());
    const uint32_t stated = load_le<uint32_t>(rest.data() + 4);
    const uint64_t value = stated == kErased ? 0 : stated;
    if (kChangeHeadBytes + key + value > rest.size())
      return nullptr;
    const Change change{rest.substr(kChangeHeadBytes, key), rest.substr(kChangeHeadBytes + key, value),
                        key_hash(rest.substr(kChangeHeadBytes, key)), stated == kErased};
    if (!segment->changes_.empty() && segment->changes_.back().key >= change.key)
      return nullptr;
    segment->changes_.push_back(change);
    rest.remove_prefix(kChangeHeadBytes + key + value);
  }
  if (segment->changes_.size() != entries)
    return nullptr;
  segment->buffers_.push_back(bytes);
  segment->build_index();
  return segment;
}

std::shared_ptr<const DeltaSegment> DeltaSegment::merge(const DeltaSegment& older, const DeltaSegment& newer) {
  auto merged = std::make_shared<DeltaSegment>();
  merged->changes_.reserve(older.changes_.size() + newer.changes_.size());
  auto a = older.changes_.begin();
  auto b = newer.changes_.begin();
  while (a != older.changes_.end() && b != newer.changes_.end()) {
    const int compared = a->key.compare(b->key);
    if (compared < 0) {
      merged->changes_.push_back(*a++);
    } else {
      if (compared == 0)
        ++a;
      merged->changes_.push_back(*b++);
    }
  }
  merged->changes_.insert(merged->changes_.end(), a, older.changes_.end());
  merged->changes_.insert(merged->changes_.end(), b, newer.changes_.end());
  merged->buffers_ = older.buffers_;
  merged->buffers_.insert(merged->buffers_.end(), newer.buffers_.begin(), newer.buffers_.end());
  merged->build_index();
  return merged;
}

size_t DeltaSegment::lower_bound(std::string_view key) const {
  const auto at = std::lower_bound(changes_.begin(), changes_.end(), key,
                                   [](const Change& change, std::string_view wanted) { return change.key < wanted; });
  return static_cast<size_t>(at - changes_.begin());
}

void DeltaSegment::build_index() {
  index_.assign(std::bit_ceil(2 * changes_.size() + 1), 0);
  const size_t mask = index_.size() - 1;
  for (uint32_t i = 0; i < changes_.size(); ++i) {
    size_t slot = changes_[i].hash & mask;
    while (index_[slot] != 0)
      slot = (slot + 1) & mask;
    index_[slot] = i + 1;
  }
}

const Change* DeltaSegment::find(std::string_view key, uint32_t hash) const {
  const size_t mask = index_.size() - 1;
  for (size_t slot = hash & mask; index_[slot] != 0; slot = (slot + 1) & mask) {
    const Change& change = changes_[index_[slot] - 1];
    if (change.hash == hash && change.key == key)
      return &change;
  }
  return nullptr;
}

const Change* Overlay::find(std::string_view key) const {
  if (empty())
    return nullptr;
  const uint32_t hash = key_hash(key);
  for (auto segment = recent_.rbegin(); segment != recent_.rend(); ++segment)
    if (const Change* change = (*segment)->find(key, hash))
      return change;
  return frozen_ ? frozen_->find(key, hash) : nullptr;
}

std::shared_ptr<const Overlay> Overlay::with(SegmentPtr newest) const {
  auto next = std::make_shared<Overlay>(*this);
  auto& recent = next->recent_;
  recent.push_back(std::move(newest));
  while (recent.size() >= 2) {
    const auto& older = recent[recent.size() - 2];
    if (older->changes().size() > 2 * recent.back()->changes().size())
      break;
    auto merged = DeltaSegment::merge(*older, *recent.back());
    recent.pop_back();
    recent.back() = std::move(merged);
  }
  return next;
}

std::shared_ptr<const Overlay> Overlay::freeze() const {
  auto next = std::make_shared<Overlay>();
  for (auto segment = recent_.rbegin(); segment != recent_.rend(); ++segment)
    next->frozen_ = next->frozen_ ? DeltaSegment::merge(**segment, *next->frozen_) : *segment;
  if (frozen_)
    next->frozen_ = next->frozen_ ? DeltaSegment::merge(*frozen_, *next->frozen_) : frozen_;
  return next;
}

std::shared_ptr<const Overlay> Overlay::without_frozen() const {
  auto next = std::make_shared<Overlay>(*this);
  next->frozen_ = nullptr;
  return next;
}

OverlayCursor::OverlayCursor(const Overlay& overlay, std::string_view from) {
  for (auto segment = overlay.recent_.rbegin(); segment != overlay.recent_.rend(); ++segment)
    places_.push_back({segment->get(), (*segment)->lower_bound(from)});
  if (overlay.frozen_)
    places_.push_back({overlay.frozen_.get(), overlay.frozen_->lower_bound(from)});
  settle();
}

void OverlayCursor::next() {
  const std::string_view passed = current_->key;
  for (Place& place : places_) {
    const auto& changes = place.segment->changes();
    if (place.at < changes.size() && changes[place.at].key == passed)
      ++place.at;
  }
  settle();
}

void OverlayCursor::settle() {
  current_ = nullptr;
  for (const Place& place : places_) {
    const auto& changes = place.segment->changes();
    if (place.at == changes.size())
      continue;
    if (!current_ || changes[place.at].key < current_->key)
      current_ = &changes[place.at];
  }
}

}  // namespace penstock
