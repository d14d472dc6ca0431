#include <algorithm>

#include "actors/components.h"
#include "actors/sinks/delivery.h"
#include "actors/sinks/kafka.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Diagnostics;
using topology::Input;
using topology::Kind;

constexpr size_t kLongestTopic = 249;  // Kafka's bound

std::vector<topology::Property> properties() {
  return {
      {.name = "topic", .kind = Kind::kString, .meaning = "The topic; it must be there.", .required = true},
      {.name = "format",
       .kind = Kind::kChoice,
       .meaning = "A record's payload: a JSON object, a line of CSV without its end, a message "
                  "penstock.contract.RecordBatch of one row, or the one column as it is.",
       .default_value = "json",
       .choices = {"json", "csv", "protobuf", "raw"}},
      {.name = "columns",
       .kind = Kind::kMap,
       .meaning = "What the payload holds: names, each with an expression over the input's columns; by default all "
                  "columns.",
       .minimum = 1,
       .element = Kind::kExpression},
      {.name = "key",
       .kind = Kind::kExpression,
       .meaning = "The record's key, as text; null: none. By default the key of a view (a JSON array of several "
                  "columns), and else none."},
      {.name = "partition",
       .kind = Kind::kExpression,
       .meaning = "The number of the topic's partition, from 0. By default the key decides, as with Java's client, and "
                  "without a key any."},
      {.name = "headers",
       .kind = Kind::kMap,
       .meaning = "Further headers: names, each with an expression; null: none. `penstock-id` is always there.",
       .element = Kind::kExpression},
      {.name = "timestamp",
       .kind = Kind::kColumn,
       .meaning = "The column with the record's time; by default the time at which it is sent."},
      {.name = "compression",
       .kind = Kind::kChoice,
       .meaning = "How records that are sent together are compressed.",
       .default_value = "lz4",
       .choices = {"none", "gzip", "snappy", "lz4", "zstd"}},
      {.name = "exactly_once",
       .kind = Kind::kBool,
       .meaning = "Write in transactions: whoever reads committed records sees each once. Otherwise each is written "
                  "at least once, with its stable id.",
       .default_value = "true"},
      {.name = "batch_rows",
       .kind = Kind::kInteger,
       .meaning = "How many rows a transaction carries at most.",
       .default_value = "20000",
       .minimum = 1,
       .maximum = 100'000,
       .unit = "rows"},
      {.name = "batch_bytes",
       .kind = Kind::kBytes,
       .meaning = "How much is sent to a partition in one piece. The topic's max.message.bytes must allow it; where it "
                  "does not, less is sent.",
       .default_value = "1MB",
       .minimum = 256,
       .maximum = 1'000'000'000},
      {.name = "timeout",
       .kind = Kind::kDuration,
       .meaning = "How long brokers may take for a delivery before it is tried anew.",
       .default_value = "10s",
       .minimum = 1,
       .maximum = 20},
  };
}

void check_topic(const Component& component, Diagnostics& diagnostics) {
  if (!component.has("topic"))
    return;
  const std::string& topic = component.text("topic");
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  if (topic.empty() || topic.size() > kLongestTopic || topic == "." || topic == ".." ||
      !std::all_of(topic.begin(), topic.end(), allowed))
    diagnostics.error(component.place_of("topic"), "wrong-value", "\"" + topic + "\" is no name of a topic",
                      "letters, digits and . _ -, at most " + std::to_string(kLongestTopic) + " of them");
}

KafkaFormat format_of(const Component& component) {
  const std::string& format = component.text("format");
  return format == "csv"        ? KafkaFormat::kCsv
         : format == "protobuf" ? KafkaFormat::kProtobuf
         : format == "raw"      ? KafkaFormat::kRaw
                                : KafkaFormat::kJson;
}

void check_raw(const Component& component, const KafkaRecordOptions& options, Diagnostics& diagnostics) {
  const std::vector<Field>& fields = options.schema->fields();
  const bool text = fields.size() == 1 && (fields[0].type == Type::kString || fields[0].type == Type::kJson);
  if (!text)
    diagnostics.error(
        component.place_of(component.has("columns") ? "columns" : "format"), "wrong-type",
        "a raw payload is one text, but " +
            (fields.size() == 1 ? "the column " + fields[0].name + " is " + std::string(type_name(fields[0].type))
                                : "there are " + std::to_string(fields.size()) + " columns"),
        "such as columns: {payload: name}");
}

// The expressions of a map, by their names; nothing where one is wrong.
std::vector<std::pair<std::string, sql::Expression>> expressions(const Component& component, std::string_view property,
                                                                 const SchemaPtr& schema, Diagnostics& diagnostics) {
  std::vector<std::pair<std::string, sql::Expression>> out;
  if (component.has(property))
    for (const auto& [name, text] : component.map(property))
      if (const auto expression = topology::compile_expression(text, schema, diagnostics))
        out.emplace_back(name, *expression);
  return out;
}

// Without a schema if anything was wrong.
KafkaRecordOptions plan_records(const Component& component, const Input& input, Diagnostics& diagnostics) {
  KafkaRecordOptions options;
  options.log = input.id;
  options.format = format_of(component);
  if (component.has("topic"))
    options.topic = component.text("topic");
  if (!input.schema)
    return options;
  const size_t mistakes = diagnostics.list().size();
  std::vector<Field> fields;
  for (const auto& [name, expression] : expressions(component, "columns", input.schema, diagnostics)) {
    fields.push_back({name, expression.type(), !expression.nullable()});
    options.columns.push_back(expression);
  }
  if (fields.empty())
    options.schema = input.schema;
  else
    options.schema = topology::make_schema(std::move(fields), component.place_of("columns"), diagnostics);
  if (options.schema && options.format == KafkaFormat::kRaw)
    check_raw(component, options, diagnostics);
  if (component.has("key"))
    options.key = topology::compile_expression(component, "key", input.schema, diagnostics);
  else
    for (const std::string& name : input.key)
      if (const auto column = input.schema->index_of(name))
        options.key_columns.push_back(*column);
  if (component.has("partition"))
    options.partition = topology::compile_expression(component, "partition", {Type::kInt64}, input.schema, diagnostics);
  options.headers = expressions(component, "headers", input.schema, diagnostics);
  for (const auto& [name, expression] : options.headers)
    if (name == kRecordIdHeader)
      diagnostics.error(component.map("headers").front().second.place, "reserved-name",
                        std::string(kRecordIdHeader) + " is the header with the record's stable id",
                        "give the header another name");
  if (component.has("timestamp"))
    options.timestamp = topology::check_column(component, "timestamp", input.schema, diagnostics, {Type::kTimestamp});
  if (diagnostics.list().size() > mistakes)
    options.schema = nullptr;
  return options;
}

}  // namespace

