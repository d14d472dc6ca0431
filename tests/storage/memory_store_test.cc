#include <catch2/catch.hpp>

#include "tests/storage/store_contract.h"

using namespace penstock;

TEST_CASE("a paused memory store runs commits one by one when stepped") {
  MemoryStore store({.synchronous = true});
  store.pause();
  std::string done;
  for (const char* key : {"a", "b", "c"}) {
    WriteBatch batch;
    batch.put("t", key, "v");
    store.commit(std::move(batch), [&done, key](const Committed&) { done += key; });
  }
  CHECK(store.queued() == 3);
  CHECK(done == "");
  CHECK(store.step());
  CHECK(done == "a");
  CHECK(scan_text(store, "t") == "a=v");
  store.resume();
  CHECK(done == "abc");
  CHECK(!store.step());
}

TEST_CASE("a memory store loses queued commits without a word, as a crash does") {
  MemoryStore store({.synchronous = true});
  bool called = false;
  store.pause();
  WriteBatch batch;
  batch.put("t", "k", "v");
  store.commit(std::move(batch), [&](const Committed&) { called = true; });
  CHECK(store.drop_queued() == 1);
  store.resume();
  CHECK(!called);
  CHECK(scan_text(store, "t") == "");
}

TEST_CASE("a memory store fails the next commit when told to, and only that one") {
  MemoryStore store({.synchronous = true});
  store.fail_next_commit(resource_exhausted("the disk is full"));
  for (const char* expected : {"resource_exhausted: the disk is full", "ok"}) {
    WriteBatch batch;
    batch.put("t", expected, "v");
    CHECK(store.commit_and_wait(std::move(batch)).status.to_string() == expected);
  }
  CHECK(scan_text(store, "t") == "ok=v");
}
