#include <algorithm>

#include "actors/components.h"
#include "actors/sources/kafka.h"
#include "actors/sources/log_properties.h"
#include "actors/sources/record_properties.h"
#include "messages/timestamp.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Kind;

constexpr size_t kLongestTopic = 249;

const std::vector<KafkaOwnSetting> kOwn = {
    {"group.id", "group"},
    {"auto.offset.reset", "start"},
    {"isolation.level", "isolation"},
    {"partition.assignment.strategy", ""},
    {"enable.auto.commit", ""},
    {"auto.commit.enable", ""},
    {"enable.auto.offset.store", ""},
    {"enable.partition.eof", ""},
    {"allow.auto.create.topics", ""},
};

bool is_topic(const std::string& name) {
  const auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.size() <= kLongestTopic && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), legal);
}

std::vector<std::string> topics_of(const Component& component) {
  if (component.has("topic"))
    return {component.text("topic")};
  return component.has("topics") ? component.texts("topics") : std::vector<std::string>{};
}

void check_topics(const Component& component, topology::Diagnostics& diagnostics) {
  const topology::Place place = component.place_of(component.has("topic") ? "topic" : "topics");
  if (component.has("topic") == component.has("topics")) {
    diagnostics.error(component.has("topic") ? place : component.place,
                      component.has("topic") ? "conflict" : "missing-key",
                      "the source " + component.id + " needs either topic or topics", "");
    return;
  }
  std::vector<std::string> topics = topics_of(component);
  for (const std::string& topic : topics)
    if (!is_topic(topic))
      diagnostics.error(place, "wrong-value", "\"" + topic + "\" is no topic's name",
                        "it has up to 249 letters, digits, `.`, `_` and `-`");
  std::sort(topics.begin(), topics.end());
  if (std::adjacent_find(topics.begin(), topics.end()) != topics.end())
    diagnostics.error(place, "duplicate", "topics names a topic twice", "name each once");
}

std::optional<KafkaStart> start_of(const Component& component) {
  const std::string& text = component.text("start");
  if (text == "earliest" || text == "latest")
    return KafkaStart{text == "latest" ? KafkaStart::Kind::kLatest : KafkaStart::Kind::kEarliest, 0};
  const auto time = parse_timestamp(text);
  if (!time)
    return std::nullopt;
  return KafkaStart{KafkaStart::Kind::kTime, time->micros / 1000};
}

topology::Binding bind_kafka_source(const Component& component, const topology::BindContext& context) {
  topology::Binding binding;
  topology::Diagnostics& diagnostics = context.diagnostics;
  binding.output = check_records(component, context);
  check_kafka(component, context, kOwn);
  check_topics(component, diagnostics);
  if (!start_of(component))
    diagnostics.error(component.place_of("start"), "wrong-value", "start cannot be \"" + component.text("start") + "\"",
                      "it is earliest, latest, or a time such as 2024-05-01T00:00:00Z");
  const auto columns = check_kafka_columns(component, binding.output, diagnostics);
  check_payload(component, payload_schema(binding.output, columns), context);
  check_log(component, binding.output, diagnostics);
  return binding;
}

}  // namespace

topology::ComponentType kafka_source_type() {
  topology::ComponentType type;
  type.role = topology::Role::kSource;
  type.name = "kafka";
  type.summary = "Records of topics in Kafka, each exactly once, as a member of a consumer group.";
  type.example =
      "events:\n"
      "  type: kafka\n"
      "  brokers: localhost:9092\n"
      "  topic: events\n"
      "  schema: event\n"
      "  event_time: at\n";
  type.min_inputs = type.max_inputs = 0;
  type.properties = kafka_properties();
  const std::vector<topology::Property> own = {
      {.name = "topic", .kind = Kind::kString, .meaning = "The topic to read; or give `topics`."},
      {.name = "topics",
       .kind = Kind::kList,
       .meaning = "Several topics, whose records have one schema.",
       .minimum = 1},
      {.name = "group",
       .kind = Kind::kString,
       .meaning =
           "The consumer group. Nodes of one group share the topic's partitions; a source under a new group reads "
           "anew. Default: the topology's name, a dot, the source's."},
      {.name = "start",
       .kind = Kind::kString,
       .meaning = "Where to begin in a partition that the group has not read: earliest, latest, or a time such as "
                  "`2024-05-01T00:00:00Z`. A partition added to the topic later is read from its beginning.",
       .default_value = "earliest"},
      {.name = "isolation",
       .kind = Kind::kChoice,
       .meaning = "Whether to pass over records of transactions that were aborted, and wait for those that are open.",
       .default_value = "read_committed",
       .choices = {"read_committed", "read_uncommitted"}},
      {.name = "tombstones",
       .kind = Kind::kChoice,
       .meaning = "What to do with records without a payload.",
       .default_value = "reject",
       .choices = {"reject", "drop"}},
      kafka_columns_property(),
  };
  for (const auto& more : {own, payload_properties(), record_properties(), log_properties()})
    type.properties.insert(type.properties.end(), more.begin(), more.end());
  type.bind = bind_kafka_source;
  return type;
}

Result<SourcePtr> make_kafka_source(const MakeContext& context) {
  const Component& component = context.component;
  topology::Diagnostics none("");
  KafkaSourceOptions options;
  options.schema = context.binding.output;
  options.columns = check_kafka_columns(component, options.schema, none);
  options.drop_tombstones = component.text("tombstones") == "drop";
  PENSTOCK_ASSIGN(auto decoder, make_payload_decoder(payload_format(component, context.folder),
                                                     payload_schema(options.schema, options.columns)));
  KafkaConsumerOptions consumer;
  consumer.settings = kafka_settings(component, context.folder);
  consumer.topics = topics_of(component);
  consumer.read_committed = component.text("isolation") == "read_committed";
  const std::string before = context.topology ? context.topology->name + "." : "";
  consumer.group = component.has("group") ? component.text("group") : before + component.id;
  const auto make = [consumer](bool alone) {
    KafkaConsumerOptions with = consumer;
    with.alone = alone;
    return make_kafka_consumer(with);
  };
  KafkaGroupOptions group{context.store_id.empty() ? "nobody" : context.store_id, consumer.group,
                          start_of(component).value_or(KafkaStart{})};
  return SourcePtr(std::make_unique<KafkaSource>(
      std::move(options), std::make_unique<KafkaGroup>(std::move(group), make, context.clock), std::move(decoder)));
}

}  // namespace penstock
