#include <catch2/catch.hpp>

#include "messages/penstock.pb.h"
#include "storage/model_check.h"
#include "storage/model_file.h"
#include "storage/model_repository.h"
#include "tests/storage/store_contract.h"

using namespace penstock;

namespace {

std::string some_bytes(size_t size, int seed) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<char>(i * 31 + seed + (i >> 9));
  return bytes;
}

std::string versions_text(const ModelRepository& repository, const std::string& model) {
  const auto versions = repository.versions(model);
  if (!versions.ok())
    return versions.status().to_string();
  std::string text;
  for (const auto& version : *versions)
    text += (text.empty() ? "" : " ") + version.type + "@" + std::to_string(version.version);
  return text;
}

ModelVersion of(std::string model, std::string type) {
  ModelVersion version;
  version.model = std::move(model);
  version.type = std::move(type);
  version.state = ModelState::kLive;
  return version;
}

}  // namespace

TEMPLATE_TEST_CASE("a model version comes back as it was added, with its bytes", "", SynchronousMemoryTwin, LmdbTwin) {
  TestType twin;
  ModelRepository repository(*twin.store);
  CHECK(!repository.live("taste")->has_value());
  ModelVersion version = of("taste", "als");
  version.parameters = {{"factors", "64"}, {"alpha", "1.5"}};
  version.seed = 42;
  version.trained = {1'700'000'000'000'000};
  version.seconds = 1.25;
  version.users = 10, version.items = 20, version.interactions = 30;
  version.first_event = {-5}, version.last_event = {7};
  version.read_to = {{"deliveries/0", 100}, {"deliveries/1", 200}};
  version.metrics = {{"ndcg@10", 0.125}};
  const std::string bytes = some_bytes(3 * (1 << 20) + 17, 1);
  REQUIRE(*repository.add(version, bytes) == 1);
  const auto live = repository.live("taste").value();
  REQUIRE(live);
  CHECK(live->version == 1);
  CHECK(live->type == "als");
  CHECK(live->parameters == version.parameters);
  CHECK(live->seed == 42);
  CHECK(live->trained == version.trained);
  CHECK(live->seconds == 1.25);
  CHECK(live->users + live->items + live->interactions == 60);
  CHECK(live->first_event == Timestamp{-5});
  CHECK(live->last_event == Timestamp{7});
  CHECK(live->read_to == version.read_to);
  CHECK(live->metrics == version.metrics);
  CHECK(*repository.bytes("taste", 1) == bytes);
  CHECK(repository.bytes("taste", 2).status().to_string() == "not_found: there is no version 2 of model \"taste\"");
  REQUIRE(*repository.add(of("empty", "popularity"), "") == 1);
  CHECK(*repository.bytes("empty", 1) == "");
}

TEMPLATE_TEST_CASE("versions are counted per model and pruned from the oldest", "", SynchronousMemoryTwin, LmdbTwin) {
  TestType twin;
  ModelRepository repository(*twin.store);
  for (int i = 1; i <= 12; ++i)
    REQUIRE(*repository.add(of("a", "t"), some_bytes(100, i)) == static_cast<uint64_t>(i));
  REQUIRE(*repository.add(of("a/00000001", "other"), "x") == 1);
  CHECK(*repository.bytes("a", 1) == some_bytes(100, 1));
  REQUIRE(*repository.add(of("a/b", "other"), "x") == 1);
  CHECK(*repository.prune("a", 3) == std::vector<uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(versions_text(repository, "a") == "t@10 t@11 t@12");
  CHECK(repository.live("a").value()->version == 12);
  CHECK(repository.bytes("a", 9).status().code() == Code::kNotFound);
  CHECK(*repository.bytes("a", 10) == some_bytes(100, 10));
  CHECK(*repository.bytes("a/b", 1) == "x");
  CHECK(*repository.bytes("a/00000001", 1) == "x");
  REQUIRE(repository.prune("a", 0).ok());
  CHECK(versions_text(repository, "a") == "t@11 t@12");  // 11 is what a rollback leads to
  REQUIRE(*repository.add(of("a", "t"), "next") == 13);
  size_t parts = 0;
  REQUIRE(twin.store->scan("model_bytes", "a/000000", [&](auto, auto) { return ++parts > 0; }).ok());
  CHECK(parts == 4);  // of a@11, a@12, a@13, and of a/00000001@1
}

namespace {

// `1:archived 2:live+pin`
std::string states(const ModelRepository& repository) {
  std::string text;
  const std::vector<ModelVersion> versions = repository.versions("m").value();
  for (const ModelVersion& version : versions) {
    text += (text.empty() ? "" : " ") + std::to_string(version.version) + ":";
    text += std::string(model_state_name(version.state)) + (version.pinned ? "+pin" : "");
  }
  return text;
}

ModelVersion in_state(ModelState state, int64_t at) {
  ModelVersion version = of("m", "t");
  version.state = state;
  version.since = {at};
  return version;
}

using enum ModelState;

}  // namespace

TEMPLATE_TEST_CASE("of a model one version is live and one on trial", "", SynchronousMemoryTwin, LmdbTwin) {
  TestType twin;
  ModelRepository repository(*twin.store);
  for (const ModelState state : {kLive, kCanary, kRejected, kShadow, kCandidate})
    REQUIRE(repository.add(in_state(state, 10), "x").ok());
  CHECK(states(repository) == "1:live 2:archived 3:rejected 4:shadow 5:candidate");
  CHECK(repository.version("m", 2)->reason == "replaced by version 4");
  REQUIRE(repository.change("m", {{{4, kLive, "no breach in 10m"}}}, {20}).ok());
  CHECK(states(repository) == "1:archived 2:archived 3:rejected 4:live 5:candidate");
  CHECK(repository.live("m").value()->version == 4);
  CHECK(repository.live("m").value()->reason == "no breach in 10m");
  CHECK(repository.live("m").value()->since == Timestamp{20});
  CHECK(repository.version("m", 1)->reason == "replaced by version 4");
  CHECK(repository.change("m", {{{9, kLive, ""}}}, {20}).to_string() ==
        "not_found: there is no version 9 of model \"m\"");
}

TEMPLATE_TEST_CASE("a rollback leads to what was live before, again and again", "", SynchronousMemoryTwin, LmdbTwin) {
  TestType twin;
  ModelRepository repository(*twin.store);
  for (int64_t at = 1; at <= 3; ++at)
    REQUIRE(repository.add(in_state(kLive, at), "x").ok());
  const auto back = [&]() -> uint64_t {
    const auto versions = repository.versions("m").value();
    const ModelVersion* before = ModelRepository::before_live(versions);
    if (before == nullptr)
      return 0;
    const uint64_t to = before->version, from = repository.live("m").value()->version;
    REQUIRE(repository.change("m", {{{to, kLive, "back"}, {from, kRejected, "bad"}}}, {10}).ok());
    return to;
  };
  CHECK(back() == 2);
  CHECK(states(repository) == "1:archived 2:live 3:rejected");
  CHECK(back() == 1);
  CHECK(back() == 0);
  CHECK(states(repository) == "1:live 2:rejected 3:rejected");
}

TEMPLATE_TEST_CASE("what is live, on trial, pinned or would be rolled back to is not pruned", "", SynchronousMemoryTwin,
                   LmdbTwin) {
  TestType twin;
  ModelRepository repository(*twin.store);
  for (const ModelState state : {kRejected, kLive, kRejected, kLive, kCanary, kRejected, kRejected})
    REQUIRE(repository.add(in_state(state, 10), "x").ok());
  REQUIRE(repository.pin("m", 3, true).ok());
  CHECK(*repository.prune("m", 1) == std::vector<uint64_t>{1, 6});
  CHECK(states(repository) == "2:archived 3:rejected+pin 4:live 5:canary 7:rejected");
  REQUIRE(repository.pin("m", 3, false).ok());
  CHECK(*repository.prune("m", 0) == std::vector<uint64_t>{3, 7});
}

TEST_CASE("versions from before there were states are live or archived") {
  MemoryStore store({.synchronous = true});
  ModelRepository repository(store);
  WriteBatch batch;
  for (const int version : {1, 2}) {
    contract::ModelVersion old;
    old.set_model("m");
    old.set_version(version);
    old.set_trained_micros(version * 10);
    batch.put("models", "m/0000000" + std::to_string(version), old.SerializeAsString());
  }
  batch.put("model_live", "m", "2");
  REQUIRE(store.commit_and_wait(std::move(batch)).status.ok());
  CHECK(states(repository) == "1:archived 2:live");
  const auto versions = repository.versions("m").value();
  CHECK(ModelRepository::before_live(versions)->version == 1);
  CHECK(repository.live("m").value()->since == Timestamp{20});
  REQUIRE(repository.add(in_state(kLive, 30), "x").ok());
  CHECK(states(repository) == "1:archived 2:archived 3:live");
}

TEST_CASE("a version goes through a file, and a changed or foreign file is told") {
  ModelVersion version = in_state(kRejected, 5);
  version.metrics = {{"ndcg@10", 0.5}};
  const std::string file = encode_model_file(version, "the bytes");
  const auto back = decode_model_file(file);
  REQUIRE(back.ok());
  CHECK(back->bytes == "the bytes");
  CHECK(back->version.metrics == version.metrics);
  for (size_t i = 9; i < file.size(); ++i) {
    std::string changed = file;
    changed[i] ^= 1;
    CHECK(decode_model_file(changed).status().code() == Code::kDataLoss);
    CHECK_FALSE(decode_model_file(file.substr(0, i)).ok());
  }
  CHECK(decode_model_file("PK\3\4").status().to_string() ==
        "invalid_argument: this is no file of a model version, as `penstock models export` writes it");
}

TEST_CASE("check-store finds a live pointer and states that do not agree") {
  MemoryStore store({.synchronous = true});
  ModelRepository repository(store);
  REQUIRE(repository.add(in_state(kLive, 1), "x").ok());
  REQUIRE(repository.add(in_state(kLive, 2), "x").ok());
  const auto problems = [&] {
    ModelCheck check;
    for (const char* table : {"model_live", "models", "model_bytes"})
      REQUIRE(store.scan(table, "", [&](auto key, auto value) { return check.add(table, key, value), true; }).ok());
    return check.problems();
  };
  CHECK(problems().empty());
  WriteBatch batch;
  batch.put("model_live", "m", "1");
  REQUIRE(store.commit_and_wait(std::move(batch)).status.ok());
  CHECK(problems() ==
        std::vector<std::string>{"model version \"m/00000001\" is pointed to as the live one, and says it is archived",
                                 "model version \"m/00000002\" says that it is live, and is not pointed to"});
}

TEST_CASE("a model version with a missing part is reported as lost") {
  MemoryStore store({.synchronous = true});
  ModelRepository repository(store);
  REQUIRE(repository.add(of("m", "t"), some_bytes(2 * (1 << 20) + 1, 3)).ok());
  WriteBatch batch;
  batch.erase("model_bytes", "m/00000001/00000001");
  REQUIRE(store.commit_and_wait(std::move(batch)).status.ok());
  CHECK(repository.bytes("m", 1).status().to_string() ==
        "data_loss: version 1 of model \"m\" should have 2097153 bytes, 1048576 were found");
}
