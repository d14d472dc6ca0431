// Every limit that an alert goes by, in one place. They are for a node that serves people; whoever has other promises to keep
// changes them here, or in the rule files that `penstock monitoring` wrote. Ratios are 0 to 1, times are in seconds.
#pragma once

namespace penstock::monitoring::thresholds {

// The node.
inline constexpr int kNodeStarts = 3;         // within 15 minutes: it does not stay up
inline constexpr int kComponentRestarts = 3;  // within 15 minutes
inline constexpr int kComponentErrors = 5;    // of one kind, within 15 minutes
inline constexpr double kMemoryShare = 0.9;   // of memory_budget
inline constexpr double kOpenFiles = 0.8;     // of those that the process may have

// Answers.
inline constexpr double kApiErrorsWarning = 0.01;  // share of the requests answered with 5xx
inline constexpr double kApiErrorsCritical = 0.1;
inline constexpr double kAnswerSeconds = 0.25;  // p99 of a route that answers from memory
inline constexpr double kIngestSeconds = 2.5;   // p99 of posted events, which wait for the disk
inline constexpr double kFreshSeconds = 5;      // p99 from an event to the answers that reflect it
inline constexpr double kFallbackShare = 0.5;   // of a model's answers

// The dataflow.
inline constexpr double kPipelineErrorsWarning = 0.01;  // share of a component's records that are set aside
inline constexpr double kPipelineErrorsCritical = 0.2;
inline constexpr int kDeadLetters = 20;            // within 15 minutes, and
inline constexpr int kDeadLettersTimes = 2;        // so many times what the last day lets expect
inline constexpr double kLetterSeconds = 604'800;  // 7 days: age of the oldest dead letter that waits
inline constexpr double kLagSeconds = 60;          // age of the oldest record that waits
inline constexpr double kCommitSilence = 120;      // no epoch although records wait
inline constexpr double kIdleShare = 0.8;          // of a region's time while its lag grows

// The store.
inline constexpr double kCommitSeconds = 0.5;  // p99 of a synced commit
inline constexpr double kBudgetWarning = 0.8;  // share of the disk budget that is used
inline constexpr double kBudgetCritical = 0.9;
inline constexpr double kDiskWarning = 0.1;  // share of the file system that is free
inline constexpr double kDiskCritical = 0.03;
inline constexpr double kBackupSeconds = 93'600;  // 26 hours: one a day, and time to make it

// Kafka.
inline constexpr double kKafkaLag = 1'000;    // records of a topic, and growing
inline constexpr double kKafkaSeconds = 300;  // age of what is read at present
inline constexpr int kKafkaRebalances = 10;   // within 15 minutes
inline constexpr int kKafkaErrors = 3;        // of one kind, within 5 minutes

// Models.
inline constexpr double kModelSeconds = 604'800;  // 7 days: age of the version that serves
inline constexpr double kTrainEveryTimes = 2;     // times train_every, where that is declared
inline constexpr double kQualityDrop = 0.2;       // of NDCG@10 or HR@10, relative to before
inline constexpr double kAucDrop = 0.05;          // of AUC, absolute
inline constexpr double kDriftPsi = 0.25;         // population stability index: much
inline constexpr int kRejectedVersions = 3;       // within a day, and none went live

// Jobs.
inline constexpr double kJobLateSeconds = 600;
inline constexpr int kBatchTaskFailures = 5;  // within 15 minutes

}  // namespace penstock::monitoring::thresholds
