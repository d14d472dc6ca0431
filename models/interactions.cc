#include "models/interactions.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace penstock {
namespace {

struct Entry {
  int32_t item;
  float weight;
  Timestamp at;
  bool operator<(const Entry& other) const {
    return item != other.item ? item < other.item : weight != other.weight ? weight < other.weight : at < other.at;
  }
};

// Entries grouped by user (counting sort), each group ordered so that sums do not depend on the order of the events.
std::vector<Entry> grouped(std::span<const Event> events, std::vector<int64_t>& starts, size_t users) {
  starts.assign(users + 1, 0);
  for (const Event& event : events)
    ++starts[event.user + 1];
  for (size_t user = 0; user < users; ++user)
    starts[user + 1] += starts[user];
  std::vector<Entry> entries(events.size());
  std::vector<int64_t> next(starts.begin(), starts.end() - 1);
  for (const Event& event : events)
    entries[next[event.user]++] = {event.item, event.weight, event.at};
  for (size_t user = 0; user < users; ++user)
    std::sort(entries.begin() + starts[user], entries.begin() + starts[user + 1]);
  return entries;
}

Timestamp newest(std::span<const Entry> entries) {
  Timestamp at = entries.front().at;
  for (const Entry& entry : entries)
    at = std::max(at, entry.at);
  return at;
}

float to_float(double sum) {
  constexpr double kMost = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(sum, -kMost, kMost));
}

}  // namespace

double decay(Duration half_life, Timestamp at, Timestamp now) {
  if (half_life.micros == 0)
    return 1;
  const double age = static_cast<double>(now.micros) - static_cast<double>(at.micros);
  return std::exp2(-age / static_cast<double>(half_life.micros));
}

SparseMatrix SparseMatrix::transposed() const {
  SparseMatrix out;
  out.rows = columns;
  out.columns = rows;
  out.pointers.assign(static_cast<size_t>(columns) + 1, 0);
  out.indices.resize(indices.size());
  out.values.resize(values.size());
  for (const int32_t column : indices)
    ++out.pointers[column + 1];
  for (int32_t column = 0; column < columns; ++column)
    out.pointers[column + 1] += out.pointers[column];
  std::vector<int64_t> next(out.pointers.begin(), out.pointers.end() - 1);
  for (int32_t row = 0; row < rows; ++row) {
    for (int64_t entry = pointers[row]; entry < pointers[row + 1]; ++entry) {
      const int64_t place = next[indices[entry]]++;
      out.indices[place] = row;
      out.values[place] = values[entry];
    }
  }
  return out;
}

Interactions make_interactions(std::vector<std::string> users, std::vector<std::string> items,
                               std::span<const Event> events, const SumOptions& options) {
  Interactions out;
  out.users = std::move(users);
  out.items = std::move(items);
  out.events = events.size();
  const auto [first, last] =
      std::minmax_element(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
  if (!events.empty()) {
    out.first = first->at;
    out.last = last->at;
  }
  std::vector<int64_t> starts;
  const std::vector<Entry> entries = grouped(events, starts, out.users.size());
  SparseMatrix& matrix = out.by_user;
  matrix.rows = static_cast<int32_t>(out.users.size());
  matrix.columns = static_cast<int32_t>(out.items.size());
  matrix.pointers.reserve(out.users.size() + 1);
  for (size_t user = 0; user < out.users.size(); ++user) {
    const std::span<const Entry> own = std::span(entries).subspan(starts[user], starts[user + 1] - starts[user]);
    const Timestamp now = own.empty() ? Timestamp{} : newest(own);
    for (size_t entry = 0; entry < own.size();) {
      const int32_t item = own[entry].item;
      const size_t begin = entry;
      double sum = 0;
      for (; entry < own.size() && own[entry].item == item; ++entry)
        sum += own[entry].weight * decay(options.half_life, own[entry].at, now);
      matrix.indices.push_back(item);
      matrix.values.push_back(to_float(sum));
      if (options.times)
        out.times.push_back(newest(own.subspan(begin, entry - begin)));
    }
    matrix.pointers.push_back(matrix.entries());
  }
  out.by_item = matrix.transposed();
  return out;
}

Interactions InteractionsBuilder::build() && {
  EventLog::Numbered numbered = std::move(log_).numbered();
  return make_interactions(std::move(numbered.users), std::move(numbered.items), numbered.events);
}

}  // namespace penstock
