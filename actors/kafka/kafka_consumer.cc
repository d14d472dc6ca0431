#include "actors/kafka/kafka_consumer.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <set>

#include "actors/kafka/kafka_client.h"
#include "actors/kafka/kafka_leave.h"
#include "actors/kafka/kafka_list.h"

namespace penstock {
namespace {

constexpr int kAnswer = 5000;  // ms
constexpr size_t kPolled = 1024;

using Queue = std::unique_ptr<rd_kafka_queue_t, void (*)(rd_kafka_queue_t*)>;

// Settings that a user may change come first, then the user's, then those that correctness hangs on.
KafkaSettings settings_of(const KafkaConsumerOptions& options) {
  KafkaSettings out = {
      {"client.id", "penstock"},
      {"session.timeout.ms", "10000"},  // for how long a dead node's partitions rest
      {"socket.timeout.ms", "15000"},
      {"reconnect.backoff.max.ms", "2000"},
      {"topic.metadata.refresh.interval.ms", "30000"},
      {"fetch.wait.max.ms", "100"},
      {"fetch.error.backoff.ms", "100"},
      {"queued.min.messages", "100000"},
      {"queued.max.messages.kbytes", "32768"},
  };
  out.insert(out.end(), options.settings.begin(), options.settings.end());
  const KafkaSettings own = {
      {"group.id", options.group},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "error"},
      {"allow.auto.create.topics", "false"},
      {"partition.assignment.strategy", "cooperative-sticky"},
      {"isolation.level", options.read_committed ? "read_committed" : "read_uncommitted"},
      {"enable.partition.eof", options.alone ? "true" : "false"},
  };
  out.insert(out.end(), own.begin(), own.end());
  return out;
}

bool is_rebalancing(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS || error == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION ||
         error == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || error == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
}

// Whether the broker that gave it has not committed anything, or none was asked.
bool is_refusal(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: return true;
    default: return is_rebalancing(error);
  }
}

// The library's own.
class RdKafkaConsumer final : public KafkaConsumer {
 public:
  explicit RdKafkaConsumer(KafkaConsumerOptions options) : options_(std::move(options)) {}
  ~RdKafkaConsumer() override;
  Status make();

  Result<std::map<std::string, uint32_t>> count_partitions() override;
  Status subscribe() override;
  size_t poll(size_t most, std::vector<KafkaRecord>& records, KafkaPolled& polled) override;
  Status assign(const std::map<KafkaPartition, int64_t>& starts) override;
  Status unassign(const std::vector<KafkaPartition>& partitions) override;
  Status pause(const std::vector<KafkaPartition>& partitions) override;
  Status resume(const std::vector<KafkaPartition>& partitions) override;
  Result<std::map<KafkaPartition, KafkaCommitted>> committed(const std::vector<KafkaPartition>& partitions) override;
  Status claim(const std::map<KafkaPartition, std::pair<int64_t, std::string>>& offsets) override;
  bool claiming() const override { return claiming_; }
  std::optional<KafkaClaimed> claimed(int millis) override;
  Result<std::pair<int64_t, int64_t>> bounds(const KafkaPartition& partition) override;
  std::optional<int64_t> end(const KafkaPartition& partition) const override;
  std::optional<int64_t> position(const KafkaPartition& partition) const override;
  Result<int64_t> offset_at(const KafkaPartition& partition, int64_t millis) override;
  Status reach() override;
  void report(monitoring::Monitor& monitor, const monitoring::Origin& origin) override;

 private:
  rd_kafka_t* handle() const { return client_->handle(); }
  static void on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* list,
                           void* opaque);
  const KafkaPartition* partition_of(const rd_kafka_message_t& message);
  void take(rd_kafka_message_t* message, std::vector<KafkaRecord>& out, KafkaPolled& polled);
  std::string named() const;
  Status status(rd_kafka_error_t* error, const std::string& doing);
  void collect_failures();

  const KafkaConsumerOptions options_;
  std::unique_ptr<KafkaClient> client_;
  Queue queue_{nullptr, rd_kafka_queue_destroy}, answers_{nullptr, rd_kafka_queue_destroy};
  std::vector<KafkaRebalance> rebalances_;
  std::vector<KafkaPartition> unanswered_;  // assigned by the library, and not taken or given back
  std::set<KafkaPartition> seen_;           // what records point to
  const KafkaPartition* latest_ = nullptr;
  const rd_kafka_topic_t* latest_topic_ = nullptr;
  int32_t latest_number_ = -1;
  bool claiming_ = false, closing_ = false, down_ = false;
  bool awaiting_ = false;               // the first assignment
  std::vector<KafkaFailure> failures_;  // not yet told
};

