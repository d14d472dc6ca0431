#include "models/drift.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace penstock {
namespace {

double sum(std::span<const uint64_t> counts) {
  return static_cast<double>(std::accumulate(counts.begin(), counts.end(), uint64_t{0}));
}

}  // namespace

double population_stability_index(std::span<const uint64_t> now, std::span<const uint64_t> then) {
  const double all_now = sum(now), all_then = sum(then);
  if (all_now == 0 || all_then == 0)
    return 0;
  const double added = 0.5 * static_cast<double>(now.size());
  double out = 0;
  for (size_t i = 0; i < now.size(); ++i) {
    const double a = (static_cast<double>(now[i]) + 0.5) / (all_now + added);
    const double e = (static_cast<double>(then[i]) + 0.5) / (all_then + added);
    out += (a - e) * std::log(a / e);
  }
  return out;
}

double jensen_shannon_distance(std::span<const uint64_t> now, std::span<const uint64_t> then) {
  const double all_now = sum(now), all_then = sum(then);
  if (all_now == 0 || all_then == 0)
    return 0;
  double divergence = 0;
  for (size_t i = 0; i < now.size(); ++i) {
    const double a = static_cast<double>(now[i]) / all_now, e = static_cast<double>(then[i]) / all_then;
    const double m = (a + e) / 2;
    divergence += a > 0 ? a / 2 * std::log2(a / m) : 0;
    divergence += e > 0 ? e / 2 * std::log2(e / m) : 0;
  }
  return std::sqrt(std::max(0.0, divergence));
}

NumberBins::NumberBins(std::vector<double> reference) {
  std::erase_if(reference, [](double value) { return std::isnan(value); });
  std::sort(reference.begin(), reference.end());
  for (size_t i = 1; i < kBins && !reference.empty(); ++i) {
    const double boundary = reference[i * reference.size() / kBins];
    if (boundary > reference.front() && (boundaries_.empty() || boundary > boundaries_.back()))
      boundaries_.push_back(boundary);
  }
}

size_t NumberBins::bin(double value) const {
  if (std::isnan(value))
    return boundaries_.size() + 1;
  return static_cast<size_t>(std::upper_bound(boundaries_.begin(), boundaries_.end(), value) - boundaries_.begin());
}

TextBins::TextBins(const std::unordered_map<std::string, uint64_t>& reference) {
  std::vector<std::pair<std::string, uint64_t>> all(reference.begin(), reference.end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  for (size_t i = 0; i < std::min(kMost, all.size()); ++i)
    bins_.emplace(all[i].first, i);
}

size_t TextBins::bin(const std::string& value) const {
  const auto found = bins_.find(value);
  return found == bins_.end() ? bins_.size() : found->second;
}

void ScoreDrift::add(uint64_t version, double score, Timestamp now) {
  if (version != version_) {
    *this = ScoreDrift(window_);
    version_ = version;
  }
  if (bins_) {
    scored_.push_back({now, bins_->bin(score)});
    if (scored_.size() > kMostScores)
      scored_.pop_front();
    return;
  }
  reference_.push_back(score);
  if (reference_.size() < kReference)
    return;
  bins_.emplace(reference_);
  then_.resize(bins_->size());
  for (const double each : reference_)
    ++then_[bins_->bin(each)];
  reference_ = {};
}

std::optional<ScoreDrift::Distances> ScoreDrift::distances(Timestamp now) const {
  std::vector<uint64_t> counts(then_.size());
  Distances out;
  for (const Scored& each : scored_)
    if (each.at.micros + window_.micros >= now.micros) {
      ++counts[each.bin];
      ++out.values;
    }
  if (out.values == 0)
    return std::nullopt;
  out.psi = population_stability_index(counts, then_);
  out.jensen_shannon = jensen_shannon_distance(counts, then_);
  return out;
}

}  // namespace penstock
