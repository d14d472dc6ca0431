// POST /v1/dead-letters/replay.
//
//   {"numbers": [3, 4], "filter": {"stage", "reason", "since", "until", "all"}, "repaired": [{"number", "record"}], "again": false, "limit": 1000}
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "actors/servers/api_dead_letters.h"
#include "core/nearest.h"

namespace penstock {
namespace {

using rapidjson::Value;

constexpr size_t kMostAtOnce = 10'000;

std::string text_of(const Value& value) { return {value.GetString(), value.GetStringLength()}; }

std::string json_of(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

// Reads the body; the first mistake counts.
class Body {
 public:
  explicit Body(Timestamp now) : now_(now) {}

  Result<ReplayRequest> read(const std::string& text) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag>(text.data(), text.size());
    if (document.HasParseError())
      return invalid_argument("byte " + std::to_string(document.GetErrorOffset()) +
                              " of the body: " + rapidjson::GetParseError_En(document.GetParseError()));
    PENSTOCK_TRY(members(document, "", {"numbers", "filter", "repaired", "again", "limit"}));
    if (const Value* numbers = find(document, "numbers"))
      PENSTOCK_TRY(read_numbers(*numbers));
    if (const Value* filter = find(document, "filter"))
      PENSTOCK_TRY(read_filter(*filter));
    if (const Value* repaired = find(document, "repaired"))
      PENSTOCK_TRY(read_repaired(*repaired));
    if (const Value* again = find(document, "again")) {
      if (!again->IsBool())
        return wrong("/again", "true or false", *again);
      request_.again = again->GetBool();
    }
    if (const Value* limit = find(document, "limit")) {
      if (!limit->IsUint64() || limit->GetUint64() < 1 || limit->GetUint64() > kMostAtOnce)
        return wrong("/limit", "a whole number from 1 to " + std::to_string(kMostAtOnce), *limit);
      request_.limit = limit->GetUint64();
    }
    if (!find(document, "numbers") && !find(document, "filter") && request_.repaired.empty())
      return invalid_argument(
          "say which letters: `numbers`, `filter` or `repaired`; {\"filter\":{\"all\":true}} means all");
    return std::move(request_);
  }

 private:
  static const Value* find(const Value& object, const char* name) {
    const auto found = object.FindMember(name);
    return found == object.MemberEnd() ? nullptr : &found->value;
  }
  static Status wrong(const std::string& pointer, const std::string& expected, const Value& found) {
    std::string shown = json_of(found);
    if (shown.size() > 60)
      shown = shown.substr(0, 60) + "...";
    return invalid_argument("the body" + (pointer.empty() ? "" : " at " + pointer) + ": expected " + expected +
                            ", found " + shown);
  }
  static Status absent(const std::string& pointer, const char* name) {
    return invalid_argument("the body at " + pointer + ": there is no `" + name + "`");
  }
  static Status members(const Value& value, const std::string& pointer, const std::vector<std::string>& known) {
    if (!value.IsObject())
      return wrong(pointer, "an object", value);
    for (const auto& member : value.GetObject()) {
      const std::string name = text_of(member.name);
      if (std::find(known.begin(), known.end(), name) != known.end())
        continue;
      const auto meant = nearest(name, known);
      std::string list;
      for (const std::string& one : known)
        list.append(list.empty() ? "" : ", ").append(one);
      std::string text = "the body at ";
      text.append(pointer).append("/").append(name).append(": unknown; ");
      text.append(meant ? "did you mean `" + *meant + "`?" : "known are " + list);
      return invalid_argument(std::move(text));
    }
    return ok();
  }

  Status read_numbers(const Value& numbers) {
    if (!numbers.IsArray() || numbers.Empty())
      return wrong("/numbers", "an array of numbers of letters", numbers);
    for (const Value& number : numbers.GetArray()) {
      if (!number.IsUint64())
        return wrong("/numbers", "numbers of letters", number);
      request_.filter.numbers.emplace_back(number.GetUint64());
    }
    return ok();
  }

  Status read_text(const Value& filter, const char* name, std::string& out) {
    const Value* value = find(filter, name);
    if (value != nullptr && !value->IsString())
      return wrong("/filter/" + std::string(name), "a text", *value);
    out = value != nullptr ? text_of(*value) : "";
    return ok();
  }

  Status read_time(const Value& filter, const char* name, std::optional<Timestamp>& out) {
    std::string text;
    PENSTOCK_TRY(read_text(filter, name, text));
    if (!text.empty() && !(out = parse_letter_time(text, now_)))
      return wrong("/filter/" + std::string(name), kLetterTime, *find(filter, name));
    return ok();
  }

  Status read_filter(const Value& filter) {
    PENSTOCK_TRY(members(filter, "/filter", {"stage", "reason", "since", "until", "all"}));
    PENSTOCK_TRY(read_text(filter, "stage", request_.filter.stage));
    PENSTOCK_TRY(read_text(filter, "reason", request_.filter.reason));
    PENSTOCK_TRY(read_time(filter, "since", request_.filter.since));
    PENSTOCK_TRY(read_time(filter, "until", request_.filter.until));
    const Value* all = find(filter, "all");
    if (all != nullptr && !all->IsTrue())
      return wrong("/filter/all", "true, or nothing", *all);
    if (filter.ObjectEmpty())
      return invalid_argument("the body at /filter: empty; {\"all\":true} means all letters");
    request_.all = true;
    return ok();
  }

  Status read_repaired(const Value& repaired) {
    if (!repaired.IsArray())
      return wrong("/repaired", "an array", repaired);
    if (repaired.Size() > kMostAtOnce)
      return invalid_argument("the body at /repaired: at most " + std::to_string(kMostAtOnce) + " records at once");
    for (rapidjson::SizeType i = 0; i < repaired.Size(); ++i) {
      const std::string pointer = "/repaired/" + std::to_string(i);
      PENSTOCK_TRY(members(repaired[i], pointer, {"number", "record"}));
      const Value* number = find(repaired[i], "number");
      const Value* record = find(repaired[i], "record");
      if (number == nullptr || !number->IsUint64())
        return number == nullptr ? absent(pointer, "number")
                                 : wrong(pointer + "/number", "the number of a letter", *number);
      if (record == nullptr || !record->IsObject())
        return record == nullptr ? absent(pointer, "record")
                                 : wrong(pointer + "/record", "the repaired record, an object", *record);
      request_.repaired.push_back({Offset(number->GetUint64()), json_of(*record)});
    }
    return ok();
  }

  const Timestamp now_;
  ReplayRequest request_;
};

void replay(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string_view type = call.request.header("Content-Type").value_or("");
  if (!equal_ignoring_case(type.substr(0, type.find(';')), "application/json"))
    return respond(problem(415, "send the body as application/json", call.request.path));
  DeadLetterDesk* desk = context.node.dead_letters();
  if (desk == nullptr)
    return respond(problem(503, "the node is not there yet, or not any more", call.request.path));
  Result<ReplayRequest> request = parse_replay(call.request.body, context.clock.now());
  if (!request.ok())
    return respond(problem(request.status(), call.request.path));
  desk->replay(std::move(request).value(), [respond, path = call.request.path](const Result<ReplayAnswer>& answer) {
    respond(answer.ok() ? json_answer(to_json(*answer)) : problem(answer.status(), path));
  });
}

}  // namespace

Result<ReplayRequest> parse_replay(const std::string& body, Timestamp now) { return Body(now).read(body); }

ApiRoute dead_letter_replay_route() {
  return {
      .method = "POST",
      .path = "/v1/dead-letters/replay",
      .id = "replay_dead_letters",
      .summary =
          "Appends records of letters, or repaired ones, to the logs they belong to; answered when that is durable.",
      .parameters = {},
      .answers = {{200, "What was replayed, and what was not, with the reasons.", "Replayed"},
                  {400, "The body is wrong.", "Problem"},
                  {415, "The body is no JSON.", "Problem"},
                  {429, "The disk budget is used up; try again later.", "Problem"}},
      .handle = replay,
      .body_types = {"application/json"},
      .body_schema = "Replay"};
}

}  // namespace penstock