void RdKafkaConsumer::on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* list,
                                   void* opaque) {
  auto* self = static_cast<RdKafkaConsumer*>(static_cast<KafkaClient*>(opaque)->owner());
  const bool assigned = error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  self->awaiting_ = false;
  if (self->closing_)
    return answer_rebalance(handle, assigned, list);
  // Without an answer to its last assignment the library never closes. Nobody assigns nothing.
  if (assigned && list->cnt == 0)
    answer_rebalance(handle, assigned, list);
  else if (assigned)
    self->unanswered_ = kafka_partitions(list);
  using Kind = KafkaRebalance::Kind;
  const Kind gone = rd_kafka_assignment_lost(handle) ? Kind::kLost : Kind::kRevoked;
  self->rebalances_.push_back({assigned ? Kind::kAssigned : gone, kafka_partitions(list)});
}

const KafkaPartition* RdKafkaConsumer::partition_of(const rd_kafka_message_t& message) {
  KafkaPartition key{message.rkt ? rd_kafka_topic_name(message.rkt) : "", static_cast<uint32_t>(message.partition)};
  return &*seen_.insert(std::move(key)).first;
}

void RdKafkaConsumer::take(rd_kafka_message_t* message, std::vector<KafkaRecord>& out, KafkaPolled& polled) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (message->rkt != latest_topic_ || message->partition != latest_number_) {
      latest_topic_ = message->rkt;
      latest_number_ = message->partition;
      latest_ = partition_of(*message);
    }
    const std::string_view payload(static_cast<const char*>(message->payload), message->len);
    out.emplace_back(latest_, message->offset, payload, message->payload == nullptr, message);
    return;
  }
  const KafkaPartition& at = *partition_of(*message);
  const char* text = rd_kafka_message_errstr(message);
  switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: polled.ends.emplace_back(at, message->offset); break;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE: polled.out_of_range.emplace_back(at, message->offset); break;
    default: polled.failure = client_->failure(message->err, "cannot read " + named(), text ? text : ""); break;
  }
  rd_kafka_message_destroy(message);
}

std::string RdKafkaConsumer::named() const {
  std::string out = options_.topics.size() == 1 ? "the topic " : "the topics ";
  for (size_t i = 0; i < options_.topics.size(); ++i)
    out += (i ? ", " : "") + options_.topics[i];
  return out;
}

Status RdKafkaConsumer::status(rd_kafka_error_t* error, const std::string& doing) {
  if (!error)
    return ok();
  Status out = client_->failure(rd_kafka_error_code(error), doing, rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
  return out;
}

Status RdKafkaConsumer::make() {
  PENSTOCK_ASSIGN(client_, KafkaClient::make(RD_KAFKA_CONSUMER, settings_of(options_), this, [](rd_kafka_conf_t* conf) {
                    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
                  }));
  queue_.reset(rd_kafka_queue_get_consumer(handle()));
  answers_.reset(rd_kafka_queue_new(handle()));
  return ok();
}

RdKafkaConsumer::~RdKafkaConsumer() {
  if (!client_)
    return;
  closing_ = true;
  for (const KafkaRebalance& untold : rebalances_)
    if (untold.kind != KafkaRebalance::Kind::kAssigned)
      answer_rebalance(handle(), false, kafka_list(untold.partitions).get());
  if (!unanswered_.empty())
    answer_rebalance(handle(), true, kafka_list(unanswered_).get());
  queue_.reset();
  answers_.reset();
  leave_group(std::move(client_), !awaiting_);
}

Result<std::map<std::string, uint32_t>> RdKafkaConsumer::count_partitions() {
  std::map<std::string, uint32_t> out;
  for (const std::string& topic : options_.topics) {
    rd_kafka_topic_t* asked = rd_kafka_topic_new(handle(), topic.c_str(), nullptr);
    const rd_kafka_metadata_t* metadata = nullptr;
    auto error = rd_kafka_metadata(handle(), 0, asked, &metadata, kAnswer);
    rd_kafka_topic_destroy(asked);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->topic_cnt == 1) {
      error = metadata->topics[0].err;
      out[topic] = static_cast<uint32_t>(metadata->topics[0].partition_cnt);
    }
    if (metadata)
      rd_kafka_metadata_destroy(metadata);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return client_->failure(error, "cannot read the topic " + topic);
  }
  return out;
}

