#include "actors/sources/http.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "actors/sources/log_properties.h"
#include "actors/sources/record_properties.h"
#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Component;
using topology::Kind;

// First segments of what the API answers at itself.
constexpr std::string_view kTaken[] = {"v1", "health", "live", "ready", "metrics", "openapi.json"};

bool is_segment(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '~';
  });
}

void check_path(const Component& component, topology::Diagnostics& diagnostics) {
  const std::string& path = component.text("path");
  const auto wrong = [&](const std::string& what) {
    diagnostics.error(component.place_of("path"), "wrong-value", what, "such as /ingest/" + component.id);
  };
  if (!path.starts_with('/') || path.size() < 2)
    return wrong("a path begins with a slash and has a name behind it");
  const std::string first = path.substr(1, path.find('/', 1) - 1);
  if (std::find(std::begin(kTaken), std::end(kTaken), first) != std::end(kTaken))
    return wrong("the API answers at /" + first + " itself");
  for (std::string_view rest = path; !rest.empty();) {
    rest.remove_prefix(1);  // a slash
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (!is_segment(segment))
      return wrong("a path is made of letters, digits and -_.~ between single slashes");
    rest.remove_prefix(segment.size());
  }
}

void check_among(const Component& component, const std::vector<const Component*>& all,
                 topology::Diagnostics& diagnostics) {
  const auto is_http = [](topology::Role role) {
    return [role](const Component* other) { return other->role == role && other->type == "http"; };
  };
  if (std::none_of(all.begin(), all.end(), is_http(topology::Role::kServer)))
    diagnostics.error(component.place, "no-server",
                      "the source " + component.id + " takes records over HTTP, but the topology has no HTTP server",
                      "add `servers: {api: {type: http, listen: 127.0.0.1:8080}}`");
  for (const Component* other : all) {
    if (other == &component)
      return;
    if (is_http(topology::Role::kSource)(other) && other->has("path") && other->text("path") == component.text("path"))
      diagnostics.error(component.place_of("path"), "conflict",
                        "the source " + other->id + " takes records at " + component.text("path") + " already",
                        "give each source a path of its own");
  }
}

}  // namespace

topology::ComponentType http_source_type() {
  topology::ComponentType type;
  type.role = topology::Role::kSource;
  type.name = "http";
  type.summary =
      "Takes records in over HTTP, as JSON, JSON Lines, CSV or Protobuf; plain, gzip or zstd. Answers when they are "
      "durable.";
  type.example =
      "orders:\n"
      "  type: http\n"
      "  path: /ingest/orders\n"
      "  schema: event\n"
      "  event_time: at\n"
      "  id: id\n";
  type.min_inputs = type.max_inputs = 0;
  type.properties = {
      {.name = "path",
       .kind = Kind::kString,
       .meaning = "Where clients POST records, on every HTTP server of the topology.",
       .required = true},
      {.name = "id",
       .kind = Kind::kColumn,
       .meaning = "The column that tells records apart: one whose value was taken before is not taken again."},
      {.name = "dedupe_for",
       .kind = Kind::kDuration,
       .meaning = "For how long ids, and answers by Idempotency-Key, are remembered.",
       .default_value = "24h",
       .minimum = 1},
      {.name = "max_decoded",
       .kind = Kind::kBytes,
       .meaning = "The largest body that is taken, decompressed; the server's max_body is for what is sent.",
       .default_value = "64MiB",
       .minimum = 1024,
       .maximum = 512.0 * 1024 * 1024},
  };
  for (const auto& more : {record_properties(), log_properties()})
    type.properties.insert(type.properties.end(), more.begin(), more.end());
  type.bind = [](const Component& component, const topology::BindContext& context) {
    topology::Binding binding;
    binding.output = check_records(component, context);
    check_path(component, context.diagnostics);
    (void)topology::check_column(component, "id", binding.output, context.diagnostics);
    check_log(component, binding.output, context.diagnostics);
    return binding;
  };
  type.check_among = check_among;
  return type;
}

}  // namespace penstock