topology::ComponentType kafka_sink_type() {
  topology::ComponentType type;
  type.role = topology::Role::kSink;
  type.name = "kafka";
  type.summary = "Puts rows into a Kafka topic, each exactly once.";
  type.example =
      "purchases_out:\n"
      "  type: kafka\n"
      "  input: shop\n"
      "  brokers: localhost:9092\n"
      "  topic: purchases\n"
      "  key: user_id\n"
      "  columns: {id: event_id, customer: user_id, total: price * quantity}\n";
  type.properties = kafka_properties();
  for (topology::Property& property : properties())
    type.properties.push_back(std::move(property));
  for (topology::Property& property : delivery_properties())
    type.properties.push_back(std::move(property));
  type.bind = [](const Component& component, const topology::BindContext& context) {
    check_kafka(component, context, kafka_producer_own_settings());
    check_topic(component, context.diagnostics);
    (void)plan_records(component, context.inputs[0], context.diagnostics);
    check_delivery(component, context.diagnostics);
    return topology::Binding{};
  };
  return type;
}

Result<SinkPtr> make_kafka_sink(const MakeContext& context) {
  const Component& component = context.component;
  Diagnostics diagnostics;
  KafkaSinkOptions options;
  options.records = plan_records(component, context.inputs[0], diagnostics);
  if (!options.records.schema)
    return internal_error("the sink " + component.id + " was not checked before it was made");
  options.producer.settings = kafka_settings(component, context.folder);
  options.producer.settings.emplace_back("compression.codec", component.text("compression"));
  options.producer.topic = options.records.topic;
  options.producer.timeout = component.duration("timeout");
  options.producer.batch_bytes = component.bytes("batch_bytes").count;
  options.exactly_once = component.flag("exactly_once");
  options.name = "penstock." + (context.topology ? context.topology->name : "") + "." + component.id + "." +
                 context.inputs[0].id + "." + context.store_id;
  options.batch_rows = static_cast<uint64_t>(component.integer("batch_rows"));
  return SinkPtr(std::make_unique<KafkaSink>(std::move(options)));
}

}  // namespace penstock
