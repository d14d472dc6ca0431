#include "actors/kafka/kafka_producer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "actors/kafka/kafka_producer_library.h"

namespace penstock {
namespace {

using Clock = std::chrono::steady_clock;
using Error = std::unique_ptr<rd_kafka_error_t, void (*)(rd_kafka_error_t*)>;
using Offsets = std::unique_ptr<rd_kafka_topic_partition_list_t, void (*)(rd_kafka_topic_partition_list_t*)>;

constexpr int kLookUpMs = 4000;  // for the first answer at all; where nobody answers a node must not wait longer to end
constexpr int kQueuePauseMs = 10;  // for a place in the queue
constexpr int kAbortMs = 2000;     // what an abort may take beyond the timeout
constexpr size_t kMaxFields = 8;   // of a produce call

Offsets first_partition(const std::string& topic) {
  Offsets list(rd_kafka_topic_partition_list_new(1), rd_kafka_topic_partition_list_destroy);
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0);
  return list;
}

rd_kafka_vu_t field(rd_kafka_vtype_t type) {
  rd_kafka_vu_t out{};
  out.vtype = type;
  return out;
}

rd_kafka_vu_t bytes_field(rd_kafka_vtype_t type, std::string_view bytes) {
  rd_kafka_vu_t out = field(type);
  out.u.mem = {const_cast<char*>(bytes.data()), bytes.size()};
  return out;
}

}  // namespace

KafkaProducer::KafkaProducer(KafkaProducerOptions options) : options_(std::move(options)) { restart_timeout(); }

