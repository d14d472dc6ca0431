#include "actors/regions/isolation.h"

#include <algorithm>
#include <cassert>
#include <sstream>

namespace penstock {

// attempt := "1" searching tries in_row grow certain [log partition first records suspects]     words, parted by spaces
std::string Isolation::encode() const {
  std::ostringstream out;
  out << "1 " << searching_ << ' ' << tries_ << ' ' << in_row_ << ' ' << grow_ << ' ' << certain_;
  if (slice_)
    out << ' ' << slice_->log << ' ' << slice_->partition.value() << ' ' << slice_->first.value() << ' '
        << slice_->records << ' ' << slice_->suspects;
  return out.str();
}

Status Isolation::restore(std::string_view encoded) {
  std::istringstream in{std::string(encoded)};
  int version = 0;
  in >> version >> searching_ >> tries_ >> in_row_ >> grow_ >> certain_;
  if (!in || version != 1)
    return data_loss("the attempt on record cannot be read: \"" + std::string(encoded) + "\"");
  std::string log;
  uint32_t partition = 0;
  uint64_t first = 0, records = 0, suspects = 0;
  if (in >> log) {
    if (!(in >> partition >> first >> records >> suspects) || records == 0 || suspects < records)
      return data_loss("the attempt on record cannot be read: \"" + std::string(encoded) + "\"");
    slice_ = Slice{log, Partition(partition), Offset(first), records, suspects};
  }
  return ok();
}

void Isolation::judge() {
  if (!searching_) {
    if (tries_ < limits_.failures)
      return;
    searching_ = true;
    tries_ = 0;
  } else if (slice_ && slice_->records > 1 && tries_ > 0) {
    slice_->suspects = slice_->records;
    slice_->records /= 2;
    tries_ = 0;
  }
}

void Isolation::refuse() {
  searching_ = true;
  if (slice_ && slice_->records == 1)
    certain_ = true;
  else
    tries_ = std::max(tries_, 1u);
  judge();
}

Isolation::Next Isolation::next() const {
  if (!searching_)
    return Next::kNormal;
  const bool alone = slice_ && slice_->records == 1;
  return alone && (certain_ || tries_ >= limits_.single_failures) && !given_up() ? Next::kSetAside : Next::kTry;
}

void Isolation::choose(const std::string& log, Partition partition, Offset first, uint64_t pending) {
  assert(searching_ && !slice_ && pending > 0);
  const uint64_t size = std::min(pending, grow_ > 0 ? grow_ : limits_.slice);
  slice_ = Slice{log, partition, first, size, size};
  tries_ = 0;
}

void Isolation::passed(uint64_t pending) {
  in_row_ = 0;
  if (grow_ > 0)
    grow_ = std::min(grow_ * 2, limits_.slice);
  advance(slice_->records, pending);
}

void Isolation::set_aside(uint64_t pending) {
  ++in_row_;
  grow_ = 1;
  advance(1, pending);
}

void Isolation::advance(uint64_t records, uint64_t pending) {
  tries_ = 0;
  certain_ = false;
  slice_->first = slice_->first.next(records);
  slice_->suspects -= records;
  if (slice_->suspects > 0) {
    slice_->records = std::max<uint64_t>(1, slice_->suspects / 2);
  } else if (grow_ > 0 && grow_ < limits_.slice && pending > 0) {
    slice_->records = slice_->suspects = std::min(grow_, pending);
  } else {
    slice_.reset();
  }
}

void Isolation::end() {
  searching_ = false;
  tries_ = 0;
  grow_ = 0;
  certain_ = false;
  slice_.reset();
}

}  // namespace penstock
