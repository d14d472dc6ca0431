#include "models/prequential.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace penstock {
namespace {

bool belongs(const ForetoldEvent& event, PrequentialWindow::Segment segment) {
  using Segment = PrequentialWindow::Segment;
  switch (segment) {
    case Segment::kAll: return true;
    case Segment::kWarm: return event.warm;
    case Segment::kCold: return !event.warm;
    case Segment::kHead: return event.head;
    case Segment::kTail: return !event.head;
  }
  return false;
}

}  // namespace

std::string_view segment_name(PrequentialWindow::Segment segment) {
  constexpr std::string_view kNames[] = {"all", "warm", "cold", "head", "tail"};
  return kNames[static_cast<size_t>(segment)];
}

void PrequentialWindow::add(const ForetoldEvent& event) {
  events_.push_back(event);
  if (events_.size() > kMostEvents)
    events_.pop_front();
}

void PrequentialWindow::expire(Timestamp now) {
  while (!events_.empty() && events_.front().at.micros + window_.micros < now.micros)
    events_.pop_front();
}

PrequentialWindow::Figures PrequentialWindow::figures(uint64_t version, Segment segment) const {
  Figures out;
  for (const ForetoldEvent& event : events_) {
    if (event.version != version || !belongs(event, segment))
      continue;
    ++out.events;
    if (!event.rank)
      continue;
    const auto rank = static_cast<double>(*event.rank);
    if (*event.rank < kCutoff) {
      out.hr += 1;
      out.ndcg += 1 / std::log2(rank + 2);
    }
    out.auc += event.candidates > 1 ? 1 - rank / static_cast<double>(event.candidates - 1) : 1;
  }
  const auto events = static_cast<double>(std::max<uint64_t>(1, out.events));
  out.hr /= events;
  out.ndcg /= events;
  out.auc /= events;
  return out;
}

std::vector<uint64_t> PrequentialWindow::versions() const {
  std::set<uint64_t> out;
  for (const ForetoldEvent& event : events_)
    out.insert(event.version);
  return {out.begin(), out.end()};
}

int64_t rank_of(const std::vector<float>& scores, const std::vector<int32_t>& masked, int32_t item) {
  const auto value = [&](size_t i) { return std::isnan(scores[i]) ? -HUGE_VALF : scores[i]; };
  const auto before = [&](size_t i) {
    const float mine = value(static_cast<size_t>(item)), other = value(i);
    return other > mine || (other == mine && i < static_cast<size_t>(item));
  };
  int64_t rank = 0;
  for (size_t i = 0; i < scores.size(); ++i)
    rank += before(i) ? 1 : 0;
  for (const int32_t each : masked)
    if (each != item && each >= 0 && static_cast<size_t>(each) < scores.size() && before(static_cast<size_t>(each)))
      --rank;
  return rank;
}

}  // namespace penstock
