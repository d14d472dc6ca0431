#include "actors/aggregators/session.h"

#include <algorithm>

#include "messages/byte_io.h"

namespace penstock {
namespace {

constexpr uint8_t kVersion = 1;

void append_text(std::string_view text, std::string& out) {
  append_number(static_cast<uint32_t>(text.size()), out);
  out.append(text);
}
std::string read_text(ByteReader& in) { return std::string(in.bytes(in.number<uint32_t>())); }

void append_session(const Session& session, std::string& out) {
  append_number(session.start, out);
  append_number(session.last, out);
  append_number(session.look_at, out);
  append_number(session.closings, out);
  append_number(static_cast<uint8_t>(session.closed), out);
  append_number(static_cast<uint32_t>(session.first.size()), out);
  for (const Session::First& first : session.first) {
    append_number(first.at, out);
    append_number(static_cast<uint8_t>(first.value.has_value()), out);
    append_text(first.value.value_or(""), out);
  }
  append_number(static_cast<uint32_t>(session.lists.size()), out);
  for (const Session::List& list : session.lists) {
    append_number(static_cast<uint32_t>(list.items.size()), out);
    for (const Session::List::Item& item : list.items) {
      append_number(item.at, out);
      append_text(item.value, out);
    }
  }
  append_text(session.aggregates, out);
}

Session read_session(ByteReader& in) {
  Session out;
  out.start = in.number<int64_t>();
  out.last = in.number<int64_t>();
  out.look_at = in.number<int64_t>();
  out.closings = in.number<uint32_t>();
  out.closed = in.number<uint8_t>() != 0;
  for (auto count = in.number<uint32_t>(); count > 0 && !in.failed(); --count) {
    Session::First& first = out.first.emplace_back();
    first.at = in.number<int64_t>();
    const bool any = in.number<uint8_t>() != 0;
    std::string value = read_text(in);
    if (any)
      first.value = std::move(value);
  }
  for (auto lists = in.number<uint32_t>(); lists > 0 && !in.failed(); --lists) {
    Session::List& list = out.lists.emplace_back();
    for (auto count = in.number<uint32_t>(); count > 0 && !in.failed(); --count) {
      const auto at = in.number<int64_t>();
      list.items.push_back({at, read_text(in)});
    }
  }
  out.aggregates = read_text(in);
  return out;
}

}  // namespace

void Session::First::offer(int64_t time, std::string_view text) {
  if (value && (at < time || (at == time && *value <= text)))
    return;
  at = time;
  value = text;
}

void Session::List::add(int64_t time, std::string value, bool distinct, size_t limit) {
  if (distinct) {
    const auto same = std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.value == value; });
    if (same != items.end() && same->at >= time)
      return;
    if (same != items.end())
      items.erase(same);
  }
  const auto before = [](const Item& a, const Item& b) { return a.at != b.at ? a.at < b.at : a.value < b.value; };
  Item item{time, std::move(value)};
  items.insert(std::upper_bound(items.begin(), items.end(), item, before), std::move(item));
  if (items.size() > limit)
    items.erase(items.begin());
}

std::optional<int64_t> Sessions::due() const {
  std::optional<int64_t> first;
  for (const Session& session : all)
    first = first ? std::min(*first, session.look_at) : session.look_at;
  return first;
}

size_t Sessions::memory() const {
  constexpr size_t kItem = sizeof(Session::List::Item) + 8;  // and the allocator's
  size_t bytes = all.capacity() * sizeof(Session);
  for (const Session& session : all) {
    bytes += session.aggregates.capacity() + session.first.capacity() * (sizeof(Session::First) + 16);
    for (const Session::List& list : session.lists) {
      bytes += sizeof list + list.items.capacity() * kItem;
      for (const Session::List::Item& item : list.items)
        bytes += item.value.size() > 15 ? item.value.capacity() : 0;  // shorter ones stand in the object
    }
  }
  return bytes;
}

void Sessions::encode(std::string& out) const {
  append_number(kVersion, out);
  append_number(static_cast<uint32_t>(all.size()), out);
  for (const Session& session : all)
    append_session(session, out);
}

Result<Sessions> Sessions::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const bool known = in.number<uint8_t>() == kVersion;
  Sessions out;
  for (auto count = in.number<uint32_t>(); count > 0 && !in.failed(); --count)
    out.all.push_back(read_session(in));
  if (!known || in.failed() || in.left() > 0)
    return data_loss("the stored sessions of an id are cut off, too long, or of an unknown version");
  return out;
}

std::vector<size_t> Sessions::near(int64_t time, int64_t timeout) const {
  // Without overflow at the ends of time: timeout is positive.
  const auto before = [&](int64_t a, int64_t b) { return a <= INT64_MAX - timeout && a + timeout <= b; };
  std::vector<size_t> numbers;
  for (size_t i = 0; i < all.size(); ++i)
    if (!before(all[i].last, time) && !before(time, all[i].start))
      numbers.push_back(i);
  return numbers;
}

size_t Sessions::insert(Session session) {
  const auto later = [](const Session& a, const Session& b) { return a.start < b.start; };
  const auto place = all.insert(std::upper_bound(all.begin(), all.end(), session, later), std::move(session));
  return static_cast<size_t>(place - all.begin());
}

}  // namespace penstock
