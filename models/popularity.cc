#include "models/popularity.h"

#include <algorithm>
#include <numeric>

#include "models/best_items.h"
#include "models/bytes.h"

namespace penstock {
namespace {

// Stored as: "PSTKPOP" version:u8 = 1, by:u8, items:u32, (length:u32 bytes)*, scores f32 × items, checksum:u64 (XXH64).
constexpr std::string_view kMagic("PSTKPOP\x01", 8);

using By = PopularityParameters::By;

class PopularitySnapshot final : public ModelSnapshot {
 public:
  PopularitySnapshot(By by, std::vector<std::string> items, std::vector<float> scores)
      : by_(by), items_(std::move(items)), scores_(std::move(scores)), order_(items_.size()) {
    std::iota(order_.begin(), order_.end(), 0);
    std::sort(order_.begin(), order_.end(), [this](int32_t a, int32_t b) {
      return better({a, scores_[a]}, {b, scores_[b]});
    });
  }

  const std::vector<std::string>& items() const override { return items_; }

  std::vector<ScoredItem> recommend(const ModelQuery& query) const override {
    return best_but(ItemMask(query), query.n);
  }

  std::vector<ScoredItem> similar(int32_t item, size_t n, const ItemSet* allowed) const override {
    return best_but(ItemMask({.exclude = std::span(&item, 1), .allowed = allowed}), n);
  }

  std::vector<float> score_all(const ModelQuery&) const override { return scores_; }

  ModelSnapshotPtr with_items(std::span<const NewItem> new_items) const override {
    std::vector<std::string> items = items_;
    std::vector<float> scores = scores_;
    for (const NewItem& item : new_items) {
      float score = 0;
      for (const NewItem::Fan& fan : item.fans)
        score += by_ == By::kWeight ? fan.weight : (fan.weight > 0 ? 1.0f : 0.0f);
      items.push_back(item.id);
      scores.push_back(score);
    }
    return std::make_shared<const PopularitySnapshot>(by_, std::move(items), std::move(scores));
  }

  std::string save() const override {
    SnapshotWriter out;
    out.raw(kMagic);
    out.number(static_cast<uint8_t>(by_));
    out.number(static_cast<uint32_t>(items_.size()));
    for (const std::string& id : items_)
      out.text(id);
    out.floats(scores_.data(), scores_.size());
    return std::move(out).finish();
  }

  size_t memory() const override {
    size_t bytes = scores_.size() * sizeof(float) + order_.size() * sizeof(int32_t);
    for (const std::string& id : items_)
      bytes += sizeof(std::string) + (id.capacity() > 15 ? id.capacity() + 1 : 0);
    return bytes;
  }

 private:
  std::vector<ScoredItem> best_but(const ItemMask& mask, size_t n) const {
    std::vector<ScoredItem> out;
    for (auto item = order_.begin(); item != order_.end() && out.size() < n; ++item) {
      if (!mask.contains(*item))
        out.push_back({*item, scores_[*item]});
    }
    return out;
  }

  By by_;
  std::vector<std::string> items_;
  std::vector<float> scores_;
  std::vector<int32_t> order_;  // best first
};

class Popularity final : public Model {
 public:
  explicit Popularity(const PopularityParameters& parameters) : by_(parameters.by) {}

  std::string_view type() const override { return "popularity"; }
  std::vector<std::pair<std::string, std::string>> parameters() const override {
    return {{"by", by_ == By::kUsers ? "users" : "weight"}};
  }

  Result<ModelSnapshotPtr> fit(const Interactions& interactions, const FitOptions&,
                               TrainingProgress& progress) const override {
    if (interactions.by_item.entries() == 0)
      return invalid_argument("there is nothing to learn from: no interaction");
    if (progress.cancelled())
      return cancelled("the training was cancelled before it began");
    std::vector<float> scores(interactions.items.size());
    for (size_t item = 0; item < scores.size(); ++item) {
      double score = 0;
      for (const float value : interactions.by_item.row_values(static_cast<int32_t>(item)))
        score += by_ == By::kWeight ? value : (value > 0 ? 1 : 0);
      scores[item] = static_cast<float>(std::clamp(score, -1e15 / 2, 1e15 / 2));
    }
    progress.step(1, 1, "items counted");
    return ModelSnapshotPtr(std::make_shared<const PopularitySnapshot>(by_, interactions.items, std::move(scores)));
  }

  Result<ModelSnapshotPtr> load(std::string_view bytes) const override {
    PENSTOCK_ASSIGN(SnapshotReader in, SnapshotReader::open(bytes, kMagic));
    const auto by = in.number<uint8_t>();
    const auto count = in.number<uint32_t>();
    if (!in.ok() || by > 1 || uint64_t{count} * (sizeof(uint32_t) + sizeof(float)) > in.left() || count > INT32_MAX)
      return data_loss("the stored popularity model has an impossible head");
    std::vector<std::string> items;
    items.reserve(count);
    for (uint32_t item = 0; item < count; ++item)
      items.push_back(in.text());
    std::vector<float> scores(count);
    in.floats(scores.data(), count);
    if (!in.ok() || !in.at_end())
      return data_loss("the stored popularity model is cut off, too long, or has numbers out of range");
    return ModelSnapshotPtr(
        std::make_shared<const PopularitySnapshot>(static_cast<By>(by), std::move(items), std::move(scores)));
  }

 private:
  By by_;
};

}  // namespace

ModelPtr make_popularity(const PopularityParameters& parameters) {
  return std::make_shared<const Popularity>(parameters);
}

}  // namespace penstock
