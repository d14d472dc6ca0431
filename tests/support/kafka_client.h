// A client of a broker for tests, by librdkafka: makes topics, puts records there (also in transactions, which may be aborted),
// and reads what is there. Apart from the code under test, so that one does not hide the other's mistakes. Every call
// waits until the broker has done it; what it does not do within a minute is thrown as std::runtime_error.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace penstock::test {

struct TopicRecord {
  std::optional<std::string> key = {};
  std::optional<std::string> value = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  int32_t partition = -1;    // to put: -1 leaves it to the key
  int64_t timestamp_ms = 0;  // since 1970; to put: 0 is now
  int64_t offset = -1;       // as read
};

using TopicSettings = std::map<std::string, std::string>;

/// Makes the topic with so many partitions; `settings` such as `cleanup.policy`.
void create_topic(const std::string& broker, const std::string& topic, int partitions = 1,
                  const TopicSettings& settings = {});
void add_partitions(const std::string& broker, const std::string& topic, int partitions);
void delete_topic(const std::string& broker, const std::string& topic);
/// Removes what is before an offset, as retention would.
void delete_records(const std::string& broker, const std::string& topic, int32_t partition, int64_t before);

/// All that a topic holds at the moment, by partition and offset: of transactions what was committed, or everything.
std::vector<TopicRecord> read_topic(const std::string& broker, const std::string& topic, bool committed = true);
/// Where the partition ends; counts the markers of transactions too.
int64_t end_offset(const std::string& broker, const std::string& topic, int32_t partition);

/// Puts records into topics. With a transactional id every record belongs to a transaction, from begin() to commit() or abort().
class TopicWriter {
 public:
  explicit TopicWriter(const std::string& broker, const std::string& transactional_id = {},
                       const TopicSettings& settings = {});

  bool transactional() const { return transactional_; }
  void begin();
  void put(const std::string& topic, const TopicRecord& record);
  /// Waits until all that was put is there.
  void flush();
  void commit();
  void abort();

 private:
  struct Destroy {
    void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  };
  static void on_delivery(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque);

  bool transactional_;
  std::unique_ptr<std::string> failure_;  // the first; at a place of its own, for the callback
  std::unique_ptr<rd_kafka_t, Destroy> handle_;
};

}  // namespace penstock::test
