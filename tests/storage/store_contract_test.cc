// What every Store does with logs, positions and commits, run over each of them. Tables are in table_contract_test.cc.
#include <catch2/catch.hpp>

#include <atomic>
#include <map>
#include <thread>

#include "tests/storage/store_contract.h"

using namespace penstock;

TEMPLATE_TEST_CASE("a log gives each append the next offsets and reads them back in order", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  REQUIRE(store.open_log("l", {.partitions = 2, .retention = {}}).ok());
  WriteBatch batch;
  batch.append("l", Partition(0), "ab", 2, {100});
  batch.append("l", Partition(1), "x", 7, {100});
  batch.append("l", Partition(0), "c", 1, {101});
  const Committed committed = store.commit_and_wait(std::move(batch));
  REQUIRE(committed.status.to_string() == "ok");
  CHECK(committed.appended == std::vector{Offset(0), Offset(0), Offset(2)});
  CHECK(read_text(store, "l") == "0+2:ab 2+1:c");
  CHECK(read_text(store, "l", 1) == "0+7:x");
  CHECK(range_text(store, "l") == "0..3 3B");
  CHECK(range_text(store, "l", 1) == "0..7 1B");
  CHECK(store.read("l", Partition(0), Offset(0), 100)->at(1).appended == Timestamp{101});
  CHECK(store.logs() == std::vector<std::string>{"l"});
  CHECK(*store.partitions("l") == 2);
}

TEMPLATE_TEST_CASE("a read begins at the entry that covers the offset and stops at its bytes", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  REQUIRE(store.open_log("a", {}).ok());
  REQUIRE(store.open_log("l", {}).ok());
  REQUIRE(store.open_log("z", {}).ok());
  CHECK(read_text(store, "l") == "");
  WriteBatch batch;
  for (const char* bytes : {"aaaa", "bbbb", "cccc"})
    batch.append("l", Partition(0), bytes, 4, {});
  batch.append("a", Partition(0), "other", 20, {});
  batch.append("z", Partition(0), "other", 20, {});
  REQUIRE(commit(store, std::move(batch)).ok());
  CHECK(read_text(store, "l", 0, 3) == "0+4:aaaa 4+4:bbbb 8+4:cccc");
  CHECK(read_text(store, "l", 0, 4) == "4+4:bbbb 8+4:cccc");
  CHECK(read_text(store, "l", 0, 5) == "4+4:bbbb 8+4:cccc");
  CHECK(read_text(store, "l", 0, 11) == "8+4:cccc");
  CHECK(read_text(store, "l", 0, 12) == "");
  CHECK(read_text(store, "l", 0, 99) == "");
  CHECK(read_text(store, "l", 0, 0, 8) == "0+4:aaaa 4+4:bbbb");
  CHECK(read_text(store, "l", 0, 0, 7) == "0+4:aaaa");
  CHECK(read_text(store, "l", 0, 0, 0) == "0+4:aaaa");
}

TEMPLATE_TEST_CASE("opening a log again keeps it, and with other partitions is refused", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  REQUIRE(store.open_log("l", {.partitions = 2, .retention = {}}).ok());
  CHECK(store.open_log("l", {.partitions = 2, .retention = {}}).ok());
  CHECK(store.open_log("l", {.partitions = 3, .retention = {}}).to_string() ==
        "failed_precondition: log \"l\" has 2 partitions, not 3");
  CHECK(store.open_log("", {}).code() == Code::kInvalidArgument);
  CHECK(store.open_log("none", {.partitions = 0, .retention = {}}).code() == Code::kInvalidArgument);
  CHECK(store.partitions("other").status().code() == Code::kNotFound);
  CHECK(read_text(store, "other") == "not_found: there is no log \"other\"");
  CHECK(read_text(store, "l", 2) == "not_found: log \"l\" has no partition 2; it has 2");
  CHECK(store.range("l", Partition(2)).status().code() == Code::kNotFound);
}

