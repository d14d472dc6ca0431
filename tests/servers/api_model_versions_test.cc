// The operations on versions of models, over a desk that answers what a test has put into it; and what the command line
// makes of the answers.
#include <catch2/catch.hpp>
#include <sstream>

#include "actors/servers/model_desk.h"
#include "cli/models_text.h"
#include "tests/servers/api_fixture.h"

namespace penstock {
namespace {

class Desk final : public ModelDesk {
 public:
  Desk() {
    version_.model = "taste";
    version_.version = 3;
    version_.type = "als";
    version_.parameters = {{"factors", "64"}};
    version_.metrics = {{"ndcg@10", 0.25}};
    version_.parent = 2;
    version_.state = ModelState::kLive;
    version_.reason = "the first version";
    version_.served = Timestamp{5};
  }
  Result<std::vector<ModelVersion>> versions(const std::string& model) const override {
    PENSTOCK_ASSIGN(ModelVersion version, this->version(model, 3));
    return std::vector<ModelVersion>{version};
  }
  Result<ModelVersion> version(const std::string& model, uint64_t version) const override {
    if (model != "taste" || version != 3)
      return not_found("there is no version " + std::to_string(version) + " of model \"" + model + "\"");
    return version_;
  }
  Result<std::optional<TrialStatus>> trial(const std::string&) const override { return trial_; }
  void promote(Promotion promotion, VersionDone done) override {
    asked = std::to_string(promotion.version) + " to " + std::string(model_state_name(promotion.to)) +
            (promotion.force ? " force" : "");
    done(refusal_.ok() ? version(promotion.model, promotion.version) : Result<ModelVersion>(refusal_));
  }
  void roll_back(const std::string& model, const std::string& reason, VersionDone done) override {
    asked = reason;
    done(version(model, 3));
  }
  void pin(const std::string& model, uint64_t version, bool pinned, VersionDone done) override {
    asked = pinned ? "pin" : "unpin";
    done(this->version(model, version));
  }
  void prune(const std::string&, size_t keep, std::function<void(Result<std::vector<uint64_t>>)> done) override {
    asked = std::to_string(keep);
    done(std::vector<uint64_t>{1, 2});
  }
  void export_version(const std::string& model, uint64_t version,
                      std::function<void(Result<std::string>)> done) override {
    const auto known = this->version(model, version);
    done(known.ok() ? Result<std::string>("file") : Result<std::string>(known.status()));
  }
  void import_version(const std::string& model, std::string file, VersionDone done) override {
    asked = file;
    done(file == "broken" ? Result<ModelVersion>(data_loss("its checksum is wrong")) : version(model, 3));
  }
  Status cancel(const std::string&) override { return refusal_; }

