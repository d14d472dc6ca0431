// What a table's changelog says and the table does not yet: sorted, immutable segments in memory, and a stack of them.
//
// A segment is one encoded delta or several merged. It refers to the encoded bytes instead of copying them. Immutable and
// shared, so a reader that holds an Overlay sees one state of it however long it takes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store.h"

namespace penstock {

struct Change {
  std::string_view key, value;
  uint32_t hash = 0;  // of the key
  bool erased = false;
};

uint32_t key_hash(std::string_view key);

class DeltaSegment {
 public:
  /// Sorts, keeps the last change of each key, encodes.
  static std::shared_ptr<const DeltaSegment> encode(const Delta& delta);
  /// Takes an encoded delta over. Nothing if it is malformed (the grammar is in FORMAT.md).
  static std::shared_ptr<const DeltaSegment> decode(std::string bytes, uint32_t entries);
  static std::shared_ptr<const DeltaSegment> merge(const DeltaSegment& older, const DeltaSegment& newer);

  const std::vector<Change>& changes() const { return changes_; }
  /// Requires: `hash` is key_hash(key).
  const Change* find(std::string_view key, uint32_t hash) const;
  /// First change whose key is not before `key`.
  size_t lower_bound(std::string_view key) const;
  /// The encoded bytes. Requires: made by encode or decode.
  const std::string& bytes() const { return *buffers_.front(); }

 private:
  void build_index();

  std::vector<Change> changes_;
  // Hash table over changes_ (place + 1, 0 for empty; linear probing; at most half full): a search by halves would miss the
  // cache at nearly every step, in every segment.
  std::vector<uint32_t> index_;
  std::vector<std::shared_ptr<const std::string>> buffers_;
};

using SegmentPtr = std::shared_ptr<const DeltaSegment>;

/// The segments of one table, newer before older. Sizes fall geometrically, so there are few.
class Overlay {
 public:
  bool empty() const { return !frozen_ && recent_.empty(); }
  /// The newest change of the key, or null.
  const Change* find(std::string_view key) const;
  std::shared_ptr<const Overlay> with(SegmentPtr newest) const;
  /// All segments merged into the frozen one, which the next segments stay apart from (for a checkpoint).
  std::shared_ptr<const Overlay> freeze() const;
  const SegmentPtr& frozen() const { return frozen_; }
  std::shared_ptr<const Overlay> without_frozen() const;

 private:
  friend class OverlayCursor;
  SegmentPtr frozen_;
  std::vector<SegmentPtr> recent_;  // oldest first
};

/// Walks an overlay in key order; the newest change of a key hides the others. Requires: the overlay outlives it.
class OverlayCursor {
 public:
  OverlayCursor(const Overlay& overlay, std::string_view from);
  /// The change at the cursor, or null at the end.
  const Change* current() const { return current_; }
  void next();

 private:
  struct Place {
    const DeltaSegment* segment;
    size_t at;
  };
  void settle();

  std::vector<Place> places_;  // newest first
  const Change* current_ = nullptr;
};

}  // namespace penstock
