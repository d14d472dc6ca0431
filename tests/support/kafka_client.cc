#include "tests/support/kafka_client.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <stdexcept>

namespace penstock::test {
namespace {

constexpr int kPatienceMs = 60'000;

using Handle = std::unique_ptr<rd_kafka_t, void (*)(rd_kafka_t*)>;

[[noreturn]] void fail(const std::string& doing, const std::string& why) {
  throw std::runtime_error(doing + ": " + why);
}

void check(rd_kafka_resp_err_t error, const std::string& doing) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    fail(doing, rd_kafka_err2str(error));
}

void check(rd_kafka_error_t* error, const std::string& doing) {
  if (!error)
    return;
  const std::string why = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  fail(doing, why);
}

rd_kafka_conf_t* configuration(const std::string& broker, const TopicSettings& settings = {}) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[512] = "";
  const auto set = [&](const std::string& name, const std::string& value) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK)
      fail("setting " + name, why);
  };
  set("bootstrap.servers", broker);
  set("log_level", "2");
  set("reconnect.backoff.max.ms", "200");
  for (const auto& [name, value] : settings)
    set(name, value);
  return conf;
}

rd_kafka_t* make(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
  char why[512] = "";
  rd_kafka_t* handle = rd_kafka_new(type, conf, why, sizeof why);
  if (!handle)
    fail("making a client", why);
  return handle;
}

Handle reader(const std::string& broker, const TopicSettings& settings = {}) {
  return {make(RD_KAFKA_CONSUMER, configuration(broker, settings)), rd_kafka_destroy};
}

/// Sends a request of administration and waits for its answer, in which `failure` finds what went wrong.
template <class Send, class Failure>
void administrate(rd_kafka_t* client, const std::string& doing, const Send& send, const Failure& failure) {
  std::unique_ptr<rd_kafka_queue_t, void (*)(rd_kafka_queue_t*)> queue(rd_kafka_queue_new(client),
                                                                       rd_kafka_queue_destroy);
  send(queue.get());
  const std::unique_ptr<rd_kafka_event_t, void (*)(rd_kafka_event_t*)> event(
      rd_kafka_queue_poll(queue.get(), kPatienceMs), rd_kafka_event_destroy);
  if (!event)
    fail(doing, "no answer");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    fail(doing, rd_kafka_event_error_string(event.get()));
  if (const std::string why = failure(event.get()); !why.empty())
    fail(doing, why);
}

/// Of an answer, by the function that gives its results.
template <class Answer>
std::string first_failure(const rd_kafka_topic_result_t** (*results_of)(const Answer*, size_t*), const Answer* answer) {
  size_t count = 0;
  const rd_kafka_topic_result_t** results = results_of(answer, &count);
  for (size_t i = 0; i < count; ++i)
    if (rd_kafka_topic_result_error(results[i]) != RD_KAFKA_RESP_ERR_NO_ERROR)
      return rd_kafka_topic_result_error_string(results[i]);
  return "";
}

std::vector<int32_t> partitions_of(rd_kafka_t* client, const std::string& topic) {
  const std::unique_ptr<rd_kafka_topic_t, void (*)(rd_kafka_topic_t*)> handle(
      rd_kafka_topic_new(client, topic.c_str(), nullptr), rd_kafka_topic_destroy);
  const rd_kafka_metadata_t* metadata = nullptr;
  check(rd_kafka_metadata(client, 0, handle.get(), &metadata, kPatienceMs), "looking up " + topic);
  std::vector<int32_t> partitions;
  for (int i = 0; i < metadata->topics[0].partition_cnt; ++i)
    partitions.push_back(metadata->topics[0].partitions[i].id);
  rd_kafka_metadata_destroy(metadata);
  if (partitions.empty())
    fail("reading " + topic, "the topic is not there");
  return partitions;
}

TopicRecord record_of(const rd_kafka_message_t& message) {
  TopicRecord record;
  if (message.key)
    record.key = std::string(static_cast<const char*>(message.key), message.key_len);
  if (message.payload)
    record.value = std::string(static_cast<const char*>(message.payload), message.len);
  record.partition = message.partition;
  record.offset = message.offset;
  record.timestamp_ms = rd_kafka_message_timestamp(&message, nullptr);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
      record.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
  }
  return record;
}

}  // namespace

