#include "actors/sources/nexmark_events.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string_view>

#include "core/random.h"

namespace penstock {
namespace {

constexpr int64_t kPersons = 1, kAuctions = 3, kAll = 50;
constexpr int64_t kFirstId = 1000;  // of people and of auctions
constexpr int64_t kFirstCategory = 10, kCategories = 5;
constexpr int64_t kInFlight = 100, kActivePeople = 1000, kLead = 10, kHot = 100;
constexpr uint64_t kChannels = 10'000;
constexpr size_t kPersonBytes = 200, kAuctionBytes = 500, kBidBytes = 100;

constexpr std::array<std::string_view, 6> kStates = {"AZ", "CA", "ID", "OR", "WA", "WY"};
constexpr std::array<std::string_view, 10> kCities = {"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland",
                                                      "Bend",    "Redmond",     "Seattle",       "Kent",  "Cheyenne"};
constexpr std::array<std::string_view, 11> kFirstNames = {"Peter", "Paul",  "Luke",  "John",   "Saul",  "Vicky",
                                                          "Kate",  "Julie", "Sarah", "Deiter", "Walter"};
constexpr std::array<std::string_view, 9> kLastNames = {"Shultz", "Abrams", "Spencer", "White", "Bartels",
                                                        "Walton", "Smith",  "Jones",   "Noris"};
constexpr std::array<std::string_view, 4> kHotChannels = {"Google", "Facebook", "Baidu", "Apple"};

int64_t below(Random& random, int64_t bound) {
  return static_cast<int64_t>(random.below(static_cast<uint64_t>(bound)));
}

// The people and auctions up to event n, counted from 0: the last of them.
int64_t last_person(int64_t n) { return n / kAll * kPersons + std::min(n % kAll, kPersons - 1); }
int64_t last_auction(int64_t n) {
  int64_t round = n / kAll, place = n % kAll;
  if (place < kPersons)
    --round, place = kAuctions - 1;
  else
    place = std::min(place - kPersons, kAuctions - 1);
  return round * kAuctions + place;
}
int64_t some_person(int64_t n, Random& random) {
  const int64_t people = last_person(n) + 1;
  const int64_t active = std::min(people, kActivePeople);
  return people - active + below(random, active + kLead);
}
int64_t some_auction(int64_t n, Random& random) {
  const int64_t last = last_auction(n), first = std::max<int64_t>(last - kInFlight, 0);
  return first + below(random, last - first + 1 + kLead);
}

int64_t price(Random& random) { return std::llround(std::pow(10.0, random.uniform() * 6) * 100); }

// Eight letters of each random number, one of each byte, side by side in 16 bits.
void append_letters(Random& random, size_t count, std::string& out) {
  constexpr uint64_t kLow = 0x00ff00ff00ff00ff;
  const size_t begin = out.size();
  out.resize(begin + (count + 7) / 8 * 8);
  for (size_t done = 0; done < count; done += 8) {
    const uint64_t bits = random();
    const uint64_t even = ((bits & kLow) * 26 >> 8) & kLow, odd = ((bits >> 8) & kLow) * 26 & ~kLow;
    const uint64_t text = (even | odd) + 0x6161616161616161;
    std::memcpy(out.data() + begin + done, &text, sizeof text);
  }
  out.resize(begin + count);
}
std::string_view letters(Random& random, size_t count, std::string& text) {
  text.clear();
  append_letters(random, count, text);
  return text;
}
// Fills an event of `used` bytes up to about `wanted`, a fifth more or less.
std::string_view extra(Random& random, size_t used, size_t wanted, std::string& text) {
  if (used >= wanted)
    return {};
  const size_t delta = (wanted - used + 2) / 5;
  return letters(random, wanted - used - delta + (delta ? random.below(2 * delta) : 0), text);
}
template <size_t kSize>
std::string_view any(const std::array<std::string_view, kSize>& list, Random& random) {
  return list[random.below(kSize)];
}

int64_t time_of(const NexmarkOptions& options, int64_t n) { return options.start.micros + n * options.interval.micros; }
// The mean time for which an auction is open: that in which all auctions in flight come in.
int64_t horizon(const NexmarkOptions& options) { return kInFlight * kAll / kAuctions * options.interval.micros; }

void append_person(const NexmarkOptions& options, int64_t n, Random& random, BatchBuilder& out) {
  std::string text, name(any(kFirstNames, random));
  name += ' ';
  name += any(kLastNames, random);
  out.column(0).append_int64(kFirstId + last_person(n));
  out.column(1).append_string(name);
  text.clear();
  append_letters(random, 7, text);
  text += '@';
  append_letters(random, 5, text);
  out.column(2).append_string(text + ".com");
  text.clear();
  for (int i = 0; i < 4; ++i) {
    const std::string digits = std::to_string(10'000 + random.below(10'000));
    text += (i ? " " : "") + digits.substr(1);
  }
  out.column(3).append_string(text);
  out.column(4).append_string(any(kCities, random));
  out.column(5).append_string(any(kStates, random));
  out.column(6).append_int64(time_of(options, n));
  out.column(7).append_string(extra(random, 8 + name.size() + 17 + 19 + 12 + 2 + 8, kPersonBytes, text));
}

void append_auction(const NexmarkOptions& options, int64_t n, Random& random, BatchBuilder& out) {
  std::string text;
  const int64_t seller = random.below(4) > 0 ? last_person(n) / kHot * kHot : some_person(n, random);
  const int64_t category = kFirstCategory + below(random, kCategories);
  const int64_t initial = price(random), reserve = initial + price(random);
  const int64_t at = time_of(options, n);
  const int64_t length = 1000 * (1 + below(random, std::max<int64_t>(horizon(options) * 2 / 1000, 1)));
  out.column(0).append_int64(kFirstId + last_auction(n));
  out.column(1).append_string(letters(random, 20, text));
  out.column(2).append_string(letters(random, 100, text));
  out.column(3).append_int64(initial);
  out.column(4).append_int64(reserve);
  out.column(5).append_int64(at);
  out.column(6).append_int64(at + length);
  out.column(7).append_int64(kFirstId + seller);
  out.column(8).append_int64(category);
  out.column(9).append_string(extra(random, 7 * 8 + 120, kAuctionBytes, text));
}

void append_bid(const NexmarkOptions& options, int64_t n, Random& random, BatchBuilder& out) {
  thread_local std::string text;  // keeps its memory
  const int64_t auction = random.below(2) > 0 ? last_auction(n) / kHot * kHot : some_auction(n, random);
  const int64_t bidder = random.below(4) > 0 ? last_person(n) / kHot * kHot + 1 : some_person(n, random);
  out.column(0).append_int64(kFirstId + auction);
  out.column(1).append_int64(kFirstId + bidder);
  out.column(2).append_int64(price(random));
  if (random.below(2) > 0) {
    const std::string_view channel = any(kHotChannels, random);
    out.column(3).append_string(channel);
    text = "https://www.nexmark.com/";
    text += channel;
    text += "/item.htm?query=1";
  } else {
    const std::string number = std::to_string(random.below(kChannels));
    text = "channel-" + number;
    out.column(3).append_string(text);
    text = "https://www.nexmark.com/item.htm?query=1&channel_id=" + number;
  }
  out.column(4).append_string(text);
  out.column(5).append_int64(time_of(options, n));
  out.column(6).append_string(extra(random, 4 * 8, kBidBytes, text));
}

SchemaPtr required(std::vector<Field> fields) {
  for (Field& field : fields)
    field.required = true;
  return std::make_shared<const Schema>(std::move(fields));
}

}  // namespace

