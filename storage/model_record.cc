#include "storage/model_record.h"

#include <google/protobuf/stubs/logging.h>

#include <algorithm>

#include "messages/penstock.pb.h"
#include "storage/limits.h"

namespace penstock {
namespace {

std::string eight_digits(uint64_t number) {
  std::string digits = std::to_string(number);
  return digits.insert(0, 8 - std::min<size_t>(8, digits.size()), '0');
}

}  // namespace

std::string model_version_key(const std::string& model, uint64_t version) {
  return model + "/" + eight_digits(version);
}

std::string model_part_key(std::string_view version_key, size_t part) {
  return std::string(version_key) + "/" + eight_digits(part);
}

bool belongs_to(std::string_view key, std::string_view owner) {
  return key.size() == owner.size() + 9 && key[owner.size()] == '/' && key.starts_with(owner) &&
         std::all_of(key.end() - 8, key.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string encode_model_version(const ModelVersion& v, uint64_t bytes) {
  contract::ModelVersion out;
  out.set_model(v.model);
  out.set_version(v.version);
  out.set_type(v.type);
  for (const auto& [name, value] : v.parameters) {
    auto* parameter = out.add_parameters();
    parameter->set_name(name);
    parameter->set_value(value);
  }
  out.set_seed(v.seed);
  out.set_trained_micros(v.trained.micros);
  out.set_seconds(v.seconds);
  out.set_users(v.users);
  out.set_items(v.items);
  out.set_interactions(v.interactions);
  out.set_first_event_micros(v.first_event.micros);
  out.set_last_event_micros(v.last_event.micros);
  for (const auto& [source, offset] : v.read_to) {
    auto* position = out.add_read_to();
    position->set_source(source);
    position->set_offset(offset);
  }
  for (const auto& [name, value] : v.metrics) {
    auto* metric = out.add_metrics();
    metric->set_name(name);
    metric->set_value(value);
  }
  out.set_bytes(bytes);
  out.set_parent(v.parent);
  out.set_state(static_cast<contract::ModelVersion::State>(v.state));
  out.set_reason(v.reason);
  out.set_since_micros(v.since.micros);
  if (v.served)
    out.set_served_micros(v.served->micros);
  out.set_pinned(v.pinned);
  return out.SerializeAsString();
}

Result<StoredModelVersion> decode_model_version(std::string_view key, std::string_view value, bool live) {
  const google::protobuf::LogSilencer quiet;  // what is wrong is in the status
  contract::ModelVersion in;
  if (!in.ParseFromArray(value.data(), static_cast<int>(value.size())))
    return data_loss("the description of model version " + in_quotes(key) + " cannot be decoded");
  StoredModelVersion out;
  ModelVersion& v = out.version;
  v.model = in.model();
  v.version = in.version();
  v.type = in.type();
  for (const auto& parameter : in.parameters())
    v.parameters.emplace_back(parameter.name(), parameter.value());
  v.seed = in.seed();
  v.trained = {in.trained_micros()};
  v.seconds = in.seconds();
  v.users = in.users();
  v.items = in.items();
  v.interactions = in.interactions();
  v.first_event = {in.first_event_micros()};
  v.last_event = {in.last_event_micros()};
  for (const auto& position : in.read_to())
    v.read_to.emplace_back(position.source(), position.offset());
  for (const auto& metric : in.metrics())
    v.metrics.emplace_back(metric.name(), metric.value());
  out.bytes = in.bytes();
  v.parent = in.parent();
  v.reason = in.reason();
  v.pinned = in.pinned();
  if (in.state() == contract::ModelVersion::STATE_UNKNOWN) {  // every version went live then
    v.state = live ? ModelState::kLive : ModelState::kArchived;
    v.since = v.trained;
    v.served = v.trained;
    out.has_state = false;
    return out;
  }
  if (in.state() < contract::ModelVersion::CANDIDATE || in.state() > contract::ModelVersion::REJECTED)
    return data_loss("model version " + in_quotes(key) + " is in state " + std::to_string(in.state()) +
                     ", which is not known");
  v.state = static_cast<ModelState>(in.state());
  v.since = {in.since_micros()};
  if (in.has_served_micros())
    v.served = Timestamp{in.served_micros()};
  return out;
}

}  // namespace penstock
