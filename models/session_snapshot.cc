#include "models/session_snapshot.h"

#include <algorithm>
#include <cmath>

#include "models/best_items.h"
#include "models/bytes.h"
#include "models/sparse_format.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic("PSTKSES\x01", 8);

Status impossible() {
  return data_loss("the stored session_knn model is cut off, too long, or has numbers out of range");
}

}  // namespace

SessionSnapshot::SessionSnapshot(SessionState state)
    : state_(std::move(state)), having_(state_.sessions.transposed()), popular_(state_.fans, state_.past) {}

SessionSnapshot::Present& SessionSnapshot::present(std::span<const ItemWeight> history) const {
  thread_local Present now;
  now.ago.reset(state_.items.size());
  now.weights.reset(state_.items.size());
  now.items.clear();
  const auto most = static_cast<size_t>(state_.parameters.last_items);
  for (auto seen = history.rbegin(); seen != history.rend() && now.items.size() < most; ++seen)
    if (seen->item >= 0 && seen->item < static_cast<int32_t>(state_.items.size()) && seen->weight > 0)
      now.items.push_back(seen->item);
  const auto n = static_cast<double>(now.items.size());
  for (size_t ago = 0; ago < now.items.size(); ++ago) {
    now.ago.add(now.items[ago], static_cast<double>(ago) + 1);
    now.weights.add(now.items[ago], state_.parameters.recency ? (n - static_cast<double>(ago)) / n : 1);
  }
  return now;
}

double SessionSnapshot::strength(const Present& now, std::span<const int32_t> session) const {
  double shared = 0, newest = INFINITY;
  for (const int32_t item : session) {
    if (!now.ago.has(item))
      continue;
    shared += now.weights.at(item);
    newest = std::min(newest, now.ago.at(item));
  }
  if (shared == 0)
    return 0;
  const double similarity = shared / std::sqrt(static_cast<double>(session.size()));
  return state_.parameters.recency ? similarity / newest : similarity;
}

std::vector<SessionSnapshot::Neighbour> SessionSnapshot::neighbours(const Present& now) const {
  thread_local SparseSums shared;
  shared.reset(static_cast<size_t>(state_.sessions.rows));
  const auto sample = static_cast<size_t>(state_.parameters.sample);
  for (const int32_t item : now.items) {
    const auto having = having_.row_indices(item);  // the newest session first
    for (const int32_t session : having.first(std::min(sample, having.size())))
      shared.add(session, now.weights.at(item));
  }
  std::vector<int32_t> sessions = shared.touched();
  if (sessions.size() > sample) {
    std::nth_element(sessions.begin(), sessions.begin() + static_cast<int64_t>(sample), sessions.end());
    sessions.resize(sample);
  }
  BestItems best(static_cast<size_t>(state_.parameters.neighbours));
  for (const int32_t session : sessions) {
    const auto length = static_cast<double>(state_.sessions.row_indices(session).size());
    best.offer({session, static_cast<float>(shared.at(session) / std::sqrt(length))});
  }
  std::vector<Neighbour> out;
  for (const ScoredItem& session : std::move(best).sorted())
    out.push_back({session.item, strength(now, state_.sessions.row_indices(session.item))});
  return out;
}

double SessionSnapshot::worth(int32_t item) const {
  const double rare = std::log(std::max(1.0, static_cast<double>(state_.past)) / std::max(1.0F, state_.fans[item]));
  return 1 + static_cast<double>(state_.parameters.idf) * std::max(rare, 0.0);
}

bool SessionSnapshot::sum(std::span<const ItemWeight> history, SparseSums& sums) const {
  const Present& now = present(history);
  for (const Neighbour& neighbour : neighbours(now))
    for (const int32_t item : state_.sessions.row_indices(neighbour.session))
      sums.add(item, neighbour.strength * worth(item));
  for (int32_t late = 0; late < state_.late.rows; ++late) {
    const double strong = strength(now, state_.late.row_indices(late));
    if (strong > 0)
      sums.add(state_.owners[late], strong * worth(state_.owners[late]));
  }
  return !sums.touched().empty();
}

std::vector<ScoredItem> SessionSnapshot::recommend(const ModelQuery& query) const {
  SparseSums& sums = own_sums(state_.items.size());
  if (query.n == 0 || !sum(query.history, sums))
    return {};
  return popular_.best(sums, query);
}

std::vector<ScoredItem> SessionSnapshot::similar(int32_t item, size_t n, const ItemSet* allowed) const {
  SparseSums& sums = own_sums(state_.items.size());
  const ItemWeight only{item, 1};
  (void)sum({&only, 1}, sums);
  return popular_.best(sums, {.exclude = std::span(&item, 1), .allowed = allowed, .n = n});
}

std::vector<float> SessionSnapshot::score_all(const ModelQuery& query) const {
  SparseSums& sums = own_sums(state_.items.size());
  return sum(query.history, sums) ? popular_.score_all(sums) : std::vector<float>();
}

std::vector<float> SessionSnapshot::score(const ModelQuery& query, std::span<const int32_t> items) const {
  SparseSums& sums = own_sums(state_.items.size());
  return sum(query.history, sums) ? popular_.score(sums, items) : std::vector<float>();
}