void create_topic(const std::string& broker, const std::string& topic, int partitions, const TopicSettings& settings) {
  const Handle client = reader(broker);
  char why[512] = "";
  std::unique_ptr<rd_kafka_NewTopic_t, void (*)(rd_kafka_NewTopic_t*)> wanted(
      rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, why, sizeof why), rd_kafka_NewTopic_destroy);
  if (!wanted)
    fail("creating " + topic, why);
  for (const auto& [name, value] : settings)
    check(rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str()), "setting " + name);
  rd_kafka_NewTopic_t* topics[] = {wanted.get()};
  administrate(
      client.get(), "creating " + topic,
      [&](rd_kafka_queue_t* queue) { rd_kafka_CreateTopics(client.get(), topics, 1, nullptr, queue); },
      [](rd_kafka_event_t* event) {
        return first_failure(rd_kafka_CreateTopics_result_topics, rd_kafka_event_CreateTopics_result(event));
      });
}

void add_partitions(const std::string& broker, const std::string& topic, int partitions) {
  const Handle client = reader(broker);
  char why[512] = "";
  std::unique_ptr<rd_kafka_NewPartitions_t, void (*)(rd_kafka_NewPartitions_t*)> wanted(
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<size_t>(partitions), why, sizeof why),
      rd_kafka_NewPartitions_destroy);
  if (!wanted)
    fail("adding partitions to " + topic, why);
  rd_kafka_NewPartitions_t* topics[] = {wanted.get()};
  administrate(
      client.get(), "adding partitions to " + topic,
      [&](rd_kafka_queue_t* queue) { rd_kafka_CreatePartitions(client.get(), topics, 1, nullptr, queue); },
      [](rd_kafka_event_t* event) {
        return first_failure(rd_kafka_CreatePartitions_result_topics, rd_kafka_event_CreatePartitions_result(event));
      });
}

void delete_topic(const std::string& broker, const std::string& topic) {
  const Handle client = reader(broker);
  const std::unique_ptr<rd_kafka_DeleteTopic_t, void (*)(rd_kafka_DeleteTopic_t*)> unwanted(
      rd_kafka_DeleteTopic_new(topic.c_str()), rd_kafka_DeleteTopic_destroy);
  rd_kafka_DeleteTopic_t* topics[] = {unwanted.get()};
  administrate(
      client.get(), "deleting " + topic,
      [&](rd_kafka_queue_t* queue) { rd_kafka_DeleteTopics(client.get(), topics, 1, nullptr, queue); },
      [](rd_kafka_event_t* event) {
        return first_failure(rd_kafka_DeleteTopics_result_topics, rd_kafka_event_DeleteTopics_result(event));
      });
}

void delete_records(const std::string& broker, const std::string& topic, int32_t partition, int64_t before) {
  const Handle client = reader(broker);
  const std::unique_ptr<rd_kafka_topic_partition_list_t, void (*)(rd_kafka_topic_partition_list_t*)> list(
      rd_kafka_topic_partition_list_new(1), rd_kafka_topic_partition_list_destroy);
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = before;
  const std::unique_ptr<rd_kafka_DeleteRecords_t, void (*)(rd_kafka_DeleteRecords_t*)> unwanted(
      rd_kafka_DeleteRecords_new(list.get()), rd_kafka_DeleteRecords_destroy);
  rd_kafka_DeleteRecords_t* requests[] = {unwanted.get()};
  administrate(
      client.get(), "deleting records of " + topic,
      [&](rd_kafka_queue_t* queue) { rd_kafka_DeleteRecords(client.get(), requests, 1, nullptr, queue); },
      [](rd_kafka_event_t* event) -> std::string {
        const auto* offsets = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event));
        return offsets->elems[0].err == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : rd_kafka_err2str(offsets->elems[0].err);
      });
}

