#include "actors/regions/log_report.h"

#include <algorithm>

#include "actors/regions/dead_letters.h"

namespace penstock {
namespace {

class Reporter {
 public:
  Reporter(const topology::Plan& plan, const Store& store, Timestamp now) : plan_(plan), store_(store), now_(now) {}

  Result<std::vector<LogStatus>> run() {
    std::vector<LogStatus> all;
    for (const topology::PlannedLog& planned : plan_.logs) {
      PENSTOCK_ASSIGN(LogStatus log, open(planned.name));
      log.retain_for = planned.retain_for;
      log.retain_bytes = planned.retain_bytes;
      for (const topology::PlannedRegion& region : plan_.regions)
        if (std::find(region.reads.begin(), region.reads.end(), planned.name) != region.reads.end())
          PENSTOCK_TRY(add(log, region.name, "region", "region"));
      for (const std::string& sink : plan_.sinks)
        if (plan_.topology.find(sink)->component.inputs.front() == planned.name)
          PENSTOCK_TRY(add(log, sink, "sink", plan_.topology.find(sink)->component.type));
      all.push_back(std::move(log));
    }
    PENSTOCK_ASSIGN(LogStatus letters, open(kDeadLettersLog));
    const Retention kept = dead_letter_retention(plan_);
    letters.retain_for = kept.age;
    letters.retain_bytes = kept.size;
    all.push_back(std::move(letters));
    return all;
  }

 private:
  Result<LogStatus> open(const std::string& name) const {
    LogStatus log;
    log.name = name;
    PENSTOCK_ASSIGN(const uint32_t partitions, store_.partitions(name));
    for (uint32_t p = 0; p < partitions; ++p) {
      PENSTOCK_ASSIGN(const LogRange range, store_.range(name, Partition(p)));
      log.partitions.push_back({range.first, range.next, range.bytes});
    }
    return log;
  }

  Status add(LogStatus& log, const std::string& id, const char* kind, const std::string& type) const {
    LogStatus::Consumer consumer;
    consumer.id = id;
    consumer.kind = kind;
    consumer.type = type;
    for (uint32_t p = 0; p < log.partitions.size(); ++p) {
      const LogStatus::Part& part = log.partitions[p];
      PENSTOCK_ASSIGN(const auto position, store_.position(id, log.name, Partition(p)));
      consumer.positions.push_back(position);
      const Offset from = std::max(position.value_or(part.first), part.first);
      if (from >= part.next)
        continue;
      const uint64_t lag = part.next.value() - from.value();
      consumer.lag_records += lag;
      consumer.lag_bytes += static_cast<uint64_t>(static_cast<double>(part.bytes) * static_cast<double>(lag) /
                                                  static_cast<double>(part.next.value() - part.first.value()));
      PENSTOCK_ASSIGN(const auto oldest, store_.read(log.name, Partition(p), from, 1));
      if (!oldest.empty())
        consumer.lag_seconds =
            std::max(consumer.lag_seconds, static_cast<double>(now_.micros - oldest.front().appended.micros) * 1e-6);
    }
    log.consumers.push_back(std::move(consumer));
    return ok();
  }

  const topology::Plan& plan_;
  const Store& store_;
  const Timestamp now_;
};

}  // namespace

Result<std::vector<LogStatus>> report_logs(const topology::Plan& plan, const Store& store, Timestamp now) {
  return Reporter(plan, store, now).run();
}

Duration retain_every(const topology::Plan& plan) {
  constexpr Duration kLeast{200'000}, kSized{5'000'000}, kMost{60'000'000};
  Duration every = kMost;
  for (const topology::PlannedLog& log : plan.logs) {
    if (log.retain_for)
      every = std::min(every, Duration{log.retain_for->micros / 10});
    if (log.retain_bytes)
      every = std::min(every, kSized);
  }
  return std::max(every, kLeast);
}

Retention dead_letter_retention(const topology::Plan& plan) {
  Retention retention;
  const auto found = plan.topology.settings.find("dead_letters");
  if (found == plan.topology.settings.end())
    return retention;
  if (const topology::PropertyValue* age = found->second.find("retain_for"))
    retention.age = std::get<Duration>(age->value);
  if (const topology::PropertyValue* size = found->second.find("retain_bytes"))
    retention.size = std::get<Bytes>(size->value);
  return retention;
}

}  // namespace penstock