std::vector<int32_t> SessionSnapshot::because(const ModelQuery& query, int32_t item, size_t n) const {
  const Present& now = present(query.history);
  SparseSums spoken;
  spoken.reset(state_.items.size());
  const auto speak = [&](std::span<const int32_t> session, double strong) {
    for (const int32_t shared : session)
      if (shared != item && now.ago.has(shared))
        spoken.add(shared, strong * now.weights.at(shared));
  };
  for (const Neighbour& neighbour : neighbours(now)) {
    const auto session = state_.sessions.row_indices(neighbour.session);
    if (std::ranges::binary_search(session, item))
      speak(session, neighbour.strength);
  }
  for (int32_t late = 0; late < state_.late.rows; ++late)
    if (state_.owners[late] == item)
      speak(state_.late.row_indices(late), strength(now, state_.late.row_indices(late)));
  BestItems strongest(n);
  for (const int32_t reason : spoken.touched())
    strongest.offer({reason, static_cast<float>(spoken.at(reason))});
  std::vector<int32_t> out;
  for (const ScoredItem& reason : std::move(strongest).sorted())
    out.push_back(reason.item);
  return out;
}

ModelSnapshotPtr SessionSnapshot::with_items(std::span<const NewItem> new_items) const {
  SessionState next = state_;
  const auto known = static_cast<int32_t>(state_.items.size());
  for (const NewItem& item : new_items) {
    const auto number = static_cast<int32_t>(next.items.size());
    float fans = 0;
    for (const NewItem::Fan& fan : item.fans) {
      if (!(fan.weight > 0))
        continue;
      fans += 1;
      std::vector<int32_t> session;
      for (const ItemWeight& seen : fan.history)
        if (seen.item >= 0 && seen.item < known && seen.weight > 0)
          session.push_back(seen.item);
      if (session.empty() || fans > static_cast<float>(state_.parameters.neighbours))
        continue;
      std::ranges::sort(session);
      next.late.indices.insert(next.late.indices.end(), session.begin(), session.end());
      next.late.values.resize(next.late.indices.size(), 1.0F);
      next.late.pointers.push_back(next.late.entries());
      ++next.late.rows;
      next.owners.push_back(number);
    }
    next.items.push_back(item.id);
    next.fans.push_back(fans);
  }
  next.late.columns = next.sessions.columns = static_cast<int32_t>(next.items.size());
  return std::make_shared<const SessionSnapshot>(std::move(next));
}

std::string SessionSnapshot::save() const {
  const SessionKnnParameters& parameters = state_.parameters;
  SnapshotWriter out;
  out.raw(kMagic);
  for (const int number : {parameters.neighbours, parameters.sample, parameters.last_items})
    out.number(static_cast<uint32_t>(number));
  out.number(parameters.idf);
  out.number(static_cast<uint8_t>(parameters.recency));
  out.number(state_.past);
  for (const size_t number : {state_.items.size(), static_cast<size_t>(state_.sessions.rows), state_.owners.size()})
    out.number(static_cast<uint32_t>(number));
  for (const std::string& id : state_.items)
    out.text(id);
  out.floats(state_.fans.data(), state_.fans.size());
  write_rows(state_.sessions, out);
  for (const int32_t owner : state_.owners)
    out.number(owner);
  write_rows(state_.late, out);
  return std::move(out).finish();
}

Result<ModelSnapshotPtr> SessionSnapshot::load(std::string_view bytes) {
  PENSTOCK_ASSIGN(SnapshotReader in, SnapshotReader::open(bytes, kMagic));
  SessionState state;
  SessionKnnParameters& parameters = state.parameters;
  for (int* number : {&parameters.neighbours, &parameters.sample, &parameters.last_items}) {
    const auto value = in.number<uint32_t>();
    if (value == 0 || value > INT32_MAX)
      return impossible();
    *number = static_cast<int>(value);
  }
  in.floats(&parameters.idf, 1);
  parameters.recency = in.number<uint8_t>() != 0;
  state.past = in.number<int64_t>();
  const auto items = in.number<uint32_t>(), sessions = in.number<uint32_t>(), late = in.number<uint32_t>();
  if (!in.ok() || items > INT32_MAX || uint64_t{items} * 8 > in.left() || uint64_t{late} * 8 > in.left())
    return impossible();
  for (uint32_t item = 0; item < items; ++item)
    state.items.push_back(in.text());
  state.fans.resize(items);
  in.floats(state.fans.data(), items);
  if (!read_rows(in, sessions, items, state.sessions))
    return impossible();
  for (uint32_t n = 0; n < late; ++n) {
    state.owners.push_back(in.number<int32_t>());
    if (state.owners.back() < 0 || static_cast<uint32_t>(state.owners.back()) >= items)
      return impossible();
  }
  if (!read_rows(in, late, items, state.late) || !in.at_end())
    return impossible();
  return ModelSnapshotPtr(std::make_shared<const SessionSnapshot>(std::move(state)));
}

size_t SessionSnapshot::memory() const {
  size_t bytes = popular_.memory() + 2 * state_.sessions.indices.size() * (sizeof(int32_t) + sizeof(float)) +
                 state_.late.indices.size() * (sizeof(int32_t) + sizeof(float)) +
                 static_cast<size_t>(state_.sessions.rows) * sizeof(int64_t);
  for (const std::string& id : state_.items)
    bytes += sizeof(std::string) + sizeof(int64_t) + sizeof(float) + (id.capacity() > 15 ? id.capacity() + 1 : 0);
  return bytes;
}

}  // namespace penstock
