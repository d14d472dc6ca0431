// What servers read of an interaction history, whether a user is in memory or in the table alone.
#include <algorithm>
#include <tuple>
#include <unordered_set>

#include "actors/aggregators/interaction_history.h"
#include "messages/key.h"

namespace penstock {
namespace {

const SchemaPtr& row_schema() {
  static const SchemaPtr schema = std::make_shared<Schema>(std::vector<Field>{
      {"user", Type::kString, true}, {"items", Type::kInt64, true}, {"newest", Type::kTimestamp, true}});
  return schema;
}

}  // namespace

Result<std::optional<InteractionHistory::User>> InteractionHistory::stored(std::string_view id) const {
  PENSTOCK_ASSIGN(const auto value, keys_.stored().get(id));
  if (!value)
    return std::optional<User>();
  PENSTOCK_ASSIGN(User user, decode(*value));
  return std::optional(std::move(user));
}

void InteractionHistory::append_row(std::string_view id, const User& user, BatchBuilder& builder) {
  builder.column(0).append_string(id);
  builder.column(1).append_int64(static_cast<int64_t>(user.items.size()));
  builder.column(2).append_int64(user.newest.micros);
}

Result<BatchPtr> InteractionHistory::lookup(const std::vector<std::string>& key) const {
  if (key.size() != 1)
    return invalid_argument("the key of a history is one user id");
  BatchBuilder builder(row_schema());
  {
    const std::shared_lock lock(mutex_);
    if (const auto slot = keys_.index().find(key[0], hash_key(key[0]))) {
      append_row(key[0], users_[*slot], builder);
      return builder.finish();
    }
    if (!keys_.may_be_stored(key[0]))
      return BatchPtr();
  }
  PENSTOCK_ASSIGN(const std::optional<User> user, stored(key[0]));
  if (!user)
    return BatchPtr();
  append_row(key[0], *user, builder);
  return builder.finish();
}

Result<BatchPtr> InteractionHistory::read_all(size_t limit) const {
  BatchBuilder builder(row_schema());
  std::unordered_set<std::string> shown;
  bool complete = true;
  {
    const std::shared_lock lock(mutex_);
    complete = keys_.complete();
    for (uint32_t slot = 0; slot < keys_.slots() && builder.rows() < limit; ++slot) {
      if (!keys_.index().has(slot))
        continue;
      append_row(keys_.index().key(slot), users_[slot], builder);
      if (!complete)
        shown.emplace(keys_.index().key(slot));
    }
  }
  Status status;
  if (!complete && builder.rows() < limit)
    PENSTOCK_TRY(keys_.stored().scan([&](std::string_view id, std::string_view value) {
      if (shown.contains(std::string(id)))
        return true;
      const auto user = decode(value);
      status = user.status();
      if (user.ok())
        append_row(id, *user, builder);
      return status.ok() && builder.rows() < limit;
    }));
  PENSTOCK_TRY(status);
  return builder.finish();
}

size_t InteractionHistory::keys() const {
  const std::shared_lock lock(mutex_);
  return keys_.size();
}

size_t InteractionHistory::memory() const {
  const std::shared_lock lock(mutex_);
  return keys_.memory();
}

std::optional<UserHistory> InteractionHistory::user(std::string_view id) const {
  const auto to_history = [](const User& user) {
    auto items = std::make_shared<std::vector<HistoryItem>>();
    items->reserve(user.items.size());
    for (size_t i = 0; i < user.items.size(); ++i)
      items->push_back({user.items[i], user.weights[i]});
    return UserHistory{std::move(items), user.newest};
  };
  {
    const std::shared_lock lock(mutex_);
    if (const auto slot = keys_.index().find(id, hash_key(id)))
      return to_history(users_[*slot]);
    if (!keys_.may_be_stored(id))
      return std::nullopt;
  }
  // A table that cannot be read stops the region, too, and says so; the answer is then that for somebody unknown.
  const auto user = stored(id);
  return user.ok() && *user ? std::optional(to_history(**user)) : std::nullopt;
}

std::vector<History::PopularItem> InteractionHistory::popular(size_t n) const {
  const std::lock_guard ranking_lock(ranking_mutex_);
  const std::shared_lock lock(mutex_);
  const size_t most = std::min(n, items_.size());
  if (ranking_changes_ != changes_ || ranking_.size() < most) {
    std::vector<PopularItem> all;
    all.reserve(items_.size());
    for (uint32_t item = 0; item < items_.size(); ++item)
      all.push_back({item, items_[item].users, items_[item].weight});
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
  std::unordered_set<uint32_t> seen;  // a slot may stand there twice: given up by one fan, taken by the next
  for (const uint32_t slot : items_[item].fans) {
    if (out.size() == limit)
      break;
    const User& user = users_[slot];
    const auto found = std::find(user.items.begin(), user.items.end(), item);
    if (found != user.items.end() && seen.insert(slot).second)
      out.emplace_back(std::string(keys_.index().key(slot)), user.weights[found - user.items.begin()]);
  }
  return out;
}

}  // namespace penstock
