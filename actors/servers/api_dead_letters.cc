// GET, DELETE /v1/dead-letters, GET /v1/dead-letters/summary and /{number}.
#include <charconv>

#include "actors/servers/api_dead_letters.h"
#include "actors/servers/api_routes.h"
#include "actors/servers/json_writer.h"
#include "core/units.h"
#include "messages/timestamp.h"

namespace penstock {
namespace {

using In = ApiParameter::In;
using Kind = ApiParameter::Kind;

const std::vector<ApiParameter> kFilter = {
    {In::kQuery, "stage", Kind::kText, "Only letters of this component."},
    {In::kQuery, "reason", Kind::kText, "Only letters whose reason contains this."},
    {In::kQuery, "since", Kind::kText, "Only letters from this time on: ISO 8601, or so long ago, such as 1h."},
    {In::kQuery, "until", Kind::kText, "Only letters from before this time, written as for `since`."},
    {In::kQuery, "replayed", Kind::kText, "true or false: only letters that were, or were not, replayed."},
};

std::vector<ApiParameter> with_filter(std::vector<ApiParameter> more) {
  std::vector<ApiParameter> out = kFilter;
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

std::optional<Offset> parse_number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(Offset(number))
                                                                                   : std::nullopt;
}

// The filter of a query, with what is wrong in it.
LetterFilter read_filter(const ApiCall& call, Timestamp now, std::vector<ProblemDetail>& errors) {
  LetterFilter filter;
  filter.stage = call.text("stage");
  filter.reason = call.text("reason");
  const auto time = [&](const char* name, std::optional<Timestamp>& out) {
    if (const std::string text = call.text(name); !text.empty() && !(out = parse_letter_time(text, now)))
      errors.push_back({name, "expected " + std::string(kLetterTime) + ", found \"" + text + "\""});
  };
  time("since", filter.since);
  time("until", filter.until);
  if (const std::string text = call.text("replayed"); text == "true" || text == "false")
    filter.replayed = text == "true";
  else if (!text.empty())
    errors.push_back({"replayed", "expected true or false, found \"" + text + "\""});
  return filter;
}

// Answers what is wrong, if anything is; else gives the desk.
DeadLetterDesk* desk_for(const ApiContext& context, const ApiCall& call, const std::vector<ProblemDetail>& errors,
                         const Responder& respond) {
  DeadLetterDesk* desk = context.node.dead_letters();
  if (desk == nullptr)
    respond(problem(503, "the node is not there yet, or not any more", call.request.path));
  else if (!errors.empty())
    respond(problem(400, "query parameter `" + errors.front().pointer + "`: " + errors.front().detail,
                    call.request.path, errors));
  return errors.empty() ? desk : nullptr;
}

void list(const ApiContext& context, ApiCall call, const Responder& respond) {
  std::vector<ProblemDetail> errors;
  const LetterFilter filter = read_filter(call, context.clock.now(), errors);
  const std::string from = call.text("from");
  const auto begin = parse_number(from);
  if (!from.empty() && !begin)
    errors.push_back({"from", "expected the number of a letter, found \"" + from + "\""});
  const DeadLetterDesk* desk = desk_for(context, call, errors, respond);
  if (desk == nullptr)
    return;
  const auto limit = static_cast<size_t>(call.integer(context.route.parameter("limit")));
  const Result<LetterPage> page = desk->list(filter, begin, limit);
  respond(page.ok() ? json_answer(to_json(*page)) : problem(page.status(), call.request.path));
}

void summary(const ApiContext& context, ApiCall call, const Responder& respond) {
  std::vector<ProblemDetail> errors;
  const LetterFilter filter = read_filter(call, context.clock.now(), errors);
  const DeadLetterDesk* desk = desk_for(context, call, errors, respond);
  if (desk == nullptr)
    return;
  const Result<LetterSummary> summary = desk->summary(filter);
  respond(summary.ok() ? json_answer(to_json(*summary)) : problem(summary.status(), call.request.path));
}

void show(const ApiContext& context, ApiCall call, const Responder& respond) {
  const std::string& text = call.path_text("number");
  const auto number = parse_number(text);
  const DeadLetterDesk* desk = desk_for(context, call, {}, respond);
  if (desk == nullptr)
    return;
  if (!number)
    return respond(
        problem(404, "a dead letter is known by its number, and \"" + text + "\" is none", call.request.path));
  const Result<LetterDetail> detail = desk->show(*number);
  respond(detail.ok() ? json_answer(to_json(*detail)) : problem(detail.status(), call.request.path));
}

void purge(const ApiContext& context, ApiCall call, const Responder& respond) {
  std::vector<ProblemDetail> errors;
  LetterFilter filter = read_filter(call, context.clock.now(), errors);
  for (const std::string& text : call.list("numbers"))
    if (const auto number = parse_number(text))
      filter.numbers.push_back(*number);
    else
      errors.push_back({"numbers", "expected numbers of letters, found \"" + text + "\""});
  const std::string all = call.text("all");
  if (call.request.query.empty() || (!all.empty() && all != "true"))
    errors.push_back({"all", "say which letters, or all=true for all of them"});
  DeadLetterDesk* desk = desk_for(context, call, errors, respond);
  if (desk == nullptr)
    return;
  desk->purge(filter, [respond, path = call.request.path](const Result<uint64_t>& purged) {
    if (!purged.ok())
      return respond(problem(purged.status(), path));
    JsonWriter json;
    json.begin_object();
    json.field("purged", *purged);
    json.end_object();
    respond(json_answer(json.take()));
  });
}

}  // namespace

std::optional<Timestamp> parse_letter_time(std::string_view text, Timestamp now) {
  if (const auto timestamp = parse_timestamp(text))
    return timestamp;
  const auto ago = parse_duration(text);
  return ago.ok() ? std::optional(Timestamp{now.micros - ago->micros}) : std::nullopt;
}

std::vector<ApiRoute> dead_letter_routes() {
  return {
      {.method = "GET",
       .path = "/v1/dead-letters",
       .id = "dead_letters",
       .summary = "Records that were set aside, newest first.",
       .parameters = with_filter({{In::kQuery, "from", Kind::kText, "From this number down: the `next` of a page."},
                                  {In::kQuery, "limit", Kind::kInteger, "At most so many.", 50, 1, 1000}}),
       .answers = {{200, "A page; `next` is null on the last one.", "DeadLetters"},
                   {400, "A parameter is wrong.", "Problem"}},
       .handle = list},
      {.method = "DELETE",
       .path = "/v1/dead-letters",
       .id = "purge_dead_letters",
       .summary = "Removes letters; answered when that is durable.",
       .parameters = with_filter({{In::kQuery, "numbers", Kind::kList, "Only these."},
                                  {In::kQuery, "all", Kind::kText, "true: all letters, if nothing else is said."}}),
       .answers = {{200, "How many there were.", "Purged"}, {400, "It is not said which.", "Problem"}},
       .handle = purge},
      {.method = "GET",
       .path = "/v1/dead-letters/summary",
       .id = "dead_letter_summary",
       .summary = "How many letters there are of each component and kind of reason.",
       .parameters = kFilter,
       .answers = {{200, "The groups, the largest first.", "DeadLetterSummary"},
                   {400, "A parameter is wrong.", "Problem"}},
       .handle = summary},
      {.method = "GET",
       .path = "/v1/dead-letters/{number}",
       .id = "dead_letter",
       .summary = "One letter, with what a repair needs: where a replay would go, and the record that is there.",
       .parameters = {{In::kPath, "number", Kind::kText, "The letter's number."}},
       .answers = {{200, "The letter.", "DeadLetter"}, {404, "There is no such letter.", "Problem"}},
       .handle = show},
      dead_letter_replay_route(),
  };
}

}  // namespace penstock
