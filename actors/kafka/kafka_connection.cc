#include "actors/kafka/kafka_connection.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>

#include "topology/bind_helpers.h"
#include "topology/hint.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Kind;
using topology::PropertyValue;

using Conf = std::unique_ptr<rd_kafka_conf_t, void (*)(rd_kafka_conf_t*)>;

constexpr KafkaOwnSetting kOwn[] = {
    {"bootstrap.servers", "brokers"},
    {"metadata.broker.list", "brokers"},
    {"security.protocol", "tls and sasl"},
    {"ssl.ca.location", "tls"},
    {"ssl.certificate.location", "tls"},
    {"ssl.key.location", "tls"},
    {"ssl.key.password", "tls"},
    {"ssl.endpoint.identification.algorithm", "tls"},
    {"enable.ssl.certificate.verification", "tls"},
    {"sasl.mechanism", "sasl"},
    {"sasl.mechanisms", "sasl"},
    {"sasl.username", "sasl"},
    {"sasl.password", "sasl"},
};

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(' ');
  return begin == std::string_view::npos ? "" : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

std::vector<std::string> addresses(std::string_view brokers) {
  std::vector<std::string> out;
  while (!brokers.empty()) {
    const size_t comma = std::min(brokers.find(','), brokers.size());
    out.emplace_back(trimmed(brokers.substr(0, comma)));
    brokers.remove_prefix(std::min(comma + 1, brokers.size()));
  }
  return out;
}

// host, host:port, [::1]:port
bool is_address(std::string_view address) {
  const bool bracket = address.starts_with('[');
  const size_t colon = bracket ? address.find("]:") : address.find(':');
  const std::string_view host = address.substr(0, colon);
  if (host.empty() || host.find_first_of(" /@") != std::string_view::npos)
    return false;
  if (colon == std::string_view::npos)
    return true;
  const std::string_view digits = address.substr(colon + (bracket ? 2 : 1));
  uint32_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() && port > 0 && port < 65536;
}

const PropertyValue* member(const Component& component, std::string_view group, std::string_view name) {
  const PropertyValue* value = component.find(group);
  return value ? value->find(name) : nullptr;
}

std::string text_of(const PropertyValue& value) { return std::get<std::string>(value.value); }

void check_file(const Component& component, std::string_view name, const topology::BindContext& context) {
  const PropertyValue* value = member(component, "tls", name);
  if (!value)
    return;
  const std::string path = topology::resolve_path(context.folder, text_of(*value));
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    context.diagnostics.error(value->place, "missing-file", "there is no file " + path,
                              "tls." + std::string(name) + " is a file in PEM format");
}

// Names of all that librdkafka takes as text.
std::vector<std::string> known_settings() {
  const Conf conf(rd_kafka_conf_new(), rd_kafka_conf_destroy);
  size_t count = 0;
  const char** entries = rd_kafka_conf_dump(conf.get(), &count);
  std::vector<std::string> out;
  for (size_t i = 0; i + 1 < count; i += 2)
    out.emplace_back(entries[i]);
  rd_kafka_conf_dump_free(entries, count);
  return out;
}

void check_setting(const std::string& name, const PropertyValue& value, const std::vector<KafkaOwnSetting>& own,
                   topology::Diagnostics& diagnostics) {
  const auto named = [&](const KafkaOwnSetting& setting) { return name == setting.setting; };
  const KafkaOwnSetting* taken = std::find_if(std::begin(kOwn), std::end(kOwn), named);
  if (taken == std::end(kOwn)) {
    const auto more = std::find_if(own.begin(), own.end(), named);
    taken = more == own.end() ? nullptr : &*more;
  }
  if (taken) {
    const bool decided = *taken->property != '\0';
    diagnostics.error(value.key_place, "conflict",
                      name + " cannot be set here: " +
                          (decided ? "it follows from " + std::string(taken->property)
                                   : "that no record is lost or doubled depends on its value"),
                      decided ? "use " + std::string(taken->property) : "leave it out");
    return;
  }
  const Conf conf(rd_kafka_conf_new(), rd_kafka_conf_destroy);
  char why[512] = "";
  const auto result = rd_kafka_conf_set(conf.get(), name.c_str(), text_of(value).c_str(), why, sizeof why);
  if (result == RD_KAFKA_CONF_UNKNOWN)
    diagnostics.error(value.key_place, "unknown-key", "librdkafka has no setting " + name,
                      topology::nearest_hint(name, known_settings(), "see its CONFIGURATION.md"));
  else if (result != RD_KAFKA_CONF_OK)
    diagnostics.error(value.place, "wrong-value", name + " cannot be \"" + text_of(value) + "\": " + why);
}

}  // namespace