KafkaProducer::~KafkaProducer() {
  if (library_ && library_->client)
    rd_kafka_purge(library_->handle(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

void KafkaProducer::restart_timeout() { deadline_ = Clock::now() + std::chrono::microseconds(options_.timeout.micros); }

int KafkaProducer::remaining_ms() const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
  return static_cast<int>(std::max<int64_t>(left, 1));
}

uint64_t KafkaProducer::refused_batch() const { return library_ ? library_->refused_batch : 0; }

std::vector<KafkaFailure> KafkaProducer::take_failures() {
  if (!library_ || !library_->client)
    return {};
  library_->client->poll();
  return library_->client->take_failures();
}

Status KafkaProducer::open() {
  library_ = std::make_unique<Library>(Library{options_});
  PENSTOCK_TRY(library_->connect());
  PENSTOCK_TRY(look_topic_up());
  if (!options_.transactional_id.empty()) {
    library_->group.reset(rd_kafka_consumer_group_metadata_new(options_.group.c_str()));
    PENSTOCK_TRY(library_->retry("cannot open transactions as " + options_.transactional_id, deadline_,
                                 [&](int ms) { return rd_kafka_init_transactions(library_->handle(), ms); }));
  }
  open_ = true;
  return ok();
}

Status KafkaProducer::look_topic_up() {
  const std::string doing = "cannot look up the topic " + options_.topic;
  library_->topic.reset(rd_kafka_topic_new(library_->handle(), options_.topic.c_str(), nullptr));
  if (!library_->topic)
    return library_->explain(rd_kafka_last_error(), doing);
  const rd_kafka_metadata_t* answer = nullptr;
  auto error =
      rd_kafka_metadata(library_->handle(), 0, library_->topic.get(), &answer, std::min(remaining_ms(), kLookUpMs));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return library_->explain(error, doing);
  const std::unique_ptr<const rd_kafka_metadata_t, void (*)(const rd_kafka_metadata_t*)> owned(
      answer, rd_kafka_metadata_destroy);
  error = answer->topic_cnt == 1 ? answer->topics[0].err : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return library_->explain(error, doing);
  partitions_ = static_cast<uint32_t>(answer->topics[0].partition_cnt);
  return partitions_ > 0 ? ok() : library_->explain(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, doing);
}

Result<KafkaGroupOffset> KafkaProducer::committed() const {
  return read_group_offset(options_.settings, options_.group, options_.topic, remaining_ms());
}

Status KafkaProducer::begin() {
  if (options_.transactional_id.empty() || in_transaction_)
    return ok();
  begun_ = Clock::now();
  PENSTOCK_TRY(library_->retry("cannot begin a transaction", deadline_,
                               [&](int) { return rd_kafka_begin_transaction(library_->handle()); }));
  in_transaction_ = true;
  commit_tried_ = false;
  return ok();
}

Status KafkaProducer::produce(const KafkaMessage& message) {
  rd_kafka_vu_t fields[kMaxFields];
  size_t count = 0;
  (fields[count++] = field(RD_KAFKA_VTYPE_RKT)).u.rkt = library_->topic.get();
  (fields[count++] = field(RD_KAFKA_VTYPE_MSGFLAGS)).u.i = RD_KAFKA_MSG_F_COPY;
  (fields[count++] = field(RD_KAFKA_VTYPE_OPAQUE)).u.ptr = reinterpret_cast<void*>(library_->transaction);
  if (message.value)
    fields[count++] = bytes_field(RD_KAFKA_VTYPE_VALUE, *message.value);
  if (message.key)
    fields[count++] = bytes_field(RD_KAFKA_VTYPE_KEY, *message.key);
  if (message.partition)
    (fields[count++] = field(RD_KAFKA_VTYPE_PARTITION)).u.i32 = static_cast<int32_t>(*message.partition);
  if (message.timestamp_ms)
    (fields[count++] = field(RD_KAFKA_VTYPE_TIMESTAMP)).u.i64 = *message.timestamp_ms;
  rd_kafka_headers_t* headers = nullptr;
  if (!message.headers.empty()) {
    headers = rd_kafka_headers_new(message.headers.size());
    for (const KafkaHeader& header : message.headers)
      (void)rd_kafka_header_add(headers, header.name, -1, header.value.data(),
                                static_cast<ssize_t>(header.value.size()));
    (fields[count++] = field(RD_KAFKA_VTYPE_HEADERS)).u.headers = headers;
  }
  for (;;) {
    const Error error(rd_kafka_produceva(library_->handle(), fields, count), rd_kafka_error_destroy);
    if (!error)
      return ok();  // the headers are the library's
    const auto code = rd_kafka_error_code(error.get());
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && remaining_ms() > 1) {
      rd_kafka_poll(library_->handle(), kQueuePauseMs);
      continue;
    }
    rd_kafka_headers_destroy(headers);
    if (is_kafka_record_error(code))
      return invalid_argument("a record of " + std::to_string(message.value.value_or("").size()) +
                              " bytes does not go into the topic " + options_.topic + ": " + rd_kafka_err2str(code));
    library_->client->poll();
    PENSTOCK_TRY(library_->delivery_failure());
    return library_->explain(code, "cannot write to the topic " + options_.topic, rd_kafka_error_string(error.get()));
  }
}

Status KafkaProducer::flush() {
  const auto error = rd_kafka_flush(library_->handle(), remaining_ms());
  library_->client->poll();
  PENSTOCK_TRY(library_->delivery_failure());
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? ok()
                                             : library_->explain(error, "cannot write to the topic " + options_.topic);
}

Status KafkaProducer::commit(const KafkaGroupOffset& mark) {
  const Offsets offsets = first_partition(options_.topic);
  rd_kafka_topic_partition_t& at = offsets->elems[0];
  at.offset = mark.offset;
  at.metadata = strndup(mark.metadata.data(), mark.metadata.size());  // freed with the list
  at.metadata_size = mark.metadata.size();
  rd_kafka_t* handle = library_->handle();
  Status status = library_->retry("cannot commit the offset of the group " + options_.group, deadline_, [&](int ms) {
    return rd_kafka_send_offsets_to_transaction(handle, offsets.get(), library_->group.get(), ms);
  });
  if (status.ok()) {
    commit_tried_ = true;
    status = library_->retry("cannot commit a transaction", deadline_,
                             [&](int ms) { return rd_kafka_commit_transaction(handle, ms); });
  }
  if (status.ok())
    in_transaction_ = false;
  const bool late = Clock::now() - begun_ > std::chrono::seconds(kTransactionSeconds);
  return status.code() == Code::kFailedPrecondition && late
             ? unavailable("the transaction took longer than " + std::to_string(kTransactionSeconds) +
                           " s, so the broker has taken it back")
             : status;
}

Result<bool> KafkaProducer::abort() {
  const bool transactional = !options_.transactional_id.empty();
  if (!open_ || !std::exchange(in_transaction_, false))
    return open_ && transactional;
  // After a record was refused by the broker, librdkafka 2.0 drops those of the next transaction too.
  const bool may_go_on = !commit_tried_ && library_->delivery_failure().ok();
  const Status status =
      library_->retry("cannot abort a transaction", Clock::now() + std::chrono::milliseconds(kAbortMs),
                      [&](int ms) { return rd_kafka_abort_transaction(library_->handle(), ms); });
  const bool late = Clock::now() - begun_ > std::chrono::seconds(kTransactionSeconds);
  if (status.code() == Code::kFailedPrecondition && !late)
    return status;
  ++library_->transaction;
  library_->undelivered = RD_KAFKA_RESP_ERR_NO_ERROR;  // those that were taken back
  return may_go_on && status.ok();
}

}  // namespace penstock
