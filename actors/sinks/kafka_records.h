// Rows as the records of a topic: payload, key, partition, time and headers of each. Pure; one thread at a time calls it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/kafka/kafka_message.h"
#include "core/status.h"
#include "messages/record_batch.h"
#include "sql/expression.h"

namespace penstock {

/// The header with a record's stable id (record_id.h).
inline constexpr const char* kRecordIdHeader = "penstock-id";

enum class KafkaFormat { kJson, kCsv, kProtobuf, kRaw };

struct KafkaRecordOptions {
  std::string log, topic;
  KafkaFormat format = KafkaFormat::kJson;
  SchemaPtr schema;                      // of the payload
  std::vector<sql::Expression> columns;  // its fields; none: the row as it is
  std::optional<sql::Expression> key;
  std::vector<size_t> key_columns;           // of the row, in the absence of `key`: a view's
  std::optional<sql::Expression> partition;  // an int64
  std::vector<std::pair<std::string, sql::Expression>> headers;
  std::optional<size_t> timestamp;  // a column of the row; null and before 1970: the present time
};

class KafkaRecords {
 public:
  using Take = std::function<Status(const KafkaMessage& message)>;

  explicit KafkaRecords(KafkaRecordOptions options);

  /// Gives each row to `take`, in order, until it fails; what a message shows lasts during the call. `partitions`: of the topic.
  /// Errors: invalid_argument if an expression has no value for a row, or its partition is none of the topic's; of `take`.
  Status each(const RecordBatch& batch, uint32_t partitions, const Take& take);

 private:
  struct Values;  // of the expressions, for a batch

  void payload(const Values& values, size_t i, KafkaMessage& message);
  void key(const Values& values, size_t i, KafkaMessage& message);
  void headers(const Values& values, size_t i, KafkaMessage& message);
  Status partition(const Values& values, size_t i, uint32_t partitions, KafkaMessage& message) const;

  const KafkaRecordOptions options_;
  std::string payload_, key_, id_;  // of the row under way, as the rest
  std::vector<std::string> header_texts_;
  std::vector<KafkaHeader> headers_;
};

}  // namespace penstock
