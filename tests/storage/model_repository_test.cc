#include <catch2/catch.hpp>

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
  REQUIRE(repository.prune("a", 3).ok());
  CHECK(versions_text(repository, "a") == "t@10 t@11 t@12");
  CHECK(repository.live("a").value()->version == 12);
  CHECK(repository.bytes("a", 9).status().code() == Code::kNotFound);
  CHECK(*repository.bytes("a", 10) == some_bytes(100, 10));
  CHECK(*repository.bytes("a/b", 1) == "x");
  CHECK(*repository.bytes("a/00000001", 1) == "x");
  REQUIRE(repository.prune("a", 0).ok());
  CHECK(versions_text(repository, "a") == "t@12");
  REQUIRE(*repository.add(of("a", "t"), "next") == 13);
  size_t parts = 0;
  REQUIRE(twin.store->scan("model_bytes", "a/000000", [&](auto, auto) { return ++parts > 0; }).ok());
  CHECK(parts == 3);  // of a@12, a@13, and of a/00000001@1
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
