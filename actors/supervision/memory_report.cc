#include "actors/supervision/memory_report.h"

#include "actors/supervision/machine_memory.h"

namespace penstock {
namespace {

// The changelog's bytes, a place in two indexes for each change, and what merging holds for a moment.
constexpr uint64_t kBytesAByteOfChangelog = 3;

}  // namespace

MemoryStatus MemoryReport::status() {
  memory_.set("store", kBytesAByteOfChangelog * store_.stats().changelog_bytes);
  const ProcessMemory process = process_memory();
  return {memory_.used(), memory_.limit(), memory_.exceeded(), process.resident, process.anonymous, memory_.parts()};
}

void MemoryReport::tell() {
  const MemoryStatus now = status();
  monitor_.emit(monitoring::BudgetReport{now.used_bytes, now.budget_bytes});
  const std::lock_guard lock(mutex_);
  for (const std::string& part : told_)
    if (!now.parts.contains(part))
      monitor_.emit(monitoring::MemoryHeld{part, 0});
  for (const auto& [part, bytes] : now.parts) {
    monitor_.emit(monitoring::MemoryHeld{part, bytes});
    told_.insert(part);
  }
}

}  // namespace penstock
