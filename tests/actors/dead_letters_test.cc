// Dead letters over a store in memory: looking through them, where a replay may go, replaying once, purging.
#include <catch2/catch.hpp>

#include "actors/regions/dead_letter_office.h"
#include "actors/regions/dead_letters.h"
#include "actors/regions/letter_reason.h"
#include "actors/regions/log_reader.h"
#include "messages/batch_codec.h"
#include "messages/json_lines.h"
#include "messages/json_writer.h"
#include "storage/memory_store.h"
#include "tests/support/plan_of.h"

using namespace penstock;

namespace {

const std::string kShop = R"(
name: shop
schemas: {event: {user: {type: int64, required: true}, rating: float64, at: timestamp}}
sources:
  events: {type: http, path: /ingest/events, schema: event, key: user, partitions: 2}
stages:
  clean: {type: validate, input: events, columns: {rating: {range: [1, 5]}}}
servers: {api: {type: http}}
)";

struct Fixture {
  topology::Plan plan;
  MemoryStore store{{.synchronous = true}};
  BatchCache cache{1 << 20};
  ManualClock clock;
  std::unique_ptr<DeadLetterOffice> office;

  explicit Fixture(const std::string& topology = kShop) : plan(penstock::testing::plan_of(topology)) {
    for (const topology::PlannedLog& log : plan.logs)
      REQUIRE(store.open_log(log.name, {log.partitions, {}}).ok());
    REQUIRE(store.open_log(kDeadLettersLog, {1, {}}).ok());
    office = std::make_unique<DeadLetterOffice>(plan, store, cache, clock);
  }

  void set_aside(const std::string& stage, const std::string& log, Rejected letter) {
    clock.advance_micros(1'000'000);
    WriteBatch write;
    const BatchPtr letters = dead_letter_batch(plan.topology.name, log, {{stage, std::move(letter)}}, clock.now());
    write.append(kDeadLettersLog, Partition(0), encode_batch(*letters), 1, clock.now());
    REQUIRE(store.commit_and_wait(std::move(write)).status.ok());
  }
  void from_source(const std::string& record, const std::string& reason = "user: expected int64, found \"x\"") {
    set_aside("events", "", {reason, {}, {}, record});
  }
  void from_clean(uint64_t offset, const std::string& record,
                  const std::string& reason = "rating: expected 1 to 5, found 7") {
    set_aside("clean", "events", {reason, Offset(offset), Partition(0), record});
  }

  ReplayAnswer replay(ReplayRequest request) {
    std::optional<Result<ReplayAnswer>> answer;
    office->replay(std::move(request), [&](Result<ReplayAnswer> result) { answer = std::move(result); });
    REQUIRE(answer);
    INFO(answer->status().to_string());
    REQUIRE(answer->ok());
    return **answer;
  }
  static std::string shown(const ReplayAnswer& answer) {
    std::string out;
    for (const auto& done : answer.replayed)
      out += std::to_string(done.number.value()) + ">" + done.log + " ";
    for (const auto& refused : answer.refused)
      out += std::to_string(refused.number.value()) + ": " + refused.reason + " ";
    return out;
  }
  std::string listed(const LetterFilter& filter = {}, std::optional<Offset> from = {}, size_t limit = 100) {
    const auto page = office->list(filter, from, limit);
    REQUIRE(page.ok());
    std::string out;
    for (const DeadLetter& letter : page->letters)
      out += std::to_string(letter.number.value()) + (letter.replayed ? "r " : " ");
    return out + (page->next ? "next " + std::to_string(page->next->value()) : "");
  }
  std::string rows(const std::string& log) {
    const SchemaPtr schema = plan.topology.find(log)->binding.output;
    LogReader reader(store, nullptr, log, schema);
    REQUIRE(reader.open("").ok());
    std::string out;
    while (true) {
      const auto batch = reader.next();
      REQUIRE(batch.ok());
      if (!*batch)
        return out;
      for (size_t i = 0; i < (*batch)->rows(); ++i)
        out += row_to_json(**batch, i) + "\n";
    }
  }
  void append(const std::string& log, const std::string& lines) {
    JsonLinesDecoder decoder(plan.topology.find(log)->binding.output);
    const Decoded decoded = decoder.decode(lines);
    WriteBatch write;
    write.append(log, Partition(0), encode_batch(*decoded.batch), static_cast<uint32_t>(decoded.batch->rows()),
                 clock.now());
    REQUIRE(store.commit_and_wait(std::move(write)).status.ok());
  }
};

LetterFilter number(uint64_t which) { return {.numbers = {Offset(which)}}; }

}  // namespace

