// Columns of a Kafka source that are not in the payload: the message's key, headers, topic, partition, offset and timestamp.
//
//   columns: {tenant: header.tenant, user: key, at: timestamp}
//
// Keys and headers fill columns of type string and int64 (as decimal text), others what their type is.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/kafka/kafka_record.h"
#include "messages/record_batch.h"
#include "topology/component_type.h"

namespace penstock {

struct KafkaColumn {
  enum class From { kKey, kHeader, kTopic, kPartition, kOffset, kTimestamp };
  size_t column = 0;  // of the schema
  From from = From::kKey;
  std::string header = {};
};

/// The property `columns`.
topology::Property kafka_columns_property();
/// Reports what is wrong with it. `schema` may be null.
std::vector<KafkaColumn> check_kafka_columns(const topology::Component& component, const SchemaPtr& schema,
                                             topology::Diagnostics& diagnostics);
/// The schema without these columns, as the payload has it; null if nothing is left.
SchemaPtr payload_schema(const SchemaPtr& schema, const std::vector<KafkaColumn>& columns);

/// Of a batch's rows, those whose outside columns could be filled, and why the others could not.
struct KafkaFilled {
  BatchPtr batch;                                        // of the whole schema
  std::vector<std::pair<uint32_t, std::string>> errors;  // by row of the batch that was given, ascending
};
/// `decoded`: rows of payload_schema(); `records`: the record of each row.
KafkaFilled fill_kafka_columns(const SchemaPtr& schema, const std::vector<KafkaColumn>& columns,
                               const BatchPtr& decoded, std::span<const KafkaRecord* const> records);

}  // namespace penstock
