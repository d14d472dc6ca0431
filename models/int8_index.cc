#include "models/int8_index.h"

#include <cmath>
#include <cstring>

namespace penstock {
namespace {

constexpr int kGroup = 4;
constexpr int kLevels = 127;

float largest_of(const float* values, int count) {
  float largest = 0;
  for (int j = 0; j < count; ++j)
    largest = std::max(largest, std::fabs(values[j]));
  return largest;
}

// Codes at most `levels` from 0, and the length of what they leave out, rounded up.
struct Coded {
  float scale;
  float error;
};
template <class Put>
Coded encode(const float* values, int count, int levels, Put put) {
  const float largest = largest_of(values, count);
  const float scale = largest / static_cast<float>(levels);
  const float inverse = scale > 0 && std::isfinite(1 / scale) ? 1 / scale : 0;
  double error = 0;
  for (int j = 0; j < count; ++j) {
    const long code = std::lrintf(values[j] * inverse);
    const double left = values[j] - static_cast<double>(scale) * static_cast<double>(code);
    error += left * left;
    put(j, static_cast<int>(code));
  }
  return {scale, std::nextafter(static_cast<float>(std::sqrt(error)), INFINITY)};
}

struct Query {
  AlignedFloats codes;  // bytes
  ByteQuery bytes;
  float error;
  float length;  // of x
};

Query prepare(const float* x, int width, int levels) {
  Query query{AlignedFloats(width / kGroup), {}, 0, std::nextafter(static_cast<float>(norm(x, width)), INFINITY)};
  auto* codes = reinterpret_cast<int8_t*>(query.codes.data());
  int32_t sum = 0;
  double square = 0;
  const Coded coded = encode(x, width, levels, [&](int j, int code) {
    codes[j] = static_cast<int8_t>(code);
    sum += code;
    square += static_cast<double>(code) * code;
  });
  const auto length = static_cast<float>(coded.scale * std::sqrt(square));
  query.bytes = {codes, sum, coded.scale, std::nextafter(length, INFINITY)};
  query.error = coded.error;
  return query;
}

}  // namespace

Int8Index::Int8Index(const ItemVectors& items, std::shared_ptr<const NormOrder> order)
    : order_(std::move(order)), width_(items.factors.width) {
  const int64_t places = order_->blocks() * NormOrder::kBlock;
  codes_ = AlignedFloats(places * width_ / kGroup);
  scales_ = AlignedFloats(places);
  errors_ = AlignedFloats(places);
  if (items.biases != nullptr)
    biases_ = AlignedFloats(places);
  auto* codes = reinterpret_cast<uint8_t*>(codes_.data());
  if (places > 0)
    std::memset(codes, 128, places * width_);
  for (int64_t place = 0; place < order_->size(); ++place) {
    const int32_t item = order_->item(place);
    uint8_t* block = codes + place / NormOrder::kBlock * NormOrder::kBlock * width_;
    const int64_t within = place % NormOrder::kBlock;
    const Coded coded = encode(items.factors.row(item), width_, kLevels, [&](int j, int code) {
      block[(j / kGroup * NormOrder::kBlock + within) * kGroup + j % kGroup] = static_cast<uint8_t>(128 + code);
    });
    scales_[place] = coded.scale;
    errors_[place] = coded.error;
    if (items.biases != nullptr)
      biases_[place] = items.biases[item];
  }
}

SearchCost Int8Index::search(const ItemVectors& items, std::span<const SearchTask> tasks,
                             const SearchKernels& kernels) const {
  std::vector<Query> queries;
  queries.reserve(tasks.size());
  for (const SearchTask& task : tasks)
    queries.push_back(prepare(task.x, width_, kernels.levels));
  const ByteBlocks blocks = {reinterpret_cast<const uint8_t*>(codes_.data()), scales_.data(), errors_.data(),
                             biases_.size() == 0 ? nullptr : biases_.data(), width_ / kGroup};
  const auto scan = [&](const Query& query, int64_t strip, int64_t block, int64_t end, float threshold,
                        uint32_t* hits) {
    const float of_query = query.error * order_->norm_of(strip);
    return kernels.scan_bytes(blocks, query.bytes, block, end, threshold - of_query, hits);
  };
  return search_strips<Query>(*order_, items, tasks, queries, scan);
}

}  // namespace penstock
