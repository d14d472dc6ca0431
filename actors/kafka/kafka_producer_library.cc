#include "actors/kafka/kafka_producer_library.h"

namespace penstock {
namespace {

bool is_fenced(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__FENCED || error == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         error == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

KafkaSettings all_settings(const KafkaProducerOptions& options) {
  KafkaSettings out = {
      {"partitioner", "murmur2_random"},  // that of the Java client: a key is in the same partition whoever writes it
      {"linger.ms", "5"},
      {"batch.num.messages", "100000"},
      {"queue.buffering.max.messages", "200000"},
      {"queue.buffering.max.kbytes", "131072"},
  };
  out.insert(out.end(), options.settings.begin(), options.settings.end());
  out.insert(out.end(), {
                            {"enable.idempotence", "true"},
                            {"delivery.report.only.error", "true"},
                            {"batch.size", std::to_string(options.batch_bytes)},
                            {"message.timeout.ms", std::to_string(options.timeout.millis())},
                        });
  if (!options.transactional_id.empty())
    out.insert(out.end(), {
                              {"transactional.id", options.transactional_id},
                              {"transaction.timeout.ms", std::to_string(kTransactionSeconds * 1000)},
                          });
  return out;
}

}  // namespace

bool is_kafka_record_error(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || error == RD_KAFKA_RESP_ERR_INVALID_RECORD ||
         error == RD_KAFKA_RESP_ERR_INVALID_MSG || error == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP ||
         error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

std::vector<KafkaOwnSetting> kafka_producer_own_settings() {
  return {
      {"enable.idempotence", ""},
      {"delivery.report.only.error", ""},
      {"transactional.id", "exactly_once"},
      {"transaction.timeout.ms", ""},
      {"message.timeout.ms", "timeout"},
      {"delivery.timeout.ms", "timeout"},
      {"batch.size", "batch_bytes"},
      {"compression.codec", "compression"},
      {"compression.type", "compression"},
      {"request.required.acks", ""},
      {"acks", ""},
      {"max.in.flight.requests.per.connection", ""},
      {"max.in.flight", ""},
      {"group.id", ""},
  };
}

Status KafkaProducer::Library::connect() {
  PENSTOCK_ASSIGN(client, KafkaClient::make(RD_KAFKA_PRODUCER, all_settings(options), this, [](rd_kafka_conf_t* conf) {
                    rd_kafka_conf_set_dr_msg_cb(conf, on_undelivered);
                  }));
  return ok();
}

void KafkaProducer::Library::on_undelivered(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* opaque) {
  auto* library = static_cast<Library*>(static_cast<KafkaClient*>(opaque)->owner());
  if (reinterpret_cast<uintptr_t>(message->_private) != library->transaction)
    return;
  const size_t size = message->len + message->key_len;
  if (message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE && size < library->options.batch_bytes) {
    library->refused_batch = library->options.batch_bytes;
    return;
  }
  const rd_kafka_resp_err_t known = library->undelivered;
  if (known != RD_KAFKA_RESP_ERR_NO_ERROR && !(is_kafka_record_error(message->err) && !is_kafka_record_error(known)))
    return;
  library->undelivered = message->err;
  library->undelivered_text = rd_kafka_err2str(message->err);
  if (is_kafka_record_error(message->err))
    library->undelivered_text += " (a record of " + std::to_string(size) + " bytes)";
}

Status KafkaProducer::Library::explain(rd_kafka_resp_err_t error, const std::string& doing,
                                       const std::string& detail) const {
  char fatal[512] = "";
  if (error == RD_KAFKA_RESP_ERR__FATAL)
    if (const auto cause = rd_kafka_fatal_error(handle(), fatal, sizeof fatal))
      error = cause;
  if (!is_fenced(error))
    return client->failure(error, doing, *fatal != '\0' ? fatal : detail);
  client->note_failure({kafka_error_word(error), doing + ": another producer has the transactional id"});
  return failed_precondition(doing + ": another producer has opened with the transactional id " +
                             options.transactional_id +
                             ", so this one was shut out; a second process runs on a copy of this store: end one");
}

Status KafkaProducer::Library::delivery_failure() const {
  const std::string doing = "cannot write to the topic " + options.topic;
  const rd_kafka_resp_err_t error = undelivered;
  if (is_kafka_record_error(error))
    return invalid_argument(doing + ": " + undelivered_text);
  if (const uint64_t bytes = refused_batch; bytes > 0)
    return unavailable(doing + ": it takes no batches of " + std::to_string(bytes) + " bytes; smaller ones are tried");
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? ok() : explain(error, doing);
}

}  // namespace penstock
