#include "actors/regions/input_logs.h"

namespace penstock {

Status InputLogs::add(LogReader log, const std::string& region) {
  log.set_input(static_cast<uint32_t>(logs_.size()));
  logs_.push_back(std::move(log));
  return logs_.back().open(region);
}

Result<InputLogs::Read> InputLogs::next() {
  for (size_t tries = 0; tries < logs_.size(); ++tries) {
    LogReader& log = logs_[turn_];
    turn_ = (turn_ + 1) % logs_.size();
    PENSTOCK_ASSIGN(BatchPtr batch, log.next());
    if (batch)
      return Read{&log, std::move(batch)};
  }
  return Read{};
}

Result<bool> InputLogs::any() const {
  for (const LogReader& log : logs_) {
    PENSTOCK_ASSIGN(const bool more, log.any());
    if (more)
      return true;
  }
  return false;
}

std::vector<ReadPosition> InputLogs::positions() const {
  std::vector<ReadPosition> out;
  for (const LogReader& log : logs_)
    for (uint32_t p = 0; p < log.positions().size(); ++p)
      out.push_back({log.log(), Partition(p), log.positions()[p]});
  return out;
}

bool InputLogs::hides_any() const {
  for (const LogReader& log : logs_) {
    for (uint32_t p = 0; p < log.positions().size(); ++p) {
      if (shown_.contains({log.log(), Partition(p)}))
        continue;
      const Result<uint64_t> pending = log.pending(Partition(p));
      if (pending.ok() && *pending > 0)
        return true;
    }
  }
  return false;
}

}  // namespace penstock