Status RdKafkaConsumer::subscribe() {
  KafkaList topics(rd_kafka_topic_partition_list_new(static_cast<int>(options_.topics.size())));
  for (const std::string& topic : options_.topics)
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  awaiting_ = true;
  const auto error = rd_kafka_subscribe(handle(), topics.get());
  return error ? client_->failure(error, "cannot subscribe to " + named()) : ok();
}

size_t RdKafkaConsumer::poll(size_t most, std::vector<KafkaRecord>& records, KafkaPolled& polled) {
  client_->poll();
  std::array<rd_kafka_message_t*, kPolled> taken;
  const ssize_t count = rd_kafka_consume_batch_queue(queue_.get(), 0, taken.data(), std::min(most, taken.size()));
  latest_topic_ = nullptr;
  for (ssize_t i = 0; i < count; ++i)
    take(taken[static_cast<size_t>(i)], records, polled);
  for (KafkaRebalance& rebalance : std::exchange(rebalances_, {}))
    polled.rebalances.push_back(std::move(rebalance));
  return count < 0 ? 0 : static_cast<size_t>(count);
}

Status RdKafkaConsumer::assign(const std::map<KafkaPartition, int64_t>& starts) {
  KafkaList list(rd_kafka_topic_partition_list_new(static_cast<int>(starts.size())));
  for (const auto& [partition, start] : starts)
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), static_cast<int32_t>(partition.number))
        ->offset = start;
  const std::string doing = "cannot take partitions of " + named();
  unanswered_.clear();
  if (!options_.alone)
    return status(rd_kafka_incremental_assign(handle(), list.get()), doing);
  const auto error = rd_kafka_assign(handle(), list.get());
  return error ? client_->failure(error, doing) : ok();
}

Status RdKafkaConsumer::unassign(const std::vector<KafkaPartition>& partitions) {
  const KafkaList list = kafka_list(partitions);
  unanswered_.clear();
  return status(rd_kafka_incremental_unassign(handle(), list.get()), "cannot give back partitions of " + named());
}

Status RdKafkaConsumer::pause(const std::vector<KafkaPartition>& partitions) {
  const KafkaList list = kafka_list(partitions);
  const auto error = rd_kafka_pause_partitions(handle(), list.get());
  return error ? client_->failure(error, "cannot pause partitions of " + named()) : ok();
}

Status RdKafkaConsumer::resume(const std::vector<KafkaPartition>& partitions) {
  const KafkaList list = kafka_list(partitions);
  const auto error = rd_kafka_resume_partitions(handle(), list.get());
  return error ? client_->failure(error, "cannot resume partitions of " + named()) : ok();
}

Result<std::map<KafkaPartition, KafkaCommitted>> RdKafkaConsumer::committed(
    const std::vector<KafkaPartition>& partitions) {
  std::map<KafkaPartition, KafkaCommitted> out;
  const KafkaList list = kafka_list(partitions);
  auto error = rd_kafka_committed(handle(), list.get(), kAnswer);
  for (int i = 0; i < list->cnt && !error; ++i)
    error = list->elems[i].err;
  if (error)
    return client_->failure(error, "cannot ask how far the group " + options_.group + " has come");
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = list->elems[i];
    KafkaCommitted& committed = out[kafka_partition(entry)];
    if (entry.offset < 0)
      continue;
    committed.offset = entry.offset;
    committed.metadata.assign(static_cast<const char*>(entry.metadata), entry.metadata_size);
  }
  return out;
}

Status RdKafkaConsumer::claim(const std::map<KafkaPartition, std::pair<int64_t, std::string>>& offsets) {
  KafkaList list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, claim] : offsets) {
    rd_kafka_topic_partition_t* entry =
        rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), static_cast<int32_t>(partition.number));
    entry->offset = claim.first;
    entry->metadata = std::malloc(claim.second.size());  // the list frees it
    std::copy(claim.second.begin(), claim.second.end(), static_cast<char*>(entry->metadata));
    entry->metadata_size = claim.second.size();
  }
  const auto error = rd_kafka_commit_queue(handle(), list.get(), answers_.get(), nullptr, nullptr);
  if (error)
    return client_->failure(error, "cannot claim records of " + named());
  claiming_ = true;
  return ok();
}

