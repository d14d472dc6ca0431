#include "models/popularity_snapshot.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/best_items.h"
#include "models/bytes.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic("PSTKPOP\x02", 8);
constexpr std::string_view kFirstMagic("PSTKPOP\x01", 8);
constexpr float kTie = 1e-6f;

using By = PopularityParameters::By;

Status impossible() {
  return data_loss("the stored popularity model is cut off, too long, or has numbers out of range");
}

Result<PopularitySegment> read_segment(SnapshotReader& in, size_t items) {
  PopularitySegment segment{in.text(), in.number<uint32_t>(), {}};
  const auto entries = in.number<uint32_t>();
  if (!in.ok() || entries > items || entries > in.left() / 8)
    return impossible();
  int64_t last = -1;
  for (uint32_t entry = 0; entry < entries; ++entry) {
    ItemWeight score{in.number<int32_t>(), 0};
    in.floats(&score.weight, 1);
    if (score.item <= last || static_cast<size_t>(score.item) >= items)
      return impossible();
    last = score.item;
    segment.scores.push_back(score);
  }
  return segment;
}

}  // namespace

double trend(double c, double s, double expected) {
  const double e = std::max(s * expected, 0.0);
  return (c - e) / std::sqrt(e + 1);
}

PopularitySnapshot::PopularitySnapshot(PopularityState state) : state_(std::move(state)), order_(state_.items.size()) {
  std::iota(order_.begin(), order_.end(), 0);
  std::sort(order_.begin(), order_.end(), [this](int32_t a, int32_t b) {
    return better({a, state_.scores[a]}, {b, state_.scores[b]});
  });
  float largest = 1;
  for (const float score : state_.scores)
    largest = std::max(largest, std::abs(score));
  scale_ = kTie / largest;
}

const PopularitySegment* PopularitySnapshot::segment_of(std::span<const Feature> features) const {
  const PopularitySegment* smallest = nullptr;
  for (const Feature& feature : features) {
    const auto found = std::ranges::lower_bound(state_.segments, feature.name, {}, &PopularitySegment::name);
    if (found != state_.segments.end() && found->name == feature.name && feature.value > 0 &&
        (smallest == nullptr || found->users < smallest->users))
      smallest = &*found;
  }
  return smallest;
}

std::vector<ScoredItem> PopularitySnapshot::best(const PopularitySegment* segment, const ModelQuery& rules) const {
  const ItemMask mask(rules);
  BestItems best(std::min(rules.n, state_.items.size()));
  if (rules.n == 0)
    return {};
  if (segment != nullptr)
    for (const ItemWeight& entry : segment->scores)
      if (!mask.contains(entry.item))
        best.offer({entry.item, entry.weight + overall(entry.item)});
  const auto in_segment = [&](int32_t item) {
    return segment != nullptr && std::ranges::binary_search(segment->scores, item, {}, &ItemWeight::item);
  };
  for (const int32_t item : order_) {
    const float score = segment != nullptr ? overall(item) : state_.scores[item];
    if (score < best.threshold())
      break;
    if (!mask.contains(item) && !in_segment(item))
      best.offer({item, score});
  }
  return std::move(best).sorted();
}

std::vector<ScoredItem> PopularitySnapshot::recommend(const ModelQuery& query) const {
  return best(segment_of(query.features), query);
}

std::vector<ScoredItem> PopularitySnapshot::similar(int32_t item, size_t n, const ItemSet* allowed) const {
  return best(nullptr, {.exclude = std::span(&item, 1), .allowed = allowed, .n = n});
}

std::vector<float> PopularitySnapshot::score_all(const ModelQuery& query) const {
  const PopularitySegment* segment = segment_of(query.features);
  if (segment == nullptr)
    return state_.scores;
  std::vector<float> scores(state_.items.size());
  for (size_t item = 0; item < scores.size(); ++item)
    scores[item] = overall(static_cast<int32_t>(item));
  for (const ItemWeight& entry : segment->scores)
    scores[entry.item] = entry.weight + overall(entry.item);
  return scores;
}

ModelSnapshotPtr PopularitySnapshot::with_items(std::span<const NewItem> new_items) const {
  PopularityState next = state_;
  for (const NewItem& item : new_items) {
    double count = 0;
    for (const NewItem::Fan& fan : item.fans)
      count += state_.by == By::kWeight ? fan.weight : (fan.weight > 0 ? 1.0f : 0.0f);
    next.items.push_back(item.id);
    next.scores.push_back(static_cast<float>(state_.trending ? trend(count, count, state_.expected) : count));
  }
  return std::make_shared<const PopularitySnapshot>(std::move(next));
}

std::string PopularitySnapshot::save() const {
  SnapshotWriter out;
  out.raw(kMagic);
  out.number(static_cast<uint8_t>(state_.by));
  out.number(static_cast<uint8_t>(state_.trending));
  out.number(state_.expected);
  out.number(static_cast<uint32_t>(state_.items.size()));
  for (const std::string& id : state_.items)
    out.text(id);
  out.floats(state_.scores.data(), state_.scores.size());
  out.number(static_cast<uint32_t>(state_.segments.size()));
  for (const PopularitySegment& segment : state_.segments) {
    out.text(segment.name);
    out.number(segment.users);
    out.number(static_cast<uint32_t>(segment.scores.size()));
    for (const ItemWeight& entry : segment.scores) {
      out.number(entry.item);
      out.number(entry.weight);
    }
  }
  return std::move(out).finish();
}

Result<ModelSnapshotPtr> PopularitySnapshot::load(std::string_view bytes) {
  const bool first = bytes.substr(0, kFirstMagic.size()) == kFirstMagic;
  PENSTOCK_ASSIGN(SnapshotReader in, SnapshotReader::open(bytes, first ? kFirstMagic : kMagic));
  PopularityState state;
  const auto by = in.number<uint8_t>();
  state.by = static_cast<By>(by);
  if (!first) {
    state.trending = in.number<uint8_t>() != 0;
    in.floats(&state.expected, 1);
  }
  const auto count = in.number<uint32_t>();
  if (!in.ok() || by > 1 || uint64_t{count} * (sizeof(uint32_t) + sizeof(float)) > in.left() || count > INT32_MAX)
    return data_loss("the stored popularity model has an impossible head");
  state.items.reserve(count);
  for (uint32_t item = 0; item < count; ++item)
    state.items.push_back(in.text());
  state.scores.resize(count);
  in.floats(state.scores.data(), count);
  const uint32_t segments = first ? 0 : in.number<uint32_t>();
  if (!in.ok() || segments > in.left() / 12)
    return impossible();
  for (uint32_t n = 0; n < segments; ++n) {
    PENSTOCK_ASSIGN(PopularitySegment segment, read_segment(in, count));
    if (n > 0 && segment.name <= state.segments.back().name)
      return impossible();
    state.segments.push_back(std::move(segment));
  }
  if (!in.ok() || !in.at_end())
    return impossible();
  return ModelSnapshotPtr(std::make_shared<const PopularitySnapshot>(std::move(state)));
}

size_t PopularitySnapshot::memory() const {
  size_t bytes = state_.items.size() * (sizeof(float) + sizeof(int32_t));
  for (const std::string& id : state_.items)
    bytes += sizeof(std::string) + (id.capacity() > 15 ? id.capacity() + 1 : 0);
  for (const PopularitySegment& segment : state_.segments)
    bytes += sizeof(segment) + segment.name.capacity() + segment.scores.capacity() * sizeof(ItemWeight);
  return bytes;
}

}  // namespace penstock
