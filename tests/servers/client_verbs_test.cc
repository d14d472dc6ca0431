// The verbs that talk to a node, against a real server over a fake node.
#include <catch2/catch.hpp>
#include <sstream>

#include "actors/servers/http_server.h"
#include "cli/recommend.h"
#include "cli/similar.h"
#include "cli/status.h"
#include "cli/table.h"
#include "tests/servers/api_fixture.h"
#include "tests/support/http.h"

namespace penstock::cli {
namespace {

struct Fixture : test::ApiFixture {
  std::unique_ptr<HttpServer> server = *HttpServer::listen({}, api.handler());
  std::string url = server->url();
  std::ostringstream out, err;
};

TEST_CASE_METHOD(Fixture, "recommend prints a table and what it rests on", "[integration]") {
  CHECK(recommend({.user = "42", .n = 2, .exclude = {"i0"}, .url = url}, out, err) == 0);
  CHECK(out.str() ==
        "   ITEM   SCORE  FOUND BY\n"
        "1  i1    0.2500  taste\n"
        "2  i2    0.2000  taste\n"
        "\n"
        "model taste, version 3; from 12 items of history, the newest of 2026-05-01T12:00:00.250Z\n");
  CHECK(err.str().empty());
}

TEST_CASE_METHOD(Fixture, "recommend says when it knows nothing of the user", "[integration]") {
  CHECK(recommend({.user = "stranger", .n = 1, .url = url}, out, err) == 0);
  CHECK_THAT(out.str(),
             Catch::StartsWith("user stranger: nothing is known of this user yet") && Catch::Contains("popularity"));
}

TEST_CASE_METHOD(Fixture, "recommend asks for a session, and with a filter", "[integration]") {
  CHECK(recommend({.n = 1, .exclude = {"x"}, .filter = "a > 1", .session = {"i7", "i8"}, .url = url}, out, err) == 0);
  CHECK(node.asked_.session.size() == 2);
  CHECK(node.asked_.session[1].item == "i8");
  CHECK(node.asked_.filter == "a > 1");
  CHECK(node.asked_.exclude == std::vector<std::string>{"x"});
  CHECK(recommend({.user = "42", .n = 1, .filter = "b = 'c d'", .url = url}, out, err) == 0);
  CHECK(node.asked_.filter == "b = 'c d'");
}

TEST_CASE_METHOD(Fixture, "the JSON form is the node's answer", "[integration]") {
  CHECK(recommend({.user = "42", .n = 1, .url = url, .json = true}, out, err) == 0);
  CHECK(out.str() == get("/v1/users/42/recommendations?n=1").substr(4) + "\n");
}

TEST_CASE_METHOD(Fixture, "similar prints a table", "[integration]") {
  CHECK(similar({.item = "i0", .n = 1, .url = url}, out, err) == 0);
  CHECK(out.str() ==
        "   ITEM   SCORE  FOUND BY\n"
        "1  i1    0.2500  taste\n"
        "\n"
        "model taste, version 3\n");
}

TEST_CASE_METHOD(Fixture, "status prints the node, its components and models", "[integration]") {
  CHECK(status({.url = url}, out, err) == 0);
  CHECK(out.str() ==
        "shop: penstock 1.2.3, up 3m 20s, ready, healthy\n"
        "store: 5MiB of 1TiB, changelog 0B, 0 commits, the last in 0.0 ms\n"
        "memory: 3MiB of 2GiB accounted for; the process holds 50MiB, and 20MiB of mapped files\n"
        "  state.per_city 2MiB, batch_cache 1MiB\n"
        "\n"
        "COMPONENT   ROLE    TYPE  STATE        RECORDS  PER SECOND  RESTARTS  MESSAGE\n"
        "deliveries  source  file  running 50%   12,345        61.7         1\n"
        "\n"
        "MODEL  TYPE  STATE  VERSION  TRAINED               USERS  ITEMS  QUALITY         MESSAGE\n"
        "taste  als   live         3  2026-05-01T11:59:00Z    943  1,682  ndcg@10 0.2500\n"
        "\n"
        "SUPERVISION                          STATE    SINCE                 RESTARTS  NEXT TRY              LAST "
        "REASON\n"
        "node (one_for_one)                   running  2026-05-01T12:00:00Z         0\n"
        "├─ deliveries, source (one_for_one)  failing  2026-05-01T12:03:10Z         7  2026-05-01T12:03:25Z  "
        "cannot read \"x.csv\"\n"
        "│  └─ reader                         failed   2026-05-01T12:03:10Z\n"
        "└─ api, server                       running\n");
}

TEST_CASE_METHOD(Fixture, "what goes wrong is one line on stderr and an exit code", "[integration]") {
  const auto failure = [&](const RecommendOptions& options) {
    err.str("");
    const int code = recommend(options, out, err);
    return std::to_string(code) + " " + err.str();
  };
  CHECK(failure({.user = "", .url = url}) == "64 penstock recommend: --user must name a user, or --session items\n");
  CHECK(failure({.user = "1", .model = "tase", .url = url}) ==
        "66 penstock: there is no model \"tase\"; did you mean \"taste\"?\n");
  CHECK_THAT(failure({.user = "1", .n = 0, .url = url}), Catch::StartsWith("65 penstock: query parameter `n`"));
  CHECK_THAT(failure({.user = "1", .url = "ftp://x"}), Catch::StartsWith("64 penstock: \"ftp://x\" is no URL"));
  const std::string nobody = "http://127.0.0.1:" + std::to_string(test::free_port());
  CHECK(failure({.user = "1", .url = nobody}) ==
        "69 penstock: no node answers at " + nobody + ": is `penstock run` running?\n");
  node.failure_ = failed_precondition("model \"taste\" has no version yet");
  CHECK(failure({.user = "1", .url = url}) == "69 penstock: model \"taste\" has no version yet\n");
  CHECK(out.str().empty());
}

TEST_CASE("a server that is no node is told apart", "[integration]") {
  const auto server = HttpServer::listen({}, [](const HttpRequest& request, const Responder& respond) {
    respond({request.path == "/v1/status" ? 200 : 404, "text/html", "<html>"});
  });
  std::ostringstream out, err;
  CHECK(status({.url = (*server)->url()}, out, err) == 69);
  CHECK(similar({.item = "1", .url = (*server)->url()}, out, err) == 66);
  CHECK_THAT(err.str(), Catch::Contains("is no node of Penstock") && Catch::Contains("is it a node of Penstock?"));
}

TEST_CASE("a table is aligned by characters and cannot steer the terminal") {
  Table table({{"A"}, {"N", Table::Align::kRight}});
  table.add({"\xc3\xbc", "1"});
  table.add({"b\x1b[31mc", "22"});
  std::ostringstream out;
  table.print(out);
  CHECK(out.str() == "A         N\n\xc3\xbc         1\nb?[31mc  22\n");
}

}  // namespace
}  // namespace penstock::cli
