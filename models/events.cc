#include "models/events.h"

#include <algorithm>
#include <cmath>

namespace penstock {

int32_t EventLog::number(Numbers& numbers, const std::string& id) {
  const auto found = numbers.find(std::string_view(id));
  if (found != numbers.end())
    return found->second;
  const auto next = static_cast<int32_t>(numbers.size());
  numbers.emplace(id, next);
  return next;
}

void EventLog::add(const Interaction& interaction) {
  if (!std::isfinite(interaction.weight))
    return;
  events_.push_back(
      {number(users_, interaction.user), number(items_, interaction.item), interaction.weight, interaction.at});
}

std::vector<std::string> EventLog::renumber(Numbers numbers, std::vector<int32_t>& to) {
  std::vector<std::pair<std::string, int32_t>> order;
  order.reserve(numbers.size());
  while (!numbers.empty()) {
    auto node = numbers.extract(numbers.begin());
    order.emplace_back(std::move(node.key()), node.mapped());
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.first.size() != b.first.size() ? a.first.size() < b.first.size() : a.first < b.first;
  });
  to.resize(order.size());
  std::vector<std::string> ids;
  ids.reserve(order.size());
  for (auto& [id, old] : order) {
    to[old] = static_cast<int32_t>(ids.size());
    ids.push_back(std::move(id));
  }
  return ids;
}

EventLog::Numbered EventLog::numbered() && {
  std::vector<int32_t> new_user, new_item;
  Numbered out;
  out.users = renumber(std::move(users_), new_user);
  out.items = renumber(std::move(items_), new_item);
  out.events = std::move(events_);
  for (Event& event : out.events) {
    event.user = new_user[event.user];
    event.item = new_item[event.item];
  }
  return out;
}

}  // namespace penstock
