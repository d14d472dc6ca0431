#include "actors/aggregators/interaction_history.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "messages/byte_io.h"
#include "messages/key.h"

namespace penstock {
namespace {

const SchemaPtr& row_schema() {
  static const SchemaPtr schema = std::make_shared<Schema>(std::vector<Field>{
      {"user", Type::kString, true}, {"items", Type::kInt64, true}, {"newest", Type::kTimestamp, true}});
  return schema;
}

constexpr Timestamp kNever{std::numeric_limits<int64_t>::min()};

}  // namespace

InteractionHistory::User& InteractionHistory::user_of(std::string_view id, uint32_t& number) {
  number = index_.insert(id, hash_key(id));
  if (number == users_.size())
    users_.push_back({{}, {}, kNever, false});
  return users_[number];
}

void InteractionHistory::add(uint32_t user_number, User& user, uint32_t item, float weight) {
  if (item >= items_.size())
    items_.resize(item + 1);
  items_[item].weight += weight;
  const auto found = std::find(user.items.begin(), user.items.end(), item);
  if (found != user.items.end()) {
    user.weights[found - user.items.begin()] += weight;
    return;
  }
  user.items.push_back(item);
  user.weights.push_back(weight);
  items_[item].users.push_back(user_number);
  ++pairs_;
}

Status InteractionHistory::process(const BatchPtr& batch, StageOutput& out) {
  constexpr size_t kRowsALock = 512;  // a request that asks for a history waits for no more
  if (index_.size() + batch->rows() > KeyIndex::kMostKeys)
    return resource_exhausted("a history holds at most " + std::to_string(KeyIndex::kMostKeys) + " users");
  std::unique_lock lock(mutex_, std::defer_lock);
  size_t rows = 0;
  reader_.read(batch, out.rejected, [&](const InteractionView& view) {
    if (!lock.owns_lock())
      lock.lock();
    uint32_t number = 0;
    User& user = user_of(view.user, number);
    add(number, user, ids_->number(view.item), view.weight);
    user.newest = std::max(user.newest, view.at);
    if (!user.changed)
      changed_.push_back(number);
    user.changed = true;
    if (++rows % kRowsALock == 0)
      lock.unlock();
  });
  if (!lock.owns_lock())
    lock.lock();
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

Status InteractionHistory::restore(std::string_view key, std::string_view value) {
  ByteReader reader(value);
  if (reader.number<char>() != kVersion)
    return data_loss("a user's history has an unknown format version");
  const std::unique_lock lock(mutex_);
  uint32_t number = 0;
  User& user = user_of(key, number);
  user.newest = {reader.number<int64_t>()};
  const auto count = reader.number<uint32_t>();
  for (uint32_t i = 0; i < count && !reader.failed(); ++i) {
    const auto weight = reader.number<float>();
    const std::string_view id = reader.bytes(reader.number<uint32_t>());
    if (!reader.failed())
      add(number, user, ids_->number(id), weight);
  }
  ++changes_;
  if (reader.failed() || reader.left() > 0)
    return data_loss("a user's history has the wrong length");
  return ok();
}

Status InteractionHistory::end_epoch(StageOutput& out) {
  // Only this thread changes the state, so it needs no lock to read it.
  for (const uint32_t number : changed_) {
    out.changes.emplace_back(std::string(index_.key(number)), encode(users_[number]));
    users_[number].changed = false;
  }
  changed_.clear();
  return ok();
}

void InteractionHistory::append_row(uint32_t number, BatchBuilder& builder) const {
  builder.column(0).append_string(index_.key(number));
  builder.column(1).append_int64(static_cast<int64_t>(users_[number].items.size()));
  builder.column(2).append_int64(users_[number].newest.micros);
}

Result<BatchPtr> InteractionHistory::lookup(const std::vector<std::string>& key) const {
  if (key.size() != 1)
    return invalid_argument("the key of a history is one user id");
  const std::shared_lock lock(mutex_);
  const std::optional<uint32_t> number = index_.find(key[0], hash_key(key[0]));
  if (!number)
    return BatchPtr();
  BatchBuilder builder(row_schema());
  append_row(*number, builder);
  return builder.finish();
}

Result<BatchPtr> InteractionHistory::read_all(size_t limit) const {
  const std::shared_lock lock(mutex_);
  BatchBuilder builder(row_schema());
  for (uint32_t number = 0; number < std::min(limit, users_.size()); ++number)
    append_row(number, builder);
  return builder.finish();
}

size_t InteractionHistory::keys() const {
  const std::shared_lock lock(mutex_);
  return users_.size();
}

size_t InteractionHistory::memory() const {
  const std::shared_lock lock(mutex_);
  return index_.memory() + users_.capacity() * sizeof(User) + items_.capacity() * sizeof(Item) + pairs_ * 12;
}

std::optional<UserHistory> InteractionHistory::user(std::string_view id) const {
  auto items = std::make_shared<std::vector<HistoryItem>>();
  const std::shared_lock lock(mutex_);
  const std::optional<uint32_t> number = index_.find(id, hash_key(id));
  if (!number)
    return std::nullopt;
  const User& user = users_[*number];
  items->reserve(user.items.size());
  for (size_t i = 0; i < user.items.size(); ++i)
    items->push_back({user.items[i], user.weights[i]});
  return UserHistory{std::move(items), user.newest};
}

std::vector<History::PopularItem> InteractionHistory::popular(size_t n) const {
  const std::lock_guard ranking_lock(ranking_mutex_);
  const std::shared_lock lock(mutex_);
  const size_t most = std::min(n, items_.size());
  if (ranking_changes_ != changes_ || ranking_.size() < most) {
    std::vector<PopularItem> all;
    all.reserve(items_.size());
    for (uint32_t item = 0; item < items_.size(); ++item)
      all.push_back({item, items_[item].users.size(), items_[item].weight});
    // Twice as many as were asked for: the next request likely masks a few more.
    const size_t kept = std::min(items_.size(), std::max<size_t>(2 * n, 256));
    const auto better = [](const PopularItem& a, const PopularItem& b) {
      return std::tie(b.users, b.weight, a.item) < std::tie(a.users, a.weight, b.item);
    };
    std::partial_sort(all.begin(), all.begin() + static_cast<ptrdiff_t>(kept), all.end(), better);
    all.resize(kept);
    ranking_ = std::move(all);
    ranking_changes_ = changes_;
  }
  return {ranking_.begin(), ranking_.begin() + static_cast<ptrdiff_t>(most)};
}

std::vector<std::pair<std::string, float>> InteractionHistory::fans(uint32_t item, size_t limit) const {
  std::vector<std::pair<std::string, float>> out;
  const std::shared_lock lock(mutex_);
  if (item >= items_.size())
    return out;
  const std::vector<uint32_t>& users = items_[item].users;
  for (size_t i = 0; i < std::min(limit, users.size()); ++i) {
    const User& user = users_[users[i]];
    const auto found = std::find(user.items.begin(), user.items.end(), item);
    out.emplace_back(std::string(index_.key(users[i])), user.weights[found - user.items.begin()]);
  }
  return out;
}

Result<std::unique_ptr<Aggregator>> make_history(const MakeContext& context) {
  PENSTOCK_ASSIGN(InteractionReader reader, InteractionReader::make(context.component, context.inputs[0].schema));
  return std::unique_ptr<Aggregator>(std::make_unique<InteractionHistory>(std::move(reader)));
}

}  // namespace penstock