TEMPLATE_TEST_CASE("a batch that is wrong fails alone and leaves nothing", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  REQUIRE(store.open_log("l", {}).ok());
  const auto wrong = [&](auto&& spoil) {
    WriteBatch batch;
    batch.append("l", Partition(0), "x", 1, {});
    batch.put("t", "k", "v");
    batch.append_delta("t", {{"d", "v"}});
    batch.set_position("o", "l", Partition(0), Offset(1));
    spoil(batch);
    Committed failed, good;
    store.commit(std::move(batch), [&](const Committed& committed) { failed = committed; });
    WriteBatch next;
    next.put("good", "k", "v");
    good = store.commit_and_wait(std::move(next));
    CHECK(good.status.ok());
    CHECK(failed.appended.empty());
    return failed.status.to_string();
  };
  CHECK(wrong([](WriteBatch& b) { b.append("none", Partition(0), "x", 1, {}); }) ==
        "not_found: there is no log \"none\"");
  CHECK(wrong([](WriteBatch& b) { b.append("l", Partition(1), "x", 1, {}); }) ==
        "invalid_argument: log \"l\" has no partition 1; it has 1");
  CHECK(wrong([](WriteBatch& b) { b.append("l", Partition(0), "x", 0, {}); }) ==
        "invalid_argument: an append of no records to log \"l\"");
  CHECK(wrong([](WriteBatch& b) { b.put("", "k", "v"); }) == "invalid_argument: a table without a name");
  CHECK(wrong([](WriteBatch& b) {
          b.put("t", std::string(65537, 'k'), "v");
        }).starts_with("invalid_argument: key \"kkk"));
  CHECK(wrong([](WriteBatch& b) {
          b.append_delta(std::string(256, 't'), {{"k", "v"}});
        }).starts_with("invalid_argument: table name"));
  CHECK(wrong([](WriteBatch& b) {
          b.set_position("", "l", Partition(0), Offset(0));
        }).starts_with("invalid_argument: a position owner"));
  CHECK(range_text(store, "l") == "0..0 0B");
  CHECK(scan_text(store, "t") == "");
  CHECK(!store.position("o", "l", Partition(0))->has_value());
  CHECK(scan_text(store, "good") == "k=v");
}

TEMPLATE_TEST_CASE("positions move with the batch that holds them", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  CHECK(!store.position("region", "log", Partition(0))->has_value());
  WriteBatch batch;
  batch.set_position("region", "log", Partition(0), Offset(5));
  batch.set_position("region", "log", Partition(1), Offset(6));
  batch.set_position("regionl", "og", Partition(0), Offset(7));
  batch.set_position(std::string(5000, 'o'), std::string(5000, '/'), Partition(0), Offset(~0ull));
  REQUIRE(commit(store, std::move(batch)).ok());
  batch = {};
  batch.set_position("region", "log", Partition(0), Offset(9));
  REQUIRE(commit(store, std::move(batch)).ok());
  CHECK(*store.position("region", "log", Partition(0)).value() == Offset(9));
  CHECK(*store.position("region", "log", Partition(1)).value() == Offset(6));
  CHECK(*store.position("regionl", "og", Partition(0)).value() == Offset(7));
  CHECK(*store.position(std::string(5000, 'o'), std::string(5000, '/'), Partition(0)).value() == Offset(~0ull));
  CHECK(!store.position("region", "log", Partition(2))->has_value());
}

TEMPLATE_TEST_CASE("commits of many threads are whole, ordered and told in order", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  REQUIRE(store.open_log("l", {}).ok());
  constexpr int kThreads = 4, kEach = 100;
  std::atomic<int> done{0};
  std::vector<uint64_t> told;  // on the thread that commits, one at a time
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        WriteBatch batch;
        batch.append("l", Partition(0), std::to_string(t) + "/" + std::to_string(i), 3, {});
        batch.append_delta("t", {{"last" + std::to_string(t), std::to_string(i)}});
        batch.put("p", std::to_string(t) + "/" + std::to_string(i), "v");
        batch.set_position("o", std::to_string(t), Partition(0), Offset(i));
        store.commit(std::move(batch), [&](const Committed& committed) {
          if (committed.status.ok())
            told.push_back(committed.appended.at(0).value());
          ++done;
        });
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  REQUIRE(commit(store, {}).ok());
  REQUIRE(done == kThreads * kEach);
  const auto entries = store.read("l", Partition(0), Offset(0), 1 << 30);
  REQUIRE(entries->size() == kThreads * kEach);
  std::map<char, int> next;
  for (size_t i = 0; i < entries->size(); ++i) {
    REQUIRE((*entries)[i].first.value() == 3 * i);
    REQUIRE(told[i] == 3 * i);
    REQUIRE((*entries)[i].bytes ==
            std::string(1, (*entries)[i].bytes[0]) + "/" + std::to_string(next[(*entries)[i].bytes[0]]++));
  }
  for (int t = 0; t < kThreads; ++t) {
    CHECK(get_text(store, "t", "last" + std::to_string(t)) == std::to_string(kEach - 1));
    CHECK(*store.position("o", std::to_string(t), Partition(0)).value() == Offset(kEach - 1));
  }
  size_t puts = 0;
  REQUIRE(store.scan("p", "", [&](auto, auto) { return ++puts > 0; }).ok());
  CHECK(puts == kThreads * kEach);
  CHECK(store.stats().commits >= kThreads * kEach);
}

TEMPLATE_TEST_CASE("a subscriber is woken after each commit to its log until it lets go", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  REQUIRE(store.open_log("l", {}).ok());
  REQUIRE(store.open_log("m", {}).ok());
  std::atomic<int> woken{0}, others{0};
  std::atomic<uint64_t> seen{0};
  auto subscription = store.subscribe("l", [&] {
    ++woken;
    seen = store.range("l", Partition(0))->next.value();
  });
  auto other = store.subscribe("m", [&] { ++others; });
  const auto append = [&] {
    WriteBatch batch;
    batch.append("l", Partition(0), "x", 1, {});
    REQUIRE(commit(store, std::move(batch)).ok());
    REQUIRE(commit(store, {}).ok());  // by now the subscribers of the one before have been called
  };
  append();
  append();
  CHECK(woken == 2);
  CHECK(seen == 2);
  subscription.reset();
  append();
  CHECK(woken == 2);
  CHECK(others == 0);
  // One that lets go inside its own call.
  Store::Subscription self;
  int calls = 0;
  self = store.subscribe("l", [&] {
    ++calls;
    self.reset();
  });
  append();
  append();
  CHECK(calls == 1);
}

