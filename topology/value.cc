#include "topology/value.h"

#include <algorithm>

namespace penstock::topology {

void TextMap::add(size_t offset, Place place, bool fixed) { spans_.push_back({offset, place, fixed}); }

Place TextMap::at(size_t offset, Place start) const {
  const auto next = std::upper_bound(spans_.begin(), spans_.end(), offset,
                                     [](size_t wanted, const Span& span) { return wanted < span.offset; });
  if (next == spans_.begin())
    return {start.line, start.column + static_cast<int>(offset)};
  const Span& span = *std::prev(next);
  if (span.fixed)
    return span.place;
  return {span.place.line, span.place.column + static_cast<int>(offset - span.offset)};
}

TextMap TextMap::from(size_t offset, Place start) const {
  TextMap rest;
  const auto next = std::upper_bound(spans_.begin(), spans_.end(), offset,
                                     [](size_t wanted, const Span& span) { return wanted < span.offset; });
  rest.add(0, at(offset, start), next != spans_.begin() && std::prev(next)->fixed);
  for (auto span = next; span != spans_.end(); ++span)
    rest.add(span->offset - offset, span->place, span->fixed);
  return rest;
}

const Entry* Node::entry(std::string_view key) const {
  for (const Entry& candidate : entries)
    if (candidate.key == key)
      return &candidate;
  return nullptr;
}

const Node* Node::find(std::string_view key) const {
  const Entry* found = entry(key);
  return found == nullptr ? nullptr : &found->value;
}

}  // namespace penstock::topology
