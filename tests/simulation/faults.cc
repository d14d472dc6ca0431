#include "tests/simulation/faults.h"

namespace penstock::simulation {
namespace {

constexpr struct {
  uint64_t FaultCounts::*count;
  const char* name;
} kCounts[] = {
    {&FaultCounts::steps, "steps"},
    {&FaultCounts::commits, "commits"},
    {&FaultCounts::actor_crashes, "actor crashes"},
    {&FaultCounts::refused_commits, "refused commits"},
    {&FaultCounts::lost_commits, "commits lost to a death"},
    {&FaultCounts::early_timers, "early timers"},
    {&FaultCounts::restarts, "restarts by supervisors"},
    {&FaultCounts::process_deaths, "process deaths"},
    {&FaultCounts::clean_stops, "clean stops"},
    {&FaultCounts::torn_files, "torn files"},
    {&FaultCounts::set_aside, "records set aside"},
    {&FaultCounts::requests, "requests"},
    {&FaultCounts::repeated_requests, "repeated requests"},
    {&FaultCounts::lost_answers, "lost answers"},
    {&FaultCounts::receiver_refusals, "refused deliveries"},
    {&FaultCounts::records, "records in logs"},
};

}  // namespace

FaultCounts& FaultCounts::operator+=(const FaultCounts& other) {
  for (const auto& entry : kCounts)
    this->*entry.count += other.*entry.count;
  return *this;
}

std::string FaultCounts::to_string() const {
  std::string out;
  for (const auto& entry : kCounts)
    out += (out.empty() ? "" : ", ") + std::to_string(this->*entry.count) + " " + entry.name;
  return out;
}

}  // namespace penstock::simulation
