#include "actors/kafka/kafka_client.h"

#include <algorithm>
#include <cctype>

namespace penstock {
namespace {

constexpr size_t kMostFailures = 32;
constexpr size_t kLongestWord = 40;  // of a label
constexpr int kLogError = 3;         // syslog's

// What would be right; for what nobody outside can mend, nothing.
std::string advice(rd_kafka_resp_err_t error, const std::string& username) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT: return "is a broker running there, and `brokers` right?";
    case RD_KAFKA_RESP_ERR__RESOLVE: return "check the host's name in `brokers`";
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return "check `sasl`: the username " + username + ", its password, and the mechanism";
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM: return "check the mechanism in `sasl`";
    case RD_KAFKA_RESP_ERR__SSL: return "check `tls`: the ca, the names in the broker's certificate, and the port";
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: return "create it, or correct `topic`";
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return "have the broker's administrator allow it" + (username.empty() ? "" : " to " + username);
    default: return "";
  }
}

// Whether a failure to reach brokers says why.
bool is_cause(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__TRANSPORT || error == RD_KAFKA_RESP_ERR__RESOLVE ||
         error == RD_KAFKA_RESP_ERR__AUTHENTICATION || error == RD_KAFKA_RESP_ERR__SSL ||
         error == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
}

// Whether the error itself does not: nobody answered.
bool needs_cause(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__TRANSPORT || error == RD_KAFKA_RESP_ERR__TIMED_OUT ||
         error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || error == RD_KAFKA_RESP_ERR__WAIT_COORD;
}

}  // namespace

std::string kafka_error_word(rd_kafka_resp_err_t error) {
  std::string_view text = rd_kafka_err2name(error);
  const std::string_view long_text = rd_kafka_err2str(error);
  if (const size_t colon = long_text.find(": ");
      error < 0 && colon != std::string_view::npos && long_text.size() - colon - 2 <= kLongestWord)
    text = long_text.substr(colon + 2);
  std::string word;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)))
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!word.empty() && word.back() != '_')
      word += '_';
  while (word.ends_with('_'))
    word.pop_back();
  return word;
}

void KafkaClient::Destroy::operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }

Result<std::unique_ptr<KafkaClient>> KafkaClient::make(rd_kafka_type_t type, const KafkaSettings& settings, void* owner,
                                                       const std::function<void(rd_kafka_conf_t*)>& configure) {
  std::unique_ptr<KafkaClient> client(new KafkaClient);
  client->owner_ = owner;
  std::unique_ptr<rd_kafka_conf_t, void (*)(rd_kafka_conf_t*)> conf(rd_kafka_conf_new(), rd_kafka_conf_destroy);
  char why[512] = "";
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK)
      return invalid_argument("librdkafka does not take " + name + ": " + why);
    if (name == "bootstrap.servers")
      client->brokers_ = value;
    if (name == "sasl.username")
      client->username_ = value;
  }
  rd_kafka_conf_set_opaque(conf.get(), client.get());
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  rd_kafka_conf_set_log_cb(conf.get(), on_log);
  if (configure)
    configure(conf.get());
  rd_kafka_t* handle = rd_kafka_new(type, conf.get(), why, sizeof why);
  if (!handle)
    return unavailable("cannot make a client for the brokers " + client->brokers_ + ": " + why);
  (void)conf.release();  // the handle's from now on
  client->handle_.reset(handle);
  return client;
}

void KafkaClient::poll() { rd_kafka_poll(handle(), 0); }

void KafkaClient::on_error(rd_kafka_t* handle, int error, const char* reason, void* opaque) {
  auto* client = static_cast<KafkaClient*>(opaque);
  auto code = static_cast<rd_kafka_resp_err_t>(error);
  std::string text = reason ? reason : "";
  char fatal[512] = "";
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    code = rd_kafka_fatal_error(handle, fatal, sizeof fatal);
    text = fatal;
  }
  client->note_failure({kafka_error_word(code), text});
  if (is_cause(code)) {
    const std::lock_guard lock(client->mutex_);
    client->cause_ = code;
    client->cause_text_ = text;
  }
}

// What is logged as FAIL or ERROR comes to on_error too.
void KafkaClient::on_log(const rd_kafka_t* handle, int level, const char* facility, const char* line) {
  auto* client = static_cast<KafkaClient*>(rd_kafka_opaque(handle));
  const std::string_view word = facility;
  if (client && level <= kLogError && word != "FAIL" && word != "ERROR")
    client->note_failure({"log", line});
}

void KafkaClient::note_failure(KafkaFailure failure) {
  const std::lock_guard lock(mutex_);
  const auto same = [&](const KafkaFailure& other) {
    return other.error == failure.error && other.message == failure.message;
  };
  if (std::any_of(failures_.begin(), failures_.end(), same))
    return;
  if (failures_.size() == kMostFailures)
    failures_.erase(failures_.begin());
  failures_.push_back(std::move(failure));
}

std::vector<KafkaFailure> KafkaClient::take_failures() {
  const std::lock_guard lock(mutex_);
  return std::exchange(failures_, {});
}

Status KafkaClient::failure(rd_kafka_resp_err_t error, const std::string& doing, const std::string& detail) {
  poll();
  std::string why = detail.empty() ? rd_kafka_err2str(error) : detail;
  rd_kafka_resp_err_t reason = error;
  if (const std::lock_guard lock(mutex_); needs_cause(error) && cause_ != RD_KAFKA_RESP_ERR_NO_ERROR) {
    reason = cause_;
    why = cause_text_;
  }
  note_failure({kafka_error_word(reason), why});
  const std::string right = advice(reason, username_);
  return unavailable(doing + " (brokers " + brokers_ + "): " + why + (right.empty() ? "" : "; " + right));
}

}  // namespace penstock
