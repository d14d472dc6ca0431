#include "actors/servers/api_dead_letters.h"
#include "actors/servers/json_writer.h"

namespace penstock {
namespace {

template <class Id>
void optional_id(JsonWriter& json, const char* name, const std::optional<Id>& id) {
  json.key(name);
  id ? json.value(id->value()) : json.null();
}

void fields(JsonWriter& json, const DeadLetter& letter) {
  json.field("number", letter.number.value());
  json.field("topology", letter.topology);
  json.field("stage", letter.stage);
  json.field("reason", letter.reason);
  json.field("log", letter.log);
  optional_id(json, "partition", letter.partition);
  optional_id(json, "offset", letter.offset);
  json.field("record", letter.record);
  json.field("at", letter.at);
  json.key("replayed");
  if (letter.replayed) {
    json.begin_object();
    json.field("at", letter.replayed->at);
    json.field("log", letter.replayed->log);
    json.field("times", letter.replayed->times);
    json.end_object();
  } else {
    json.null();
  }
}

}  // namespace

std::string to_json(const DeadLetter& letter) {
  JsonWriter json;
  json.begin_object();
  fields(json, letter);
  json.end_object();
  return json.take();
}

std::string to_json(const LetterPage& page) {
  JsonWriter json;
  json.begin_object();
  json.key("letters").begin_array();
  for (const DeadLetter& letter : page.letters) {
    json.begin_object();
    fields(json, letter);
    json.end_object();
  }
  json.end_array();
  optional_id(json, "next", page.next);
  json.end_object();
  return json.take();
}

std::string to_json(const LetterSummary& summary) {
  JsonWriter json;
  json.begin_object();
  json.key("groups").begin_array();
  for (const LetterGroup& group : summary.groups) {
    json.begin_object();
    json.field("stage", group.stage);
    json.field("reason", group.reason);
    json.field("letters", group.letters);
    json.field("replayed", group.replayed);
    json.field("newest", group.newest);
    json.field("example", group.example.value());
    json.end_object();
  }
  json.end_array();
  optional_id(json, "older", summary.older);
  json.end_object();
  return json.take();
}

std::string to_json(const LetterDetail& detail) {
  JsonWriter json;
  json.begin_object();
  fields(json, detail.letter);
  json.key("replay").begin_object();
  json.key("log");
  detail.replay_log.empty() ? json.null() : json.value(detail.replay_log);
  json.field("columns", detail.columns);
  json.key("original");
  detail.original.empty() ? json.null() : json.raw(detail.original);
  json.field("refused", detail.refusal);
  json.end_object();
  json.end_object();
  return json.take();
}

std::string to_json(const ReplayAnswer& answer) {
  JsonWriter json;
  json.begin_object();
  json.key("replayed").begin_array();
  for (const ReplayAnswer::Done& done : answer.replayed) {
    json.begin_object();
    json.field("number", done.number.value());
    json.field("log", done.log);
    json.end_object();
  }
  json.end_array();
  json.key("refused").begin_array();
  for (const ReplayAnswer::Refused& refused : answer.refused) {
    json.begin_object();
    json.field("number", refused.number.value());
    json.field("reason", refused.reason);
    json.end_object();
  }
  json.end_array();
  json.field("left", answer.left);
  json.end_object();
  return json.take();
}

}  // namespace penstock