std::vector<topology::Property> kafka_properties() {
  return {
      {.name = "brokers",
       .kind = Kind::kString,
       .meaning = "Addresses by which the cluster is found: `host:port`, several with commas between them.",
       .required = true},
      {.name = "tls",
       .kind = Kind::kGroup,
       .meaning = "Speak TLS with the brokers.",
       .members = {{.name = "ca",
                    .kind = Kind::kPath,
                    .meaning = "Whose certificates to trust, a PEM file; default: those that the system trusts."},
                   {.name = "certificate", .kind = Kind::kPath, .meaning = "A certificate of our own, a PEM file."},
                   {.name = "key", .kind = Kind::kPath, .meaning = "The certificate's key, a PEM file."},
                   {.name = "password", .kind = Kind::kString, .meaning = "The key's password."},
                   {.name = "verify",
                    .kind = Kind::kBool,
                    .meaning = "Whether a broker's certificate must be valid and bear its host's name.",
                    .default_value = "true"}}},
      {.name = "sasl",
       .kind = Kind::kGroup,
       .meaning = "Log in at the brokers with a name and a password.",
       .members = {{.name = "mechanism",
                    .kind = Kind::kChoice,
                    .meaning = "How the password is shown to the broker.",
                    .required = true,
                    .choices = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}},
                   {.name = "username", .kind = Kind::kString, .meaning = "The name.", .required = true},
                   {.name = "password",
                    .kind = Kind::kString,
                    .meaning = "The password; better from a variable, `${KAFKA_PASSWORD}`, than in the file.",
                    .required = true}}},
      {.name = "properties",
       .kind = Kind::kMap,
       .meaning = "Further settings of librdkafka, such as `socket.keepalive.enable: true`; not those that other "
                  "properties make."},
  };
}

void check_kafka(const Component& component, const topology::BindContext& context,
                 const std::vector<KafkaOwnSetting>& own) {
  topology::Diagnostics& diagnostics = context.diagnostics;
  if (component.has("brokers")) {
    const std::vector<std::string> brokers = addresses(component.text("brokers"));
    if (brokers.empty())
      diagnostics.error(component.place_of("brokers"), "wrong-value", "brokers names no broker",
                        "write `host:port`, such as localhost:9092");
    for (const std::string& address : brokers)
      if (!is_address(address))
        diagnostics.error(component.place_of("brokers"), "wrong-value", "\"" + address + "\" is no broker's address",
                          "write `host:port`, such as localhost:9092");
  }
  for (const char* file : {"ca", "certificate", "key"})
    check_file(component, file, context);
  const PropertyValue* certificate = member(component, "tls", "certificate");
  const PropertyValue* key = member(component, "tls", "key");
  if (!certificate != !key)
    diagnostics.error((certificate ? certificate : key)->place, "missing-key",
                      std::string("tls has a ") + (certificate ? "certificate and no key" : "key and no certificate"),
                      "name both, or neither");
  if (!component.has("properties"))
    return;
  for (const auto& [name, value] : component.map("properties"))
    check_setting(name, value, own, diagnostics);
}

KafkaSettings kafka_settings(const Component& component, const std::string& folder) {
  KafkaSettings out;
  std::string brokers;
  for (const std::string& address : addresses(component.text("brokers")))
    brokers += (brokers.empty() ? "" : ",") + address;
  out.emplace_back("bootstrap.servers", brokers);
  const bool tls = component.has("tls"), sasl = component.has("sasl");
  if (tls || sasl)
    out.emplace_back("security.protocol", tls ? (sasl ? "sasl_ssl" : "ssl") : "sasl_plaintext");
  const auto file = [&](const char* name, const char* setting) {
    if (const PropertyValue* value = member(component, "tls", name))
      out.emplace_back(setting, topology::resolve_path(folder, text_of(*value)));
  };
  file("ca", "ssl.ca.location");
  file("certificate", "ssl.certificate.location");
  file("key", "ssl.key.location");
  if (const PropertyValue* value = member(component, "tls", "password"))
    out.emplace_back("ssl.key.password", text_of(*value));
  if (tls) {
    const bool verify = std::get<bool>(member(component, "tls", "verify")->value);
    out.emplace_back("enable.ssl.certificate.verification", verify ? "true" : "false");
    out.emplace_back("ssl.endpoint.identification.algorithm", verify ? "https" : "none");
  }
  if (sasl) {
    out.emplace_back("sasl.mechanism", text_of(*member(component, "sasl", "mechanism")));
    out.emplace_back("sasl.username", text_of(*member(component, "sasl", "username")));
    out.emplace_back("sasl.password", text_of(*member(component, "sasl", "password")));
  }
  if (component.has("properties"))
    for (const auto& [name, value] : component.map("properties"))
      out.emplace_back(name, text_of(value));
  return out;
}

}  // namespace penstock