  ModelVersion version_;
  std::optional<TrialStatus> trial_;
  Status refusal_;
  std::string asked;
};

struct Fixture : test::ApiFixture {
  Desk desk;
  Fixture() { node.models_ = &desk; }
};

const std::string kVersion =
    R"({"version":3,"type":"als","trained":"1970-01-01T00:00:00Z","seconds":0,"seed":0,"users":0,"items":0,)"
    R"("interactions":0,"first_event":"1970-01-01T00:00:00Z","last_event":"1970-01-01T00:00:00Z",)"
    R"("parameters":{"factors":"64"},"read_to":{},"metrics":{"ndcg@10":0.25},"state":"live",)"
    R"("reason":"the first version","since":"1970-01-01T00:00:00Z","served":"1970-01-01T00:00:00.000005Z","parent":2,)"
    R"("pinned":false})";

TEST_CASE_METHOD(Fixture, "versions are listed and shown") {
  CHECK(get("/v1/models/taste/versions") == "200 {\"versions\":[" + kVersion + "]}");
  CHECK(get("/v1/models/taste/versions/3") == "200 " + kVersion);
  CHECK(detail(get("/v1/models/taste/versions/4")) == "404 there is no version 4 of model \\\"taste\\\"");
  CHECK(detail(get("/v1/models/taste/versions/three")) ==
        "400 expected the number of a version, counted from 1, found \\\"three\\\"");
  CHECK(get("/v1/models/taste/versions/0").starts_with("400"));
}

TEST_CASE_METHOD(Fixture, "a version is promoted, to live unless the query says otherwise") {
  CHECK(post("/v1/models/taste/versions/3/promote") == "200 " + kVersion);
  CHECK(desk.asked == "3 to live");
  (void)post("/v1/models/taste/versions/3/promote?to=canary&force=true");
  CHECK(desk.asked == "3 to canary force");
  CHECK(detail(post("/v1/models/taste/versions/3/promote?to=archived")) ==
        "400 query parameter `to`: expected live, shadow or canary, found \\\"archived\\\"");
  desk.refusal_ = failed_precondition("version 3 was rejected");
  CHECK(detail(post("/v1/models/taste/versions/3/promote")) == "409 version 3 was rejected");
}

TEST_CASE_METHOD(Fixture, "versions are rolled back, pinned and pruned") {
  CHECK(post("/v1/models/taste/rollback?reason=complaints") == "200 " + kVersion);
  CHECK(desk.asked == "rolled back by hand: complaints");
  CHECK(post("/v1/models/taste/versions/3/pin").starts_with("200"));
  CHECK(desk.asked == "pin");
  CHECK(post("/v1/models/taste/versions/3/unpin").starts_with("200"));
  CHECK(desk.asked == "unpin");
  CHECK(post("/v1/models/taste/prune?keep=2") == R"(200 {"dropped":[1,2]})");
  CHECK(desk.asked == "2");
}

TEST_CASE_METHOD(Fixture, "a version is exported and imported as a file") {
  const auto file = ask("GET", "/v1/models/taste/versions/3/bytes");
  CHECK(shown(file) == "200 file");
  CHECK(file->content_type == "application/octet-stream");
  CHECK(post("/v1/models/taste/versions", "file", "application/octet-stream") == "201 " + kVersion);
  CHECK(desk.asked == "file");
  CHECK(detail(post("/v1/models/taste/versions", "broken", "application/octet-stream")) == "400 its checksum is wrong");
  CHECK(post("/v1/models/taste/versions", "", "application/octet-stream").starts_with("400"));
}

TEST_CASE_METHOD(Fixture, "a training is cancelled, if there is one") {
  CHECK(post("/v1/models/taste/cancel") == R"(202 {"model":"taste","state":"cancelling"})");
  desk.refusal_ = failed_precondition("model \"taste\" is not being trained");
  CHECK(detail(post("/v1/models/taste/cancel")) == "409 model \\\"taste\\\" is not being trained");
}

TEST_CASE_METHOD(Fixture, "a trial is shown with what was counted") {
  CHECK(detail(get("/v1/models/taste/rollout")) == "404 no version of model \\\"taste\\\" is on trial");
  desk.trial_ = TrialStatus{desk.version_, 0.1, Duration{2'000'000}, {.answers = 9}, {.answers = 1}, {.compared = 1}};
  CHECK_THAT(get("/v1/models/taste/rollout"), Catch::Contains(R"("share":0.1,"seconds_left":2,"live":{"answers":9,)") &&
                                                  Catch::Contains(R"("shadow":{"compared":1,"dropped":0,)"));
}

TEST_CASE_METHOD(Fixture, "the command line shows two versions side by side, as far as they differ") {
  const std::string a = get("/v1/models/taste/versions/3").substr(4);
  desk.version_.parameters = {{"factors", "8"}};
  desk.version_.metrics = {{"ndcg@10", 0.125}};
  const std::string b = get("/v1/models/taste/versions/3").substr(4);
  std::ostringstream out;
  REQUIRE(cli::print_difference(a, b, out).ok());
  CHECK(out.str() ==
        "                    VERSION 3  VERSION 3\n"
        "parameter  factors         64          8\n"
        "metric     ndcg@10       0.25      0.125\n");
  CHECK(cli::print_difference("[]", b, out).ok() == false);
}

}  // namespace
}  // namespace penstock
