#include "actors/batch/entry_blocks.h"

#include <algorithm>

#include "messages/byte_io.h"

namespace penstock {

std::vector<std::string> to_blocks(const Entries& entries, size_t block_bytes) {
  std::vector<std::string> blocks;
  for (const auto& [key, value] : entries) {
    if (blocks.empty() || blocks.back().size() >= block_bytes)
      blocks.emplace_back();
    append_number(static_cast<uint32_t>(key.size()), blocks.back());
    append_number(static_cast<uint32_t>(value.size()), blocks.back());
    blocks.back() += key;
    blocks.back() += value;
  }
  return blocks;
}

Status RunReader::next() {
  if (at_ == block_.size()) {
    if (fetched_ == blocks_) {
      at_end_ = true;
      return ok();
    }
    PENSTOCK_ASSIGN(block_, fetch_(fetched_));
    ++fetched_;
    at_ = 0;
  }
  ByteReader in(std::string_view(block_).substr(at_));
  const auto key_size = in.number<uint32_t>();
  const auto value_size = in.number<uint32_t>();
  key_ = in.bytes(key_size);
  value_ = in.bytes(value_size);
  if (in.failed())
    return data_loss("a block of a batch run is cut off");
  at_ = block_.size() - in.left();
  return ok();
}

Status EntryMerger::open() {
  for (size_t run = 0; run < runs_.size(); ++run) {
    PENSTOCK_TRY(runs_[run].next());
    push(run);
  }
  return ok();
}

void EntryMerger::push(size_t run) {
  if (runs_[run].at_end())
    return;
  heap_.push_back(run);
  std::push_heap(heap_.begin(), heap_.end(), [this](size_t a, size_t b) {
    const int order = runs_[a].key().compare(runs_[b].key());
    return order != 0 ? order > 0 : a > b;
  });
}

size_t EntryMerger::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), [this](size_t a, size_t b) {
    const int order = runs_[a].key().compare(runs_[b].key());
    return order != 0 ? order > 0 : a > b;
  });
  const size_t run = heap_.back();
  heap_.pop_back();
  return run;
}

Result<std::pair<std::string, std::string>> EntryMerger::next() {
  size_t run = pop();
  std::pair<std::string, std::string> entry(runs_[run].key(), runs_[run].value());
  PENSTOCK_TRY(runs_[run].next());
  push(run);
  while (!heap_.empty() && runs_[heap_.front()].key() == entry.first) {
    run = pop();
    PENSTOCK_TRY(merge_(entry.second, runs_[run].value()));
    PENSTOCK_TRY(runs_[run].next());
    push(run);
  }
  return entry;
}

}  // namespace penstock
