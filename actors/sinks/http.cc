#include "actors/sinks/http.h"

#include "actors/components.h"
#include "actors/sinks/delivery.h"
#include "actors/sinks/record_id.h"
#include "messages/json_writer.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

constexpr size_t kShownAnswer = 200;  // bytes of a refusal's body that go into the error

// What an answer that is no success means for the rows.
Status refusal(const HttpResponse& answer, const std::string& url) {
  std::string text = url + " answered " + std::to_string(answer.status);
  if (const std::string_view phrase = reason_phrase(answer.status); !phrase.empty())
    text += " " + std::string(phrase);
  if (!answer.body.empty())
    text += ": " + answer.body.substr(0, kShownAnswer);
  const bool never = answer.status == 400 || answer.status == 413 || answer.status == 422;
  return never ? invalid_argument(text) : unavailable(text);
}

}  // namespace

HttpSink::HttpSink(HttpSinkOptions options)
    : options_(std::move(options)), client_(options_.url, options_.timeout, "receiver") {}

Status HttpSink::open(std::string_view) {
  clear();
  return ok();
}

void HttpSink::clear() {
  body_.clear();
  first_id_.clear();
  last_id_.clear();
}

Status HttpSink::write(const BatchPtr& batch) {
  for (size_t i = 0; i < batch->rows(); ++i) {
    const size_t begin = body_.size() + 1;
    body_ += body_.empty() ? '[' : ',';
    append_row_json(*batch, i, body_);
    last_id_ = record_id(options_.log, batch->origin()->partition, batch->offset(i));
    if (first_id_.empty())
      first_id_ = last_id_;
    if (!options_.record_id.empty()) {  // as the first member
      std::string member;
      append_json_string(options_.record_id, member);
      member += ':';
      append_json_string(last_id_, member);
      if (body_[begin + 1] != '}')
        member += ',';
      body_.insert(begin + 1, member);
    }
    if (options_.lines) {
      body_.erase(begin - 1, 1);
      body_ += '\n';
    }
  }
  return ok();
}

Result<std::string> HttpSink::sync() {
  if (!options_.lines)
    body_ += ']';
  HttpFields headers = options_.headers;
  headers.emplace_back("Idempotency-Key", first_id_ + ".." + last_id_);
  const auto answer =
      client_.post(options_.url.path.empty() ? "/" : "", options_.lines ? "application/x-ndjson" : "application/json",
                   std::move(body_), headers);
  clear();
  if (!answer.ok())
    return answer.status().code() == Code::kUnavailable ? answer.status() : unavailable(answer.status().message());
  if (answer->status < 200 || answer->status > 299)
    return refusal(*answer, options_.url.origin + options_.url.path);
  return std::string();
}

topology::ComponentType http_sink_type() {
  using topology::Kind;
  topology::ComponentType type;
  type.role = topology::Role::kSink;
  type.name = "http";
  type.summary = "Posts rows to a URL, many to a request, each at least once and with a stable id.";
  type.example =
      "purchases_out:\n"
      "  type: http\n"
      "  input: shop\n"
      "  url: http://127.0.0.1:9000/purchases\n";
  type.properties = {
      {.name = "url", .kind = Kind::kString, .meaning = "Where to post: `http://host:port/path`.", .required = true},
      {.name = "format",
       .kind = Kind::kChoice,
       .meaning = "The body: one JSON array of objects, or JSON Lines.",
       .default_value = "json",
       .choices = {"json", "jsonl"}},
      {.name = "record_id",
       .kind = Kind::kString,
       .meaning = "The member of each object that holds the record's stable id, `log/partition/offset`; empty: none.",
       .default_value = "record_id"},
      {.name = "headers", .kind = Kind::kMap, .meaning = "Further headers, such as `Authorization`."},
      {.name = "batch_rows",
       .kind = Kind::kInteger,
       .meaning = "How many rows a request carries at most.",
       .default_value = "500",
       .minimum = 1,
       .maximum = 100'000,
       .unit = "rows"},
      {.name = "timeout",
       .kind = Kind::kDuration,
       .meaning = "How long a request may take.",
       .default_value = "10s",
       .minimum = 0.01},
  };
  for (topology::Property& property : delivery_properties())
    type.properties.push_back(std::move(property));
  type.bind = [](const topology::Component& component, const topology::BindContext& context) {
    if (component.has("url"))
      if (const auto url = parse_url(component.text("url")); !url.ok())
        context.diagnostics.error(component.place_of("url"), "wrong-value", url.status().message(),
                                  "such as http://127.0.0.1:9000/purchases");
    const SchemaPtr& schema = context.inputs[0].schema;
    if (schema && schema->index_of(component.text("record_id")))
      context.diagnostics.error(component.place_of("record_id"), "duplicate-column",
                                "the input has a column named " + component.text("record_id"),
                                "give the member with the record's id another name");
    check_delivery(component, context.diagnostics);
    return topology::Binding{};
  };
  return type;
}

Result<SinkPtr> make_http_sink(const MakeContext& context) {
  const topology::Component& component = context.component;
  HttpSinkOptions options;
  PENSTOCK_ASSIGN(options.url, parse_url(component.text("url")));
  options.timeout = component.duration("timeout");
  options.lines = component.text("format") == "jsonl";
  options.record_id = component.text("record_id");
  options.batch_rows = static_cast<uint64_t>(component.integer("batch_rows"));
  options.log = context.inputs[0].id;
  if (component.has("headers"))
    for (const auto& [name, value] : component.map("headers"))
      options.headers.emplace_back(name, std::get<std::string>(value.value));
  return SinkPtr(std::make_unique<HttpSink>(std::move(options)));
}

}  // namespace penstock
