#include "monitoring/panels/dashboards.h"
#include "monitoring/rules/thresholds.h"

namespace penstock::monitoring {
namespace {

PanelRow space() {
  const PromQl& q = chosen();
  return {
      "Space",
      {
          {.title = "Takes commits",
           .description = "1 while the store takes commits, 0 while it is read-only because the disk is full or fails.",
           .kind = PanelKind::kStat,
           .queries = {{min_by("instance", q.value(Metric::kStoreWritable)), "{{instance}}"}},
           .width = 4,
           .height = 4,
           .thresholds = {{-1, Colour::kRed}, {1, Colour::kGreen}},
           .meanings = {{0, "read-only", Colour::kRed}, {1, "yes", Colour::kGreen}},
           .runbook = "PenstockStoreReadOnly"},
          {.title = "Disk budget in use",
           .description = "Share of the store's own budget, the map. At 100 % commits are refused.",
           .kind = PanelKind::kStat,
           .unit = Unit::kShare,
           .queries = {{"max(" + ratio(q.value(Metric::kStoreUsed), q.value(Metric::kStoreMap)) + ")", "used"}},
           .width = 4,
           .height = 4,
           .thresholds = {{thresholds::kBudgetWarning, Colour::kYellow}, {thresholds::kBudgetCritical, Colour::kRed}},
           .runbook = "PenstockStoreNearBudget"},
          {.title = "Disk free",
           .description = "Share of the file system that is free, whoever took the rest.",
           .kind = PanelKind::kStat,
           .unit = Unit::kShare,
           .queries = {{"min(" + ratio(q.value(Metric::kStoreDiskFree), q.value(Metric::kStoreDisk)) + ")", "free"}},
           .width = 4,
           .height = 4,
           .thresholds = {{-1, Colour::kRed},
                          {thresholds::kDiskCritical, Colour::kYellow},
                          {thresholds::kDiskWarning, Colour::kGreen}},
           .runbook = "PenstockDiskNearFull"},
          {.title = "Full in",
           .description = "When the budget will be used up if it goes on as in the last six hours.",
           .kind = PanelKind::kStat,
           .unit = Unit::kSeconds,
           .queries = {{"min((" + q.value(Metric::kStoreMap) + " - " + q.value(Metric::kStoreUsed) + ") / (deriv(" +
                            q.value(Metric::kStoreUsed) + "[6h]) > 0) and time() - " + q.value(Metric::kStarted) +
                            " > 3600)",
                        "full in"}},
           .width = 4,
           .height = 4,
           .thresholds = {{-1, Colour::kRed}, {86'400, Colour::kYellow}, {604'800, Colour::kGreen}},
           .runbook = "PenstockStoreFillsSoon",
           .empty = "not growing"},
          {.title = "Commits refused",
           .description = "In the last hour: because of the budget or the disk.",
           .kind = PanelKind::kStat,
           .queries = {{or_zero(times(sum_by("", q.over("1h").increase(Metric::kStoreRefused)))), "refused"}},
           .width = 4,
           .height = 4,
           .thresholds = {{1, Colour::kRed}},
           .runbook = "PenstockStoreReadOnly"},
          {.title = "Damaged reads",
           .description =
               "In the last hour: reads that met damaged bytes. Anything but 0 asks for a restore from a backup.",
           .kind = PanelKind::kStat,
           .queries = {{or_zero(times(sum_by("", q.over("1h").increase(Metric::kStoreDamaged)))), "damaged"}},
           .width = 4,
           .height = 4,
           .thresholds = {{1, Colour::kRed}},
           .runbook = "PenstockStoreDamaged"},
          {.title = "Bytes in use",
           .description = "Of the store, and of the changelogs in it that tables have not absorbed yet.",
           .unit = Unit::kBytes,
           .queries = {{sum_by("", q.value(Metric::kStoreUsed)), "store"},
                       {sum_by("", q.value(Metric::kStoreChangelog)), "changelogs"}},
           .runbook = "PenstockStoreNearBudget"},
          {.title = "Logs",
           .description = "Bytes of each log. Retention drops what is older than it is told to keep.",
           .unit = Unit::kBytes,
           .queries = {{sum_by("log", q.value(Metric::kLogBytes)), "{{log}}"}},
           .stacked = true,
           .runbook = "PenstockStoreNearBudget"},
          {.title = "Records in logs",
           .description = "Records that each log holds.",
           .queries = {{sum_by("log", q.value(Metric::kLogEvents)), "{{log}}"}},
           .width = 8},
          {.title = "Budget and disk",
           .description = "What the store may take, and what the file system has. A budget above what is free will not "
                          "be reached.",
           .unit = Unit::kBytes,
           .queries = {{sum_by("", q.value(Metric::kStoreMap)), "budget"},
                       {sum_by("", q.value(Metric::kStoreDiskFree)), "free on disk"},
                       {sum_by("", q.value(Metric::kStoreDisk)), "size of disk"}},
           .width = 8,
           .runbook = "PenstockDiskNearFull"},
          {.title = "Readers",
           .description =
               "Read transactions that are open. One that stays open keeps the store from using freed pages anew.",
           .queries = {{sum_by("instance", q.value(Metric::kStoreReaders)), "{{instance}}"}},
           .width = 8},
      }};
}

PanelRow commits() {
  const PromQl& q = chosen();
  return {
      "Commits",
      {
          {.title = "Commits",
           .description = "Synced transactions of the store.",
           .unit = Unit::kPerSecond,
           .queries = {{sum_by("instance", q.count_rate(Metric::kStoreCommitSeconds)), "{{instance}}"}},
           .width = 6},
          {.title = "Bytes committed",
           .description = "Bytes handed to the store and durable.",
           .unit = Unit::kBytesPerSecond,
           .queries = {{sum_by("instance", q.rate(Metric::kStoreCommittedBytes)), "{{instance}}"}},
           .width = 6},
          {.title = "Batches a commit",
           .description =
               "How many writers share one sync: what arrives while the last commit syncs goes into the next.",
           .queries = {{ratio(sum_by("instance", q.rate(Metric::kStoreCommittedBatches)),
                              sum_by("instance", q.count_rate(Metric::kStoreCommitSeconds))),
                        "{{instance}}"}},
           .width = 6,
           .empty = "no commits of late"},
          {.title = "Duration of a commit",
           .description = "With its sync: mostly the disk's time. What is acknowledged waits for it.",
           .unit = Unit::kSeconds,
           .queries = {{q.quantile(0.5, Metric::kStoreCommitSeconds), "p50"},
                       {q.quantile(0.99, Metric::kStoreCommitSeconds), "p99"}},
           .width = 6,
           .thresholds = {{thresholds::kCommitSeconds, Colour::kRed}},
           .runbook = "PenstockCommitSlow",
           .empty = "no commits of late"},
          {.title = "How long commits take",
           .description =
               "Commits by their duration; darker: more of them. Two bands are two kinds of commits, or a disk with a "
               "cache that fills.",
           .kind = PanelKind::kHeatmap,
           .unit = Unit::kSeconds,
           .queries = {{q.buckets(Metric::kStoreCommitSeconds), "{{le}}"}},
           .width = 24,
           .runbook = "PenstockCommitSlow"},
      }};
}

PanelRow memory() {
  const PromQl& q = chosen();
  return {
      "Memory and process",
      {
          {.title = "Memory by part",
           .description =
               "What the parts of the node account for. Near the budget, sources pause, and states leave cold keys to "
               "their tables.",
           .unit = Unit::kBytes,
           .queries = {{sum_by("part", q.value(Metric::kMemoryHeld)), "{{part}}"}},
           .stacked = true,
           .runbook = "PenstockMemoryNearBudget"},
          {.title = "Memory and its budget",
           .description = "The sum of the parts, the budget for them, and what the process occupies.",
           .unit = Unit::kBytes,
           .queries = {{sum_by("", q.value(Metric::kMemoryUsed)), "parts"},
                       {sum_by("", q.value(Metric::kMemoryBudget)), "budget"},
                       {sum_by("", q.outside("process_resident_memory_bytes")), "process"}},
           .runbook = "PenstockMemoryNearBudget"},
          {.title = "Processor",
           .description = "Cores that the process keeps busy.",
           .queries = {{sum_by("instance", "rate(" + q.outside("process_cpu_seconds_total") + "[$__rate_interval])"),
                        "{{instance}}"}}},
          {.title = "Open files",
           .description = "File descriptors that are open: connections, files, the store.",
           .queries = {{sum_by("instance", q.outside("process_open_fds")), "{{instance}}"}},
           .runbook = "PenstockOpenFiles"},
      }};
}

PanelRow backups() {
  const PromQl& q = chosen();
  const auto stat = [](Panel panel) {
    panel.kind = PanelKind::kStat, panel.width = 8, panel.height = 4;
    panel.runbook = "PenstockBackupOld";
    panel.empty = "no backup so far";
    return panel;
  };
  return {"Backups",
          {
              stat({.title = "Last backup",
                    .description = "How long ago the last live backup was finished.",
                    .unit = Unit::kSeconds,
                    .queries = {{"time() - min(" + q.value(Metric::kBackupTimestamp) + " > 0)", "ago"}},
                    .thresholds = {{thresholds::kBackupSeconds, Colour::kRed}}}),
              stat({.title = "Its size",
                    .description = "Bytes of the last live backup.",
                    .unit = Unit::kBytes,
                    .queries = {{max_by("", q.value(Metric::kBackupBytes)), "size"}}}),
              stat({.title = "Its duration",
                    .description = "How long the last live backup took.",
                    .unit = Unit::kSeconds,
                    .queries = {{max_by("", q.value(Metric::kBackupSeconds)), "took"}}}),
          }};
}

}  // namespace

Dashboard storage_dashboard() {
  return {.uid = "penstock-storage",
          .title = "Penstock: storage and memory",
          .question = "Is there room, and how quickly does the store commit?",
          .variables = {},
          .rows = {space(), commits(), memory(), backups()}};
}

}  // namespace penstock::monitoring