std::optional<KafkaClaimed> RdKafkaConsumer::claimed(int millis) {
  rd_kafka_event_t* event = rd_kafka_queue_poll(answers_.get(), millis);
  if (!event)
    return std::nullopt;
  claiming_ = false;
  KafkaClaimed out;
  const rd_kafka_resp_err_t whole = rd_kafka_event_error(event);
  const rd_kafka_topic_partition_list_t* list = rd_kafka_event_topic_partition_list(event);
  rd_kafka_resp_err_t failed = list ? RD_KAFKA_RESP_ERR_NO_ERROR : whole;
  for (int i = 0; list && i < list->cnt; ++i) {
    // An error of the request as a whole may leave the partitions' own at none.
    const rd_kafka_resp_err_t error = list->elems[i].err ? list->elems[i].err : whole;
    out.in_doubt |= error && !is_refusal(error);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
      out.partitions.push_back(kafka_partition(list->elems[i]));
    else if (!failed || is_rebalancing(failed))
      failed = error;
  }
  rd_kafka_event_destroy(event);
  if (failed && !is_rebalancing(failed))
    out.failure = client_->failure(failed, "cannot claim records of " + named());
  return out;
}

Result<std::pair<int64_t, int64_t>> RdKafkaConsumer::bounds(const KafkaPartition& partition) {
  int64_t low = 0, high = 0;
  const auto error = rd_kafka_query_watermark_offsets(handle(), partition.topic.c_str(),
                                                      static_cast<int32_t>(partition.number), &low, &high, kAnswer);
  if (error)
    return client_->failure(error, "cannot ask for the offsets of " + partition.to_string());
  return std::pair(low, high);
}

std::optional<int64_t> RdKafkaConsumer::end(const KafkaPartition& partition) const {
  int64_t low = 0, high = 0;
  const auto error = rd_kafka_get_watermark_offsets(handle(), partition.topic.c_str(),
                                                    static_cast<int32_t>(partition.number), &low, &high);
  return error || high < 0 ? std::nullopt : std::optional(high);
}

std::optional<int64_t> RdKafkaConsumer::position(const KafkaPartition& partition) const {
  const KafkaList list = kafka_list({partition});
  if (rd_kafka_position(handle(), list.get()) || list->elems[0].offset < 0)
    return std::nullopt;
  return list->elems[0].offset;
}

Result<int64_t> RdKafkaConsumer::offset_at(const KafkaPartition& partition, int64_t millis) {
  const KafkaList list = kafka_list({partition});
  list->elems[0].offset = millis;
  auto error = rd_kafka_offsets_for_times(handle(), list.get(), kAnswer);
  if (!error)
    error = list->elems[0].err;
  if (error)
    return client_->failure(error, "cannot ask for the offsets of " + partition.to_string());
  if (list->elems[0].offset >= 0)
    return list->elems[0].offset;
  PENSTOCK_ASSIGN(const auto bound, bounds(partition));
  return bound.second;
}

void RdKafkaConsumer::collect_failures() {
  for (KafkaFailure& failure : client_->take_failures()) {
    down_ |= failure.error == kafka_error_word(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN);
    failures_.push_back(std::move(failure));
  }
}

Status RdKafkaConsumer::reach() {
  collect_failures();
  if (!down_)
    return ok();
  PENSTOCK_TRY(count_partitions().status());
  down_ = false;
  return ok();
}

void RdKafkaConsumer::report(monitoring::Monitor& monitor, const monitoring::Origin& origin) {
  collect_failures();
  for (const KafkaFailure& failure : std::exchange(failures_, {}))
    monitor.emit(monitoring::KafkaFailed{origin, failure.error, failure.message});
}

}  // namespace

Result<std::unique_ptr<KafkaConsumer>> make_kafka_consumer(const KafkaConsumerOptions& options) {
  auto consumer = std::make_unique<RdKafkaConsumer>(options);
  PENSTOCK_TRY(consumer->make());
  return std::unique_ptr<KafkaConsumer>(std::move(consumer));
}

}  // namespace penstock
