// Lists of partitions, as librdkafka's calls take and give them.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <vector>

#include "actors/kafka/kafka_partition.h"

namespace penstock {

struct KafkaListDestroy {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
using KafkaList = std::unique_ptr<rd_kafka_topic_partition_list_t, KafkaListDestroy>;

inline KafkaList kafka_list(const std::vector<KafkaPartition>& partitions) {
  KafkaList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const KafkaPartition& partition : partitions)
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), static_cast<int32_t>(partition.number));
  return list;
}

inline KafkaPartition kafka_partition(const rd_kafka_topic_partition_t& entry) {
  return {entry.topic, static_cast<uint32_t>(entry.partition)};
}

inline std::vector<KafkaPartition> kafka_partitions(const rd_kafka_topic_partition_list_t* list) {
  std::vector<KafkaPartition> out;
  for (int i = 0; list && i < list->cnt; ++i)
    out.push_back(kafka_partition(list->elems[i]));
  return out;
}

}  // namespace penstock
