#include "sql/quantile_sketch.h"

#include <algorithm>
#include <cmath>

#include "sql/aggregate_states.h"

namespace penstock::sql {
namespace {

constexpr double kGamma = (1 + QuantileSketch::kError) / (1 - QuantileSketch::kError);
const double kLogGamma = std::log(kGamma);
constexpr int kMostLevel = 18;  // then all positive values are in three buckets

// Bucket i > 0 or not, of positive values, is (gamma^(i - 1), gamma^i]; it has the key i + kOne, and that of negative ones
// -(i + kOne); 0 is itself.
constexpr int64_t kOne = 1 << 20;
constexpr int64_t kInfinity = int64_t{1} << 40;
constexpr int64_t kNan = int64_t{1} << 41;

int64_t finest(double value) {
  if (value == 0)
    return 0;
  if (std::isnan(value))
    return kNan;
  if (std::isinf(value))
    return value > 0 ? kInfinity : -kInfinity;
  const int64_t key = kOne + static_cast<int64_t>(std::ceil(std::log(std::fabs(value)) / kLogGamma));
  return value > 0 ? key : -key;
}

// Two buckets i and i + 1, with i odd, become bucket (i + 1) / 2; so often.
int64_t coarser(int64_t key, int levels) {
  const int64_t size = std::abs(key);
  if (size == 0 || size >= kInfinity)
    return key;
  const int64_t index = (size - kOne + (int64_t{1} << levels) - 1) >> levels;
  return key > 0 ? index + kOne : -(index + kOne);
}

}  // namespace

int64_t QuantileSketch::key_of(double value) const {
  return level_ < 0 ? word_of_float(value) : coarser(finest(value), level_);
}

// The middle of the bucket in relative terms, 2 gamma^i / (gamma + 1): no value of it is further than (gamma - 1) / (gamma + 1).
double QuantileSketch::value_of(int64_t key) const {
  if (level_ < 0)
    return float_of_word(key);
  if (key == 0 || key == kNan)
    return key == 0 ? 0 : NAN;
  const int64_t size = std::abs(key);
  const double log_gamma = std::ldexp(kLogGamma, level_);
  const double middle = size == kInfinity
                            ? INFINITY
                            : std::exp(static_cast<double>(size - kOne) * log_gamma) * 2 / (std::exp(log_gamma) + 1);
  const double value = key > 0 ? middle : -middle;
  return float_of_word(std::clamp(word_of_float(value), least_, greatest_));
}

double QuantileSketch::error() const {
  const double gamma = std::exp(std::ldexp(kLogGamma, level_));
  return level_ < 0 ? 0 : (gamma - 1) / (gamma + 1);
}

void QuantileSketch::add(double value) {
  const int64_t word = word_of_float(value);
  least_ = std::min(least_, word);
  greatest_ = std::max(greatest_, word);
  ++count_;
  add(key_of(value), 1);
  keep_bounds();
}

void QuantileSketch::add(int64_t key, uint64_t count) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), key,
                                   [](const Entry& entry, int64_t wanted) { return entry.key < wanted; });
  if (at != entries_.end() && at->key == key)
    at->count += count;
  else
    entries_.insert(at, {key, count});
}

// How coarse the buckets are depends on the values alone: they are as fine as the bounds allow.
void QuantileSketch::keep_bounds() {
  if (level_ < 0 && entries_.size() > kMostExact)
    coarsen_to(0);
  while (level_ >= 0 && level_ < kMostLevel && entries_.size() > kMostBuckets)
    coarsen_to(level_ + 1);
}

void QuantileSketch::coarsen_to(int level) {
  size_t kept = 0;
  for (const Entry& entry : entries_) {
    const int64_t key =
        level_ < 0 ? coarser(finest(float_of_word(entry.key)), level) : coarser(entry.key, level - level_);
    if (kept > 0 && entries_[kept - 1].key == key)
      entries_[kept - 1].count += entry.count;
    else
      entries_[kept++] = {key, entry.count};
  }
  entries_.resize(kept);
  level_ = level;
}

void QuantileSketch::merge(const QuantileSketch& other) {
  QuantileSketch more = other;
  if (level_ < more.level_)
    coarsen_to(more.level_);
  if (more.level_ < level_)
    more.coarsen_to(level_);
  count_ += more.count_;
  least_ = std::min(least_, more.least_);
  greatest_ = std::max(greatest_, more.greatest_);
  std::vector<Entry> merged;
  merged.reserve(entries_.size() + more.entries_.size());
  auto a = entries_.begin(), b = more.entries_.begin();
  while (a != entries_.end() || b != more.entries_.end()) {
    if (b == more.entries_.end() || (a != entries_.end() && a->key < b->key))
      merged.push_back(*a++);
    else if (a == entries_.end() || b->key < a->key)
      merged.push_back(*b++);
    else
      merged.push_back({a->key, (a++)->count + (b++)->count});
  }
  entries_ = std::move(merged);
  keep_bounds();
}

double QuantileSketch::at_rank(uint64_t rank) const {
  if (rank == 0)
    return float_of_word(least_);
  if (rank + 1 >= count_)
    return float_of_word(greatest_);
  for (const Entry& entry : entries_) {
    if (rank < entry.count)
      return value_of(entry.key);
    rank -= entry.count;
  }
  return float_of_word(greatest_);
}

double QuantileSketch::quantile(double p) const {
  const double rank = p * static_cast<double>(count_ - 1);
  const double whole = std::floor(rank);
  const double low = at_rank(static_cast<uint64_t>(whole));
  if (rank == whole)
    return low;
  const double high = at_rank(static_cast<uint64_t>(whole) + 1);
  return low == high ? low : low + (high - low) * (rank - whole);
}

void QuantileSketch::encode(std::string& out) const {
  const int from_zero = level_ + 1;
  put_varint(static_cast<uint64_t>(from_zero), out);
  put_varint(entries_.size(), out);
  if (entries_.empty())
    return;
  put_fixed(least_, out);
  put_fixed(greatest_, out);
  auto before = static_cast<uint64_t>(INT64_MIN);
  for (const Entry& entry : entries_) {
    if (level_ < 0)
      put_fixed(entry.key, out);
    else
      put_varint(static_cast<uint64_t>(entry.key) - before, out);
    put_varint(entry.count, out);
    before = static_cast<uint64_t>(entry.key);
  }
}

QuantileSketch QuantileSketch::decode(StateReader& reader) {
  QuantileSketch out;
  const uint64_t level = reader.varint();
  const uint64_t entries = reader.varint();
  if (level > kMostLevel + 1 || entries > kMostBuckets)
    reader.fail();
  out.level_ = static_cast<int>(level) - 1;
  if (entries > 0) {
    out.least_ = reader.fixed<int64_t>();
    out.greatest_ = reader.fixed<int64_t>();
  }
  auto before = static_cast<uint64_t>(INT64_MIN);
  for (uint64_t i = 0; i < entries && reader.ok(); ++i) {
    Entry entry{};
    entry.key = out.level_ < 0 ? reader.fixed<int64_t>() : static_cast<int64_t>(before + reader.varint());
    entry.count = reader.varint();
    if (!out.entries_.empty() && entry.key <= out.entries_.back().key)
      reader.fail();
    before = static_cast<uint64_t>(entry.key);
    out.count_ += entry.count;
    out.entries_.push_back(entry);
  }
  return out;
}

}  // namespace penstock::sql