TEST_CASE_METHOD(Fixture, "letters are listed newest first, page by page, and by what is asked for") {
  for (int i = 0; i < 5; ++i) {
    from_source("a");
    from_clean(static_cast<uint64_t>(i), "b");
  }
  CHECK(listed({}, {}, 4) == "9 8 7 6 next 5");
  CHECK(listed({}, Offset(5), 4) == "5 4 3 2 next 1");
  CHECK(listed({}, Offset(1), 4) == "1 0 ");
  CHECK(listed({.stage = "clean"}) == "9 7 5 3 1 ");
  CHECK(listed({.reason = "int64"}) == "8 6 4 2 0 ");
  CHECK(listed({.since = Timestamp{clock.now().micros - 1'000'000}}) == "9 8 ");
  CHECK(listed({.until = Timestamp{clock.now().micros - 7'000'000}}) == "1 0 ");
  CHECK(listed({.numbers = {Offset(3), Offset(8), Offset(99)}}) == "8 3 ");
  CHECK(office->show(Offset(10)).status().message() == "there is no dead letter 10; the log holds 0 to 9");
}

TEST_CASE_METHOD(Fixture, "letters are counted by component and rule, whatever was found") {
  from_source("x", "events.jsonl:17:5: user: expected int64, found \"a; b\"");
  from_source("y", "events.jsonl:2:1: user: expected int64, found \"c\"");
  from_clean(1, "z", "rating: expected 1 to 5, found 7; user: expected a value, found none");
  const auto summary = office->summary({});
  REQUIRE(summary.ok());
  std::string groups;
  for (const LetterGroup& group : summary->groups)
    groups += std::to_string(group.letters) + " " + group.stage + " " + group.reason + "\n";
  CHECK(groups ==
        "2 events user: expected int64\n"
        "1 clean rating: expected 1 to 5\n"
        "1 clean user: expected a value\n");
  CHECK(summary->groups[0].example == Offset(1));
}

TEST_CASE("the kind of a rule is what is left without the record's place and what was found") {
  CHECK(rule_kind("events.jsonl:17:5: user: expected int64, found \"a\"") == "user: expected int64");
  CHECK(rule_kind("line 3: expected an object, found x") == "expected an object");
  CHECK(rule_kind("line 3/user: expected int64, found x") == "user: expected int64");
  CHECK(rule_kind("/3/user: expected int64, found x") == "user: expected int64");
  CHECK(rule_kind("record 12: expected an object") == "expected an object");
  CHECK(rule_kind("where: division by zero") == "where: division by zero");
  CHECK(reason_rules("a: expected x, found \"1; 2\"; b") ==
        std::vector<std::string>{"a: expected x, found \"1; 2\"", "b"});
}

TEST_CASE_METHOD(Fixture,
                 "a repaired record goes to its source's log, by its key, and is marked in the same transaction") {
  from_source(R"({"user":"x","at":"2024-01-01T00:00:00Z"})");
  CHECK(shown(replay({.filter = number(0)})) == "0: still wrong: the record: user: expected int64, found \"x\" ");
  CHECK(rows("events").empty());
  CHECK(shown(replay({.repaired = {{Offset(0), R"({"user":7,"at":"2024-01-01T00:00:00Z"})"}}})) == "0>events ");
  CHECK(rows("events") == R"({"user":7,"rating":null,"at":"2024-01-01T00:00:00Z"})"
                          "\n");
  CHECK(listed() == "0r ");
  CHECK(shown(replay({.repaired = {{Offset(0), R"({"user":7})"}}})) ==
        "0: it was replayed before, into the log events; say `again` to do so again ");
  CHECK(shown(replay({.repaired = {{Offset(0), R"({"user":8})"}}, .again = true})) == "0>events ");
  CHECK(office->show(Offset(0))->letter.replayed->times == 2);
}

TEST_CASE_METHOD(Fixture, "what a stage rejected goes back as it is, with every bit, if the rules were at fault") {
  append("events", R"({"user":1,"rating":0.1}
{"user":2,"rating":7.000000000000001})");
  from_clean(1, R"({"user":2,"rating":7,"at":null})");
  const auto detail = office->show(Offset(0));
  REQUIRE(detail.ok());
  CHECK(detail->replay_log == "events");
  CHECK(detail->original == R"({"user":2,"rating":7.000000000000001,"at":null})");
  CHECK(detail->columns == "user int64!, rating float64, at timestamp");
  CHECK(shown(replay({.filter = {.stage = "clean"}, .all = true})) == "0>events ");
  CHECK(rows("events") == R"({"user":1,"rating":0.1,"at":null}
{"user":2,"rating":7.000000000000001,"at":null}
{"user":2,"rating":7.000000000000001,"at":null}
)");
  CHECK(shown(replay({.all = true})).empty());  // those that were replayed are left out
}

