#include "monitoring/rules/expressions.h"
#include "monitoring/rules/rules.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {

RuleGroup store_rules() {
  using namespace thresholds;
  const std::string used = ratio(value(Metric::kStoreUsed), value(Metric::kStoreMap));
  const std::string disk = ratio(value(Metric::kStoreDiskFree), value(Metric::kStoreDisk));
  const std::string backup = value(Metric::kBackupTimestamp);
  const std::string day_ago = "time() - " + number(kBackupSeconds);
  RuleGroup group{"store", "What everything is kept in.", {}, {}};
  group.alerts = {
      {"PenstockStoreReadOnly", value(Metric::kStoreWritable) + " == 0", "15s", Severity::kCritical,
       "The store of {{ $labels.instance }} takes no commits",
       "The disk is full or fails. The node goes on answering from what it has, takes nothing in, and loses nothing "
       "that "
       "was acknowledged; it takes commits again by itself when it can."},
      {"PenstockCommitsRefused", above(grown(Metric::kStoreRefused, 5), 0), "0s", Severity::kCritical,
       "The store of {{ $labels.instance }} refused {{ $value | printf \"%.0f\" }} commits in 5 minutes",
       "Its disk budget is used up, or the disk is full or fails. Input is refused; what was accepted before is done "
       "again when there is room."},
      {"PenstockStoreDamaged", above(grown(Metric::kStoreDamaged, 60), 0), "0s", Severity::kCritical,
       "The store of {{ $labels.instance }} has damaged bytes",
       "A checksum did not hold {{ $value | printf \"%.0f\" }} times within the last hour. The log line says where."},
      {"PenstockCommitSlow",
       above(PromQl("", "5m").quantile(0.99, Metric::kStoreCommitSeconds, kByNode), kCommitSeconds), "5m",
       Severity::kWarning, "Commits of {{ $labels.instance }} take {{ $value | humanizeDuration }}",
       "The 99th percentile of the last 5 minutes. Everything that is durable waits for them: acknowledgements, "
       "epochs, "
       "sinks."},
      {"PenstockStoreNearBudget", above(used, kBudgetWarning), "10m", Severity::kWarning,
       "The store of {{ $labels.instance }} uses {{ $value | humanizePercentage }} of its disk budget",
       "At its end the node becomes read-only."},
      {"PenstockStoreFull", above(used, kBudgetCritical), "1m", Severity::kCritical,
       "The store of {{ $labels.instance }} uses {{ $value | humanizePercentage }} of its disk budget",
       "It is about to refuse input, and then to become read-only."},
      {"PenstockStoreFillsSoon",
       "predict_linear(" + value(Metric::kStoreUsed) + "[6h], 86400) > " + value(Metric::kStoreMap), "1h",
       Severity::kWarning, "The store of {{ $labels.instance }} will be full within a day",
       "If it goes on growing as in the last 6 hours, it reaches its disk budget: {{ $value | humanize1024 }}B."},
      {"PenstockDiskNearFull", below(disk, kDiskWarning), "10m", Severity::kWarning,
       "{{ $value | humanizePercentage }} of the disk of {{ $labels.instance }} is free",
       "The file system that holds the store. When it is full the node becomes read-only."},
      {"PenstockDiskFull", below(disk, kDiskCritical), "1m", Severity::kCritical,
       "{{ $value | humanizePercentage }} of the disk of {{ $labels.instance }} is free",
       "The file system that holds the store is about to be full; the node becomes read-only then."},
      {"PenstockBackupOld",
       backup + " < " + day_ago + " or " + value(Metric::kStarted) + " < " + day_ago +
           " unless on (topology, instance) " + backup,
       "0s", Severity::kWarning, "The node {{ $labels.instance }} has no backup of the last day",
       "The last live backup is from {{ $value | humanizeTimestamp }}, or was never made since the node started then."},
  };
  return group;
}

}  // namespace penstock::monitoring
