#include "actors/aggregators/interaction_history.h"

#include <algorithm>
#include <limits>

#include "messages/byte_io.h"
#include "messages/key.h"

namespace penstock {
namespace {

constexpr size_t kUsersALock = 512;  // a request that asks for a history waits for no more
constexpr Timestamp kNever{std::numeric_limits<int64_t>::min()};
constexpr size_t kBytesAnItem = 144;  // of its entry here and of its id's, beside what is on the heap
constexpr size_t kShortId = 15;       // bytes that a string holds without the heap
constexpr size_t kHeapBlock = 16;     // what the allocator adds to a block

}  // namespace

InteractionHistory::Item& InteractionHistory::item(uint32_t number) {
  for (uint32_t made = static_cast<uint32_t>(items_.size()); made <= number; ++made) {
    const size_t size = ids_->id(made).size();
    item_bytes_ += kBytesAnItem + (size > kShortId ? size + kHeapBlock : 0);
    items_.emplace_back();
  }
  return items_[number];
}

void InteractionHistory::add_fan(Item& item, uint32_t slot) {
  if (item.fans.size() == kFansKept) {
    item.fans[item.next_fan] = slot;
    item.next_fan = (item.next_fan + 1) % kFansKept;
    return;
  }
  const size_t before = item.fans.capacity();
  item.fans.push_back(slot);
  item_bytes_ += (item.fans.capacity() - before) * sizeof(uint32_t) + (before == 0 ? kHeapBlock : 0);
}

// What was is worth less by now: the same weights as a sum over all events gives that looks back from the newest.
void InteractionHistory::age(User& user, Timestamp now) {
  const double factor = decay(reader_.half_life(), user.newest, now);
  for (size_t i = 0; i < user.items.size(); ++i) {
    const float before = user.weights[i];
    user.weights[i] = static_cast<float>(before * factor);
    item(user.items[i]).weight += static_cast<double>(user.weights[i]) - before;
  }
}

void InteractionHistory::add(uint32_t slot, uint32_t number, float given, Timestamp at) {
  User& user = users_[slot];
  float weight = given;
  if (reader_.half_life().micros > 0 && user.newest != kNever) {
    if (at > user.newest)
      age(user, at);
    else
      weight = static_cast<float>(given * decay(reader_.half_life(), at, user.newest));
  }
  user.newest = std::max(user.newest, at);
  Item& known = item(number);
  known.weight += weight;
  const auto found = std::find(user.items.begin(), user.items.end(), number);
  if (found != user.items.end()) {
    user.weights[found - user.items.begin()] += weight;
    return;
  }
  user.items.push_back(number);
  user.weights.push_back(weight);
  ++known.users;
  add_fan(known, slot);
}

void InteractionHistory::count(const User& user) {
  for (size_t i = 0; i < user.items.size(); ++i) {
    ++item(user.items[i]).users;
    items_[user.items[i]].weight += user.weights[i];
  }
}

uint32_t InteractionHistory::hold(std::string_view id, User user) {
  const uint32_t slot = keys_.insert(id, hash_key(id));
  users_.resize(keys_.slots());
  users_[slot] = std::move(user);
  for (const uint32_t number : users_[slot].items)
    add_fan(item(number), slot);
  measure(slot);
  return slot;
}

void InteractionHistory::measure(uint32_t slot) {
  const User& user = users_[slot];
  const size_t blocks = user.items.capacity() > 0 ? 2 * kHeapBlock : 0;
  keys_.set_bytes(slot, sizeof(User) + user.items.capacity() * (sizeof(uint32_t) + sizeof(float)) + blocks);
  keys_.set_fixed_bytes(item_bytes_);
}

void InteractionHistory::watch(std::shared_ptr<LiveProbe> probe) {
  const std::unique_lock lock(mutex_);
  probe_ = std::move(probe);
}

// An event of a user with an item that they know already foretells nothing.
void InteractionHistory::show(uint32_t slot, const Interaction& seen, Timestamp ingested) {
  const User& user = users_[slot];
  const uint32_t number = ids_->number(seen.item);
  if (std::find(user.items.begin(), user.items.end(), number) != user.items.end())
    return;
  LiveEvent event{seen.user, seen.item, {}, user.newest, ingested};
  event.before.reserve(user.items.size());
  for (size_t i = 0; i < user.items.size(); ++i)
    event.before.push_back({user.items[i], user.weights[i]});
  probe_->offer(std::move(event));
}

Status InteractionHistory::fetch_missing() {
  if (keys_.complete())
    return ok();
  std::vector<std::string_view> missing;
  for (const Interaction& seen : read_)
    if (!keys_.index().find(seen.user, hash_key(seen.user)))
      missing.push_back(seen.user);
  PENSTOCK_ASSIGN(const ResidentKeys::Entries found, keys_.fetch_missing(std::move(missing)));
  for (const auto& [id, value] : found) {
    PENSTOCK_ASSIGN(User user, decode(value));
    const std::unique_lock lock(mutex_);
    hold(id, std::move(user));  // its items have counted it since they first met
  }
  return ok();
}

Status InteractionHistory::process(const BatchPtr& batch, StageOutput& out) {
  if (keys_.slots() + batch->rows() > KeyIndex::kMostKeys)
    return resource_exhausted("a history holds at most " + std::to_string(KeyIndex::kMostKeys) + " users");
  read_.clear();
  reader_.read(batch, out.rejected, read_);
  PENSTOCK_TRY(fetch_missing());
  const Timestamp ingested = batch->origin() ? batch->origin()->ingested : Timestamp{};
  for (size_t from = 0; from < read_.size(); from += kUsersALock) {
    const std::unique_lock lock(mutex_);
    for (size_t i = from; i < std::min(read_.size(), from + kUsersALock); ++i) {
      const Interaction& seen = read_[i];
      const auto present = keys_.index().find(seen.user, hash_key(seen.user));
      const uint32_t slot = present ? *present : hold(seen.user, {{}, {}, kNever});
      if (probe_ && probe_->wants(ingested))
        show(slot, seen, ingested);
      add(slot, ids_->number(seen.item), seen.weight, seen.at);
      keys_.touch(slot);
    }
  }
  const std::unique_lock lock(mutex_);
  ++changes_;
  return ok();
}

std::string InteractionHistory::encode(const User& user) const {
  std::string out(1, kVersion);
  append_number(user.newest.micros, out);
  append_number(static_cast<uint32_t>(user.items.size()), out);
  for (size_t i = 0; i < user.items.size(); ++i) {
    const std::string id = ids_->id(user.items[i]);
    append_number(user.weights[i], out);
    append_number(static_cast<uint32_t>(id.size()), out);
    out += id;
  }
  return out;
}

Result<InteractionHistory::User> InteractionHistory::decode(std::string_view value) const {
  ByteReader reader(value);
  if (reader.number<char>() != kVersion)
    return data_loss("a user's history has an unknown format version");
  User user;
  user.newest = {reader.number<int64_t>()};
  const auto count = reader.number<uint32_t>();
  for (uint32_t i = 0; i < count && !reader.failed(); ++i) {
    const auto weight = reader.number<float>();
    const std::string_view id = reader.bytes(reader.number<uint32_t>());
    if (reader.failed())
      break;
    user.items.push_back(ids_->number(id));
    user.weights.push_back(weight);
  }
  if (reader.failed() || reader.left() > 0)
    return data_loss("a user's history has the wrong length");
  return user;
}

Status InteractionHistory::open(StoredKeys stored, MemoryShare share) {
  // Every item has to know how many users it has, also those who stay in the table.
  const auto pass = [this](std::string_view, std::string_view value) -> Status {
    PENSTOCK_ASSIGN(const User user, decode(value));
    count(user);
    return ok();
  };
  const auto take = [this](std::string_view key, std::string_view value) { return restore(key, value); };
  return keys_.open(std::move(stored), std::move(share), take, pass);
}

Status InteractionHistory::restore(std::string_view key, std::string_view value) {
  PENSTOCK_ASSIGN(User user, decode(value));
  const std::unique_lock lock(mutex_);
  count(user);
  hold(key, std::move(user));
  ++changes_;
  return ok();
}

Status InteractionHistory::end_epoch(StageOutput& out) {
  // Only this thread changes the state, so it needs no lock to read it.
  for (const uint32_t slot : keys_.touched()) {
    out.changes.emplace_back(std::string(keys_.index().key(slot)), encode(users_[slot]));
    measure(slot);
  }
  keys_.end_epoch();
  spill();
  return ok();
}

void InteractionHistory::spill() {
  const std::vector<uint32_t> cold = keys_.to_spill();
  for (size_t from = 0; from < cold.size(); from += kUsersALock) {
    const std::unique_lock lock(mutex_);
    for (size_t i = from; i < std::min(cold.size(), from + kUsersALock); ++i) {
      users_[cold[i]] = {};
      keys_.erase(cold[i]);
    }
  }
  keys_.report();
}

// Lists double as they grow: a quarter of them is free on average. An id counts as 10 bytes.
double bytes_a_user(double items) {
  return static_cast<double>(ResidentKeys::kBytesAKey + sizeof(InteractionHistory::User) + 2 * kHeapBlock) + 10 +
         items * 4 / 3 * (sizeof(uint32_t) + sizeof(float));
}

double bytes_an_item(double users) {
  const double fans = std::min<double>(users * 4 / 3, InteractionHistory::kFansKept);
  return static_cast<double>(kBytesAnItem + kHeapBlock) + fans * sizeof(uint32_t);
}

Result<std::unique_ptr<Aggregator>> make_history(const MakeContext& context) {
  PENSTOCK_ASSIGN(InteractionReader reader, InteractionReader::make(context.component, context.inputs[0].schema));
  return std::unique_ptr<Aggregator>(std::make_unique<InteractionHistory>(std::move(reader)));
}

}  // namespace penstock