TEST_CASE("a model takes only repaired records, since it trains on the whole log") {
  Fixture shop(
      "name: shop\nservers: {api: {type: http}}\n"
      "schemas: {event: {user: int64, rating: float64}}\n"
      "sources: {events: {type: http, path: /e, schema: event}}\n"
      "models: {taste: {type: popularity, input: events, user: user, item: user, weight: 1 / rating}}\n");
  shop.append("events", R"({"user":1,"rating":0})");
  shop.set_aside("taste", "events", {"weight: division by zero", Offset(0), Partition(0), R"({"user":1,"rating":0})"});
  CHECK(Fixture::shown(shop.replay({.all = true})) ==
        "0: the model taste trains on the whole log events, where this record stands already; give a repaired one ");
  CHECK(Fixture::shown(shop.replay({.repaired = {{Offset(0), R"({"user":1,"rating":1})"}}})) == "0>events ");
  CHECK(
      Fixture::shown(shop.replay({.repaired = {{Offset(0), R"({"user":1,"ratng":1})"}}, .again = true})) ==
      "0: still wrong: the repaired record: expected a column of the schema (did you mean rating?), found \"ratng\" ");
}

TEST_CASE_METHOD(Fixture, "a replay takes the oldest first, up to its limit, and says how many are left") {
  for (uint64_t i = 0; i < 5; ++i)
    from_source(R"({"user":)" + std::to_string(i) + "}");
  const ReplayAnswer first = replay({.all = true, .limit = 3});
  CHECK(shown(first) == "0>events 1>events 2>events ");
  CHECK(first.left == 2);
  CHECK(shown(replay({.all = true, .limit = 3})) == "3>events 4>events ");
  CHECK(shown(replay({.filter = number(77)})) == "77: there is no dead letter 77; the log holds 0 to 4 ");
}

TEST_CASE_METHOD(Fixture, "a refused commit leaves the letter as it was") {
  from_source(R"({"user":1})");
  store.fail_next_commit(resource_exhausted("full"));
  Status status;
  office->replay({.all = true}, [&](const Result<ReplayAnswer>& answer) { status = answer.status(); });
  CHECK(status.code() == Code::kResourceExhausted);
  CHECK(listed() == "0 ");
  CHECK(shown(replay({.all = true})) == "0>events ");
}

TEST_CASE_METHOD(Fixture, "a letter is not replayed twice at the same time") {
  from_source(R"({"user":1})");
  store.pause();
  std::string first;
  office->replay({.all = true}, [&](const Result<ReplayAnswer>& answer) { first = shown(*answer); });
  std::string second;
  office->replay({.filter = number(0)}, [&](const Result<ReplayAnswer>& answer) { second = shown(*answer); });
  store.resume();
  CHECK(first == "0>events ");
  CHECK(second == "0: it is being replayed at this moment ");
  CHECK(rows("events").size() ==
        row_to_json(*RecordBatch::make(plan.logs[0].schema, {Column::int64s({1}), Column::nulls(Type::kFloat64, 1),
                                                             Column::nulls(Type::kTimestamp, 1)}),
                    0)
                .size() +
            1);
}

TEST_CASE_METHOD(Fixture, "purged letters are gone, and those that were asked for are counted") {
  for (int i = 0; i < 4; ++i)
    from_source("x");
  from_clean(0, "y");
  uint64_t purged = 0;
  office->purge({.stage = "events", .until = clock.now()}, [&](const Result<uint64_t>& count) { purged = *count; });
  CHECK(purged == 4);
  CHECK(listed() == "4 ");
  CHECK(office->show(Offset(1)).status().message() == "there is no dead letter 1: it was purged");
  CHECK(shown(replay({.filter = number(1)})) == "1: there is no dead letter 1: it was purged ");
}

TEST_CASE_METHOD(Fixture, "letters wait until they are replayed or purged, and the oldest one tells since when") {
  struct Told final : monitoring::Monitor {
    void emit(const monitoring::Event& event) override {
      const auto& waiting = std::get<monitoring::LettersWaiting>(event);
      text = std::to_string(waiting.letters) + " for " + std::to_string(static_cast<int>(waiting.oldest_seconds));
    }
    std::string text;
  } monitor;
  const auto waiting = [&] {
    office->tell(monitor);
    return monitor.text;
  };
  CHECK(waiting() == "0 for 0");
  for (int i = 0; i < 4; ++i)
    from_clean(static_cast<uint64_t>(i), "a");  // one a second
  clock.advance_micros(10'000'000);
  CHECK(waiting() == "4 for 13");
  replay({.repaired = {{Offset(1), R"({"user":7,"rating":2})"}}});
  CHECK(waiting() == "3 for 13");
  replay({.repaired = {{Offset(0), R"({"user":7,"rating":2})"}}});
  CHECK(waiting() == "2 for 11");
  office->purge(number(2), [](const Result<uint64_t>& count) { CHECK(*count == 1); });
  CHECK(waiting() == "1 for 10");
  office->purge({}, [](const Result<uint64_t>&) {});
  CHECK(waiting() == "0 for 0");
  from_clean(9, "a");
  CHECK(waiting() == "1 for 0");
}

