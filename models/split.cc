#include "models/split.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/random.h"

namespace penstock {
namespace {

constexpr double kTestShare = 0.2;

struct ProtocolEntry {
  Protocol protocol;
  std::string_view name;
  std::string_view definition;
};
constexpr std::array<ProtocolEntry, 3> kProtocols = {{
    {Protocol::kLeaveLastOut, "llo",
     "leave last out: each user's newest interaction is held out, of equal times the one with the largest item number"},
    {Protocol::kR80, "r80",
     "random fifth: an interaction is held out when a hash of its user and item id falls below 0.2"},
    {Protocol::kTemporal, "temporal", "time order: the newest fifth of all interactions is held out"},
}};

const ProtocolEntry& entry_of(Protocol protocol) { return kProtocols[static_cast<size_t>(protocol)]; }

// One user with one item: all events between them.
struct Pair {
  int32_t user;
  int32_t item;
  Timestamp first;
  Timestamp last;
  size_t events_begin;  // in the sorted events
  size_t events_end;
  bool test = false;
};

std::vector<Pair> pairs_of(std::vector<Event>& events) {
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    if (a.user != b.user)
      return a.user < b.user;
    return a.item != b.item ? a.item < b.item : a.at < b.at;
  });
  std::vector<Pair> pairs;
  for (size_t event = 0; event < events.size(); ++event) {
    const Event& e = events[event];
    if (pairs.empty() || pairs.back().user != e.user || pairs.back().item != e.item)
      pairs.push_back({e.user, e.item, e.at, e.at, event, event});
    pairs.back().last = e.at;
    pairs.back().events_end = event + 1;
  }
  return pairs;
}

// Removes users with fewer than `least` interactions and numbers the others anew. Returns how many went.
size_t drop_small_users(std::vector<Pair>& pairs, std::vector<std::string>& users, size_t least) {
  std::vector<size_t> count(users.size());
  for (const Pair& pair : pairs)
    ++count[pair.user];
  std::vector<int32_t> number(users.size(), -1);
  std::vector<std::string> kept;
  for (size_t user = 0; user < users.size(); ++user) {
    if (count[user] < least)
      continue;
    number[user] = static_cast<int32_t>(kept.size());
    kept.push_back(std::move(users[user]));
  }
  const size_t dropped = users.size() - kept.size();
  users = std::move(kept);
  std::erase_if(pairs, [&](const Pair& pair) { return number[pair.user] < 0; });
  for (Pair& pair : pairs)
    pair.user = number[pair.user];
  return dropped;
}

void hold_out_last(std::vector<Pair>& pairs) {
  for (size_t begin = 0; begin < pairs.size();) {
    size_t newest = begin, end = begin;
    for (; end < pairs.size() && pairs[end].user == pairs[begin].user; ++end) {
      if (pairs[end].last >= pairs[newest].last)
        newest = end;
    }
    pairs[newest].test = true;
    begin = end;
  }
}

// Returns the time of the oldest interaction held out.
Timestamp hold_out_newest(std::vector<Pair>& pairs, double share) {
  std::vector<size_t> order(pairs.size());
  for (size_t pair = 0; pair < pairs.size(); ++pair)
    order[pair] = pair;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return pairs[a].first < pairs[b].first; });
  const size_t train = pairs.size() - static_cast<size_t>(static_cast<double>(pairs.size()) * share);
  for (size_t place = train; place < order.size(); ++place)
    pairs[order[place]].test = true;
  return train < order.size() ? pairs[order[train]].first : Timestamp{INT64_MAX};
}

uint64_t numeric_id(std::string_view id) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), value);
  if (error == std::errc() && end == id.data() + id.size() && value < (uint64_t{1} << 32))
    return value;
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : id)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash & 0xffffffffULL;
}

uint64_t r80_hash(std::string_view user, std::string_view item) {
  return splitmix64(numeric_id(user) << 32 | numeric_id(item));
}

double fraction(uint64_t hash) { return static_cast<double>(hash >> 11) * 0x1.0p-53; }

}  // namespace

Result<Protocol> parse_protocol(std::string_view name) {
  for (const ProtocolEntry& entry : kProtocols) {
    if (entry.name == name)
      return entry.protocol;
  }
  return invalid_argument("there is no protocol `" + std::string(name) + "`: it is one of llo, r80, temporal");
}

std::string_view protocol_name(Protocol protocol) { return entry_of(protocol).name; }
std::string_view protocol_definition(Protocol protocol) { return entry_of(protocol).definition; }

double r80_fraction(std::string_view user, std::string_view item) { return fraction(r80_hash(user, item)); }

namespace {

// Marks what the protocol holds out; `again` of what it left before. Returns the time of the oldest with protocol
// temporal.
Timestamp hold_out(std::vector<Pair>& pairs, const EventLog::Numbered& data, const SplitOptions& options, bool again) {
  switch (options.protocol) {
    case Protocol::kLeaveLastOut: hold_out_last(pairs); break;
    case Protocol::kTemporal: return hold_out_newest(pairs, options.held_out_share);
    case Protocol::kR80:
      for (Pair& pair : pairs) {
        const uint64_t hash = r80_hash(data.users[pair.user], data.items[pair.item]);
        pair.test = fraction(again ? splitmix64(hash) : hash) < kTestShare;
      }
  }
  return Timestamp{INT64_MAX};
}

}  // namespace

Result<SplitData> split(EventLog log, const SplitOptions& options) {
  EventLog::Numbered data = std::move(log).numbered();
  std::vector<Pair> pairs = pairs_of(data.events);
  SplitData out;
  out.protocol = options.protocol;
  out.dropped_users = drop_small_users(pairs, data.users, options.least_interactions);

  Timestamp until = hold_out(pairs, data, options, false);  // events from here on are not for training
  if (options.validation) {
    std::erase_if(pairs, [](const Pair& pair) { return pair.test; });
    until = hold_out(pairs, data, options, true);
  }
  if (options.protocol == Protocol::kTemporal)
    out.held_out_from = until;

  std::vector<Event> train;
  out.held_out.resize(data.users.size());
  size_t held_out = 0;
  for (const Pair& pair : pairs) {
    if (pair.test) {
      out.held_out[pair.user].push_back(pair.item);
      ++held_out;
      continue;
    }
    for (size_t event = pair.events_begin; event < pair.events_end; ++event) {
      const Event& e = data.events[event];
      const bool first = event == pair.events_begin;
      if (options.binarise ? first : (first || e.at < until))
        train.push_back({pair.user, pair.item, options.binarise ? 1.0f : e.weight, e.at});
    }
  }
  if (train.empty() || held_out == 0)
    return invalid_argument("protocol " + std::string(protocol_name(options.protocol)) + " leaves nothing to " +
                            (train.empty() ? "learn from" : "foretell") + ": " + std::to_string(pairs.size()) +
                            " interactions of users with at least " + std::to_string(options.least_interactions));
  out.train = make_interactions(std::move(data.users), std::move(data.items), train, options.sums);
  return out;
}

}  // namespace penstock