NexmarkKind nexmark_kind(uint64_t event) {
  const auto place = static_cast<int64_t>(event % kAll);
  return place < kPersons               ? NexmarkKind::kPerson
         : place < kPersons + kAuctions ? NexmarkKind::kAuction
                                        : NexmarkKind::kBid;
}

SchemaPtr nexmark_schema(NexmarkKind kind) {
  using enum Type;
  static const SchemaPtr kSchemas[] = {
      required({{"id", kInt64},
                {"name", kString},
                {"email", kString},
                {"credit_card", kString},
                {"city", kString},
                {"state", kString},
                {"at", kTimestamp},
                {"extra", kString}}),
      required({{"id", kInt64},
                {"item_name", kString},
                {"description", kString},
                {"initial_bid", kInt64},
                {"reserve", kInt64},
                {"at", kTimestamp},
                {"expires", kTimestamp},
                {"seller", kInt64},
                {"category", kInt64},
                {"extra", kString}}),
      required({{"auction", kInt64},
                {"bidder", kInt64},
                {"price", kInt64},
                {"channel", kString},
                {"url", kString},
                {"at", kTimestamp},
                {"extra", kString}}),
  };
  return kSchemas[static_cast<size_t>(kind)];
}

void append_nexmark(const NexmarkOptions& options, uint64_t event, BatchBuilder& out) {
  Random random(splitmix64(options.seed) ^ splitmix64(~event));
  const auto n = static_cast<int64_t>(event);
  switch (nexmark_kind(event)) {
    case NexmarkKind::kPerson: return append_person(options, n, random, out);
    case NexmarkKind::kAuction: return append_auction(options, n, random, out);
    case NexmarkKind::kBid: return append_bid(options, n, random, out);
  }
}

}  // namespace penstock
