#include "sql/context.h"

#include <algorithm>
#include <cstring>

namespace penstock::sql {
namespace {

constexpr size_t kChunk = 256 * 1024;
constexpr size_t kKept = 8 * 1024 * 1024;  // what a thread keeps between evaluations, at most
constexpr size_t kAlignment = 64;          // of every piece, for vector instructions

// The thread's idle arena. An evaluation takes it and gives it back, so that one inside another simply gets a new one.
thread_local std::unique_ptr<Arena> idle;

}  // namespace

char* Arena::allocate(size_t bytes) {
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  while (chunk_ < chunks_.size() && used_ + bytes > chunks_[chunk_].size) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) {
    const size_t size = std::max(kChunk, bytes) + kAlignment;
    chunks_.push_back({std::make_unique_for_overwrite<char[]>(size), size - kAlignment});
    used_ = 0;
  }
  char* start = chunks_[chunk_].memory.get();
  start += (kAlignment - reinterpret_cast<uintptr_t>(start) % kAlignment) % kAlignment;
  char* out = start + used_;
  used_ += bytes;
  return out;
}

void Arena::reset() {
  size_t total = 0;
  size_t keep = 0;
  while (keep < chunks_.size() && total + chunks_[keep].size <= kKept)
    total += chunks_[keep++].size;
  chunks_.resize(keep);
  chunk_ = 0;
  used_ = 0;
}

Context::Context(const RecordBatch* batch, size_t physical_rows)
    : batch_(batch), physical_(physical_rows), arena_(idle ? std::move(idle) : std::make_unique<Arena>()) {}

Context::~Context() {
  arena_->reset();
  idle = std::move(arena_);
}

uint64_t* Context::bits(bool value) {
  const size_t words = (physical_ + 63) / 64;
  auto* out = array<uint64_t>(words);
  std::memset(out, value ? 0xff : 0, words * sizeof(uint64_t));
  return out;
}

std::string_view Context::copy(std::string_view text) {
  if (text.empty())
    return {};
  char* out = array<char>(text.size());
  std::memcpy(out, text.data(), text.size());
  return {out, text.size()};
}

const uint64_t* Context::both(const uint64_t* a, const uint64_t* b) {
  if (!a || !b || a == b)
    return a ? a : b;
  const size_t words = (physical_ + 63) / 64;
  auto* out = array<uint64_t>(words);
  for (size_t i = 0; i < words; ++i)
    out[i] = a[i] & b[i];
  return out;
}

void Context::error(size_t row, std::string message) {
  if (!failed_)
    failed_ = bits(false);
  if (failed(row))
    return;
  failed_[row >> 6] |= uint64_t{1} << (row & 63);
  errors_.push_back({row, std::move(message)});
}

std::vector<RowError> Context::take_errors() {
  std::sort(errors_.begin(), errors_.end(), [](const RowError& a, const RowError& b) { return a.row < b.row; });
  return std::move(errors_);
}

}  // namespace penstock::sql
