// The operations on dead letters and logs, over a desk that answers what a test has put into it.
#include "actors/servers/api_dead_letters.h"

#include <catch2/catch.hpp>

#include "tests/servers/api_fixture.h"

namespace penstock {
namespace {

class Desk final : public DeadLetterDesk {
 public:
  Result<LetterPage> list(const LetterFilter& filter, std::optional<Offset> from, size_t limit) const override {
    asked = shown(filter) + " from " + (from ? std::to_string(from->value()) : "-") + " limit " + std::to_string(limit);
    return LetterPage{{letter}, Offset(6)};
  }
  Result<LetterSummary> summary(const LetterFilter& filter) const override {
    asked = shown(filter);
    return LetterSummary{{{"clean", "user: expected int64", 3, 1, letter.at, Offset(7)}}, {}};
  }
  Result<LetterDetail> show(Offset number) const override {
    if (number != letter.number)
      return not_found("there is no dead letter " + std::to_string(number.value()));
    return LetterDetail{letter, "raw", "", R"({"user":1})", "user int64!"};
  }
  void replay(ReplayRequest request, ReplayDone done) override {
    asked = shown(request.filter) + (request.all ? " all" : "") + (request.again ? " again" : "") + " limit " +
            std::to_string(request.limit);
    for (const RepairedRecord& one : request.repaired)
      asked += " " + std::to_string(one.number.value()) + "=" + one.record;
    done(ReplayAnswer{{{Offset(7), "raw"}}, {{Offset(8), "still wrong"}}, 2});
  }
  void purge(const LetterFilter& filter, PurgeDone done) override {
    asked = shown(filter);
    done(uint64_t{4});
  }

  static std::string shown(const LetterFilter& filter) {
    std::string out = filter.stage + "," + filter.reason;
    for (const auto& time : {filter.since, filter.until})
      out += "," + (time ? format_timestamp(*time) : "-");
    for (const Offset number : filter.numbers)
      out += " " + std::to_string(number.value());
    return out + (filter.replayed ? (*filter.replayed ? " replayed" : " pending") : "");
  }

  DeadLetter letter{Offset(7),    "shop",    "clean",           "user: expected int64, found \"x\"",      "raw",
                    Partition(1), Offset(3), R"({"user":"x"})", *parse_timestamp("2026-05-01T12:00:00Z"), {}};
  mutable std::string asked;
};

struct Fixture : test::ApiFixture {
  Desk desk;
  Fixture() { node.letters_ = &desk; }
  std::string remove(const std::string& target) { return shown(ask("DELETE", target)); }
};

TEST_CASE_METHOD(Fixture, "letters are listed with a filter, a page and times that are absolute or ago") {
  CHECK(
      get("/v1/dead-letters") ==
      R"(200 {"letters":[{"number":7,"topology":"shop","stage":"clean","reason":"user: expected int64, found \"x\"","log":"raw","partition":1,"offset":3,"record":"{\"user\":\"x\"}","at":"2026-05-01T12:00:00Z","replayed":null}],"next":6})");
  CHECK(desk.asked == ",,-,- from - limit 50");
  get("/v1/dead-letters?stage=clean&reason=int64&since=1h&until=2026-05-01&from=6&limit=2&replayed=false");
  CHECK(desk.asked == "clean,int64,2026-05-01T11:03:20Z,2026-05-01T00:00:00Z pending from 6 limit 2");
  CHECK(detail(get("/v1/dead-letters?since=yesterday")) ==
        "400 query parameter `since`: expected a time such as 2024-05-01T12:00:00Z, or so long ago, such as 1h, found "
        R"(\"yesterday\")");
  CHECK(detail(get("/v1/dead-letters?from=-1")) ==
        R"(400 query parameter `from`: expected the number of a letter, found \"-1\")");
  CHECK_THAT(get("/v1/dead-letters?stag=clean"), Catch::Contains("did you mean `stage`?"));
}

TEST_CASE_METHOD(Fixture, "a letter is shown with what a repair needs, and the groups with an example") {
  desk.letter.replayed = DeadLetter::Replayed{*parse_timestamp("2026-05-01T12:01:00Z"), "raw", 2};
  CHECK_THAT(
      get("/v1/dead-letters/7"),
      Catch::EndsWith(
          R"("replayed":{"at":"2026-05-01T12:01:00Z","log":"raw","times":2},"replay":{"log":"raw","columns":"user int64!","original":{"user":1},"refused":""}})"));
  CHECK(detail(get("/v1/dead-letters/8")) == "404 there is no dead letter 8");
  CHECK(detail(get("/v1/dead-letters/x")) == R"(404 a dead letter is known by its number, and \"x\" is none)");
  CHECK(
      get("/v1/dead-letters/summary?stage=clean") ==
      R"(200 {"groups":[{"stage":"clean","reason":"user: expected int64","letters":3,"replayed":1,"newest":"2026-05-01T12:00:00Z","example":7}],"older":null})");
}