TEST_CASE("marks of letters that the log does not keep any more are forgotten") {
  Fixture at;
  REQUIRE(at.store.open_log(kDeadLettersLog, {1, {Duration{1'000'000}, {}}}).ok());
  at.from_source(R"({"user":1})");
  CHECK(Fixture::shown(at.replay({.all = true})) == "0>events ");
  at.from_source(R"({"user":2})");
  at.clock.advance_micros(500'000);
  REQUIRE(at.store.retain(at.clock.now()).ok());
  CHECK(at.listed() == "1 ");
  CHECK(Fixture::shown(at.replay({.all = true})) == "1>events ");
  CHECK_FALSE(*at.store.get(kDeadLetterMarks, letter_key(Offset(0))));
  CHECK(*at.store.get(kDeadLetterMarks, letter_key(Offset(1))));
}

namespace {

// Where a letter of `stage`, from `log`, would go, with these stages on top of the source `events`.
std::string target(const std::string& more, const std::string& stage, const std::string& log,
                   std::optional<uint64_t> offset = 3) {
  const topology::Plan plan = penstock::testing::plan_of(
      "name: shop\nservers: {api: {type: http}}\nschemas: {event: {user: int64, rating: float64}}\nsources:\n  events: "
      "{type: http, path: /e, "
      "schema: "
      "event}\n  more: {type: http, path: /m, schema: event}\n" +
      more);
  DeadLetter letter{Offset(0), "shop", stage, "", log, Partition(0), {}, "{}", {}};
  if (offset)
    letter.offset = Offset(*offset);
  const auto found = replay_target(plan, letter);
  return found.ok() ? found->log + (found->record_is_row ? " as it is" : " from the log") : found.status().message();
}

}  // namespace

TEST_CASE("a replay goes where nobody else has taken the record in") {
  const std::string chain =
      "stages:\n"
      "  named: {type: map, input: events, rename: {user: customer}}\n"
      "  clean: {type: validate, input: named, columns: {rating: {range: [1, 5]}}}\n"
      "  sums: {type: reduce, input: clean, group_by: [customer], aggregates: {n: count(*)}}\n"
      "  big: {type: filter, input: sums, where: n > 1}\n"
      "sinks: {out: {type: file, input: big, path: out.jsonl}}\n";
  CHECK(target(chain, "events", "") == "events as it is");
  CHECK(target(chain, "named", "events") == "events as it is");
  CHECK(target(chain, "clean", "events") == "events from the log");
  CHECK(target(chain, "sums", "events") == "events from the log");
  CHECK(
      target(chain, "big", "events", {}) ==
      "the stage big rejected a result of an aggregator, which is no record of the log events; repair what it was made "
      "from");
  CHECK(target(chain, "out", "big") == "big as it is");
  CHECK(target(chain, "gone", "events") == "the component gone, which rejected it, is not in the topology any more");
}

TEST_CASE("a replay that would count a record twice for somebody is refused, and a buffer makes it exact") {
  const std::string shared =
      "stages:\n"
      "  clean: {type: validate, input: events, columns: {rating: {range: [1, 5]}}}\n"
      "  all: {type: reduce, input: events, aggregates: {n: count(*)}}\n";
  CHECK(target(shared, "clean", "events") ==
        "a replay into the log events would count the record again for the stage all, which reads events too; put a "
        "buffer that only clean reads before it, or post a repaired record");
  const std::string buffered =
      "stages:\n"
      "  waiting: {type: buffer, input: events}\n"
      "  clean: {type: validate, input: waiting, columns: {rating: {range: [1, 5]}}}\n"
      "  all: {type: reduce, input: events, aggregates: {n: count(*)}}\n";
  CHECK(target(buffered, "clean", "waiting") == "waiting as it is");
  const std::string two =
      "stages:\n"
      "  both: {type: union, inputs: [events, more]}\n"
      "  clean: {type: validate, input: both, columns: {rating: {range: [1, 5]}}}\n";
  CHECK(target(two, "clean", "") == "it is not known which of several logs the record came from");
}