TEMPLATE_TEST_CASE("a done may commit again and open logs", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  REQUIRE(store.open_log("l", {}).ok());
  std::vector<std::string> order;
  WriteBatch first;
  first.append("l", Partition(0), "a", 1, {});
  store.commit(std::move(first), [&](const Committed&) {
    order.push_back("first");
    CHECK(store.open_log("made inside", {}).ok());
    WriteBatch second;
    second.append("made inside", Partition(0), "b", 1, {});
    store.commit(std::move(second),
                 [&](const Committed& committed) { order.push_back("second " + committed.status.to_string()); });
  });
  for (int i = 0; i < 2; ++i)
    REQUIRE(commit(store, {}).ok());
  CHECK(order == std::vector<std::string>{"first", "second ok"});
}

TEMPLATE_TEST_CASE("retention drops whole entries from the front, by age and by size", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  REQUIRE(store.open_log("age", {.partitions = 1, .retention = {.age = Duration{100}, .size = {}}}).ok());
  REQUIRE(store.open_log("size", {.partitions = 2, .retention = {.age = {}, .size = Bytes{10}}}).ok());
  REQUIRE(store.open_log("ever", {}).ok());
  WriteBatch batch;
  for (int i = 0; i < 5; ++i) {
    for (const char* log : {"age", "size", "ever"})
      batch.append(log, Partition(0), "1234", 2, {1000 + 50 * i});
  }
  batch.append("size", Partition(1), std::string(100, 'x'), 3, {1000});
  REQUIRE(commit(store, std::move(batch)).ok());
  CHECK(*store.retain({1150}) == 1 + 3);  // those of before 1050; 20 bytes down to 8
  CHECK(range_text(store, "age") == "2..10 16B");
  CHECK(range_text(store, "size") == "6..10 8B");
  CHECK(range_text(store, "ever") == "0..10 20B");
  CHECK(range_text(store, "size", 1) == "0..3 100B");  // a single entry over the limit stays
  CHECK(read_text(store, "age", 0, 0) == "2+2:1234 4+2:1234 6+2:1234 8+2:1234");
  CHECK(read_text(store, "size", 0, 0) == "6+2:1234 8+2:1234");
  CHECK(*store.retain({9000}) == 4);
  CHECK(range_text(store, "age") == "10..10 0B");
  CHECK(read_text(store, "age", 0, 0) == "");
  batch = {};
  batch.append("age", Partition(0), "next", 1, {9000});
  const Committed committed = store.commit_and_wait(std::move(batch));
  CHECK(committed.appended == std::vector{Offset(10)});
  CHECK(read_text(store, "age", 0, 0) == "10+1:next");
  // Retention can be changed.
  REQUIRE(store.open_log("ever", {.partitions = 1, .retention = {.age = Duration{1}, .size = {}}}).ok());
  CHECK(*store.retain({9000}) == 5);
}

TEMPLATE_TEST_CASE("values of many megabytes come back whole", "", EVERY_STORE) {
  TestType twin;
  Store& store = *twin.store;
  REQUIRE(store.open_log("l", {}).ok());
  std::string big(9 << 20, '\0');
  for (size_t i = 0; i < big.size(); i += 8)
    big[i] = static_cast<char>(i >> 3);
  WriteBatch batch;
  batch.append("l", Partition(0), big, 1, {});
  batch.append("l", Partition(0), "", 1, {});
  batch.put("t", "put", big);
  batch.append_delta("t", {{"delta", big}, {"empty", ""}});
  REQUIRE(commit(store, std::move(batch)).ok());
  const auto entries = store.read("l", Partition(0), Offset(0), 1);
  REQUIRE(entries->size() == 1);
  CHECK(entries->front().bytes == big);
  CHECK(read_text(store, "l", 0, 1) == "1+1:");
  CHECK(*store.get("t", "put").value() == big);
  CHECK(*store.get("t", "delta").value() == big);
  CHECK(get_text(store, "t", "empty") == "");
}

TEMPLATE_TEST_CASE("a store that is destroyed has answered every commit", "", EVERY_STORE) {
  int done = 0;
  {
    TestType twin;
    REQUIRE(twin.store->open_log("l", {}).ok());
    for (int i = 0; i < 50; ++i) {
      WriteBatch batch;
      batch.append("l", Partition(0), "x", 1, {});
      twin.store->commit(std::move(batch), [&](const Committed& committed) { done += committed.status.ok(); });
    }
  }
  CHECK(done == 50);
}
