#include "actors/trainers/training_attempts.h"

#include <catch2/catch.hpp>

#include "storage/memory_store.h"

namespace penstock {
namespace {

TEST_CASE("a training that comes back leaves no trace") {
  MemoryStore store({.synchronous = true});
  TrainingAttempts attempts(store, "taste");
  CHECK(*attempts.crashed() == 0);
  REQUIRE(attempts.begin(0).ok());
  REQUIRE(attempts.end().ok());
  CHECK(*attempts.crashed() == 0);
}

TEST_CASE("trainings that never come back are counted in a row, by model") {
  MemoryStore store({.synchronous = true});
  TrainingAttempts attempts(store, "taste");
  REQUIRE(attempts.begin(*attempts.crashed()).ok());
  CHECK(*TrainingAttempts(store, "taste").crashed() == 1);  // as the next process finds it
  REQUIRE(attempts.begin(*attempts.crashed()).ok());
  CHECK(*TrainingAttempts(store, "taste").crashed() == 2);
  CHECK(*TrainingAttempts(store, "other").crashed() == 0);
  REQUIRE(attempts.begin(0).ok());  // whoever asks for it says that the cause is mended
  CHECK(*TrainingAttempts(store, "taste").crashed() == 1);
}

TEST_CASE("a count of another version is refused") {
  MemoryStore store({.synchronous = true});
  WriteBatch write;
  write.put("training_attempts", "taste", "\x02????");
  REQUIRE(store.commit_and_wait(std::move(write)).status.ok());
  CHECK(TrainingAttempts(store, "taste").crashed().status().message() ==
        "table \"training_attempts\" holds something else than version 1 for model \"taste\"");
}

}  // namespace
}  // namespace penstock