std::vector<TopicRecord> read_topic(const std::string& broker, const std::string& topic, bool committed) {
  const Handle client = reader(broker, {{"group.id", "penstock-test-reader"},
                                        {"enable.auto.commit", "false"},
                                        {"auto.offset.reset", "earliest"},
                                        {"enable.partition.eof", "true"},
                                        {"fetch.wait.max.ms", "20"},
                                        {"isolation.level", committed ? "read_committed" : "read_uncommitted"}});
  const std::unique_ptr<rd_kafka_topic_partition_list_t, void (*)(rd_kafka_topic_partition_list_t*)> list(
      rd_kafka_topic_partition_list_new(4), rd_kafka_topic_partition_list_destroy);
  std::set<int32_t> open;
  for (const int32_t partition : partitions_of(client.get(), topic)) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
    open.insert(partition);
  }
  check(rd_kafka_assign(client.get(), list.get()), "reading " + topic);
  std::vector<TopicRecord> records;
  while (!open.empty()) {
    const std::unique_ptr<rd_kafka_message_t, void (*)(rd_kafka_message_t*)> message(
        rd_kafka_consumer_poll(client.get(), kPatienceMs), rd_kafka_message_destroy);
    if (!message)
      fail("reading " + topic, "no answer");
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
      open.erase(message->partition);
    else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      records.push_back(record_of(*message));
  }
  std::sort(records.begin(), records.end(), [](const TopicRecord& a, const TopicRecord& b) {
    return std::pair(a.partition, a.offset) < std::pair(b.partition, b.offset);
  });
  return records;
}

int64_t end_offset(const std::string& broker, const std::string& topic, int32_t partition) {
  const Handle client = reader(broker);
  int64_t low = 0, high = 0;
  check(rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), partition, &low, &high, kPatienceMs),
        "asking for the end of " + topic);
  return high;
}

TopicWriter::TopicWriter(const std::string& broker, const std::string& transactional_id, const TopicSettings& settings)
    : transactional_(!transactional_id.empty()), failure_(std::make_unique<std::string>()) {
  TopicSettings all = {{"linger.ms", "5"}, {"enable.idempotence", "true"}};
  if (transactional_)
    all["transactional.id"] = transactional_id;
  for (const auto& [name, value] : settings)
    all[name] = value;
  rd_kafka_conf_t* conf = configuration(broker, all);
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_conf_set_opaque(conf, failure_.get());
  handle_.reset(make(RD_KAFKA_PRODUCER, conf));
  if (transactional_)
    check(rd_kafka_init_transactions(handle_.get(), kPatienceMs), "opening transactions");
}

void TopicWriter::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& failure = *static_cast<std::string*>(opaque);
  const bool aborted =
      message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !aborted && failure.empty())
    failure = rd_kafka_err2str(message->err);
}

void TopicWriter::begin() { check(rd_kafka_begin_transaction(handle_.get()), "beginning a transaction"); }

void TopicWriter::put(const std::string& topic, const TopicRecord& record) {
  rd_kafka_headers_t* headers = record.headers.empty() ? nullptr : rd_kafka_headers_new(record.headers.size());
  for (const auto& [name, value] : record.headers)
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  const auto bytes = [](const std::optional<std::string>& text) {
    return text ? std::pair(const_cast<char*>(text->data()), text->size()) : std::pair<char*, size_t>();
  };
  const auto [key, key_size] = bytes(record.key);
  const auto [value, size] = bytes(record.value);
  for (;;) {
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        handle_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(record.partition),
        RD_KAFKA_V_KEY(key, key_size), RD_KAFKA_V_VALUE(value, size), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_TIMESTAMP(record.timestamp_ms), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR && headers)
        rd_kafka_headers_destroy(headers);
      check(error, "putting a record into " + topic);
      rd_kafka_poll(handle_.get(), 0);
      return;
    }
    rd_kafka_poll(handle_.get(), 10);
  }
}

void TopicWriter::flush() {
  check(rd_kafka_flush(handle_.get(), kPatienceMs), "putting records");
  if (!failure_->empty())
    fail("putting records", *failure_);
}

void TopicWriter::commit() {
  check(rd_kafka_commit_transaction(handle_.get(), kPatienceMs), "committing a transaction");
}
void TopicWriter::abort() { check(rd_kafka_abort_transaction(handle_.get(), kPatienceMs), "aborting a transaction"); }

}  // namespace penstock::test