TEST_CASE_METHOD(Fixture, "a replay takes numbers, a filter and repaired records") {
  CHECK(post("/v1/dead-letters/replay", R"({"numbers":[7,8]})") ==
        R"(200 {"replayed":[{"number":7,"log":"raw"}],"refused":[{"number":8,"reason":"still wrong"}],"left":2})");
  CHECK(desk.asked == ",,-,- 7 8 limit 1000");
  post(
      "/v1/dead-letters/replay",
      R"({"filter":{"stage":"clean","since":"1m"},"again":true,"limit":5,"repaired":[{"number":7,"record":{"user":9007199254740993,"r":0.1}}]})");
  CHECK(desk.asked == R"(clean,,2026-05-01T12:02:20Z,- all again limit 5 7={"user":9007199254740993,"r":0.1})");
  post("/v1/dead-letters/replay", R"({"filter":{"all":true}})");
  CHECK(desk.asked == ",,-,- all limit 1000");
}

TEST_CASE_METHOD(Fixture, "a replay's body that is wrong is refused with the place") {
  const auto refused = [&](const char* body) { return detail(post("/v1/dead-letters/replay", body)); };
  CHECK_THAT(refused("{"), Catch::StartsWith("400 byte 1 of the body: "));
  CHECK_THAT(refused("{}"), Catch::Contains("say which letters"));
  CHECK_THAT(refused(R"({"filter":{}})"), Catch::Contains("the body at /filter: empty"));
  CHECK(refused(R"({"numbrs":[1]})") == "400 the body at /numbrs: unknown; did you mean `numbers`?");
  CHECK(refused(R"({"numbers":[-1]})") == "400 the body at /numbers: expected numbers of letters, found -1");
  CHECK(refused(R"({"repaired":[{"number":1}]})") == "400 the body at /repaired/0: there is no `record`");
  CHECK_THAT(refused(R"({"repaired":[{"number":1,"record":"x"}]})"),
             Catch::Contains("/repaired/0/record: expected the repaired record, an object"));
  CHECK_THAT(refused(R"({"filter":{"since":"soon"}})"), Catch::Contains("/filter/since: expected a time"));
  CHECK_THAT(post("/v1/dead-letters/replay", "x", "text/plain"), Catch::StartsWith("415"));
}

TEST_CASE_METHOD(Fixture, "a purge has to say which letters") {
  CHECK(remove("/v1/dead-letters?until=7d&stage=clean") == R"(200 {"purged":4})");
  CHECK(desk.asked == "clean,,-,2026-04-24T12:03:20Z");
  CHECK(remove("/v1/dead-letters?numbers=3,4") == R"(200 {"purged":4})");
  CHECK(desk.asked == ",,-,- 3 4");
  CHECK(remove("/v1/dead-letters?all=true") == R"(200 {"purged":4})");
  CHECK(detail(remove("/v1/dead-letters")) ==
        "400 query parameter `all`: say which letters, or all=true for all of them");
}

TEST_CASE_METHOD(Fixture, "a node that is not up has no letters to show") {
  node.letters_ = nullptr;
  CHECK(detail(get("/v1/dead-letters")) == "503 the node is not there yet, or not any more");
}

TEST_CASE_METHOD(Fixture, "logs are told with what they keep and how far behind their consumers are") {
  node.logs_ = {{"waiting",
                 Duration{3'600'000'000},
                 {},
                 {{Offset(3), Offset(9), 512}},
                 {{"sums", "region", "region", {Offset(7)}, 2, 170, 1.5}, {"out", "file", "sink", {{}}, 6, 512, 9}}}};
  CHECK(
      get("/v1/logs") ==
      R"(200 {"logs":[{"name":"waiting","retain_for_seconds":3600,"retain_bytes":null,"partitions":[{"first_offset":3,"next_offset":9,"bytes":512}],"consumers":[{"id":"sums","kind":"region","positions":[7],"lag_records":2,"lag_bytes":170,"lag_seconds":1.5},{"id":"out","kind":"sink","positions":[null],"lag_records":6,"lag_bytes":512,"lag_seconds":9}]}]})");
}

}  // namespace
}  // namespace penstock
