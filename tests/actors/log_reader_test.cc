#include "actors/regions/log_reader.h"

#include <catch2/catch.hpp>

#include "messages/batch_codec.h"
#include "storage/memory_store.h"
#include "tests/support/recording_monitor.h"

using namespace penstock;

namespace {

const SchemaPtr kSchema = std::make_shared<const Schema>(std::vector<Field>{{"n", Type::kInt64, true}});
const monitoring::Origin kConsumer{"sums", "region", "region"};

// A log whose entries of two records come a second apart and are kept for ten.
struct Fixture {
  MemoryStore store{{.synchronous = true}};
  test::RecordingMonitor monitor;
  int64_t next = 0;

  Fixture() { REQUIRE(store.open_log("waiting", {1, {Duration{10'000'000}, std::nullopt}}).ok()); }

  void append(size_t entries) {
    for (size_t i = 0; i < entries; ++i, next += 2) {
      WriteBatch write;
      const BatchPtr rows = RecordBatch::make(kSchema, {Column::int64s({next, next + 1})});
      write.append("waiting", Partition(0), encode_batch(*rows), 2, Timestamp{next / 2 * 1'000'000});
      REQUIRE(store.commit_and_wait(std::move(write)).status.ok());
    }
  }
  void retain(int64_t seconds) { REQUIRE(store.retain(Timestamp{seconds * 1'000'000}).ok()); }
  void commit_position(uint64_t offset) {
    WriteBatch write;
    write.set_position("sums", "waiting", Partition(0), Offset(offset));
    REQUIRE(store.commit_and_wait(std::move(write)).status.ok());
  }
  LogReader open(const std::string& owner = "sums") {
    LogReader reader(store, nullptr, "waiting", kSchema);
    reader.tell_losses(monitor, kConsumer);
    REQUIRE(reader.open(owner).ok());
    return reader;
  }
  static std::string all(LogReader& reader) {
    std::string out;
    for (;;) {
      const auto batch = reader.next();
      REQUIRE(batch.ok());
      if (!*batch)
        return out;
      for (size_t i = 0; i < (*batch)->rows(); ++i)
        out += std::to_string((*batch)->column(0)->int64s()[(*batch)->row(i)]) + " ";
    }
  }
  std::string told() const {
    std::string out;
    for (const std::string& event : monitor.events())
      out += event + "\n";
    return out;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a consumer that comes after retention is told how many records it has lost") {
  append(20);
  commit_position(5);
  retain(22);  // entries of seconds 0 to 11 are older than ten seconds
  LogReader reader = open();
  CHECK(told() == "lost sums 19\n");
  CHECK(all(reader) == "24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 ");
  CHECK(told() == "lost sums 19\n");
}

TEST_CASE_METHOD(Fixture,
                 "a consumer that retention overtakes while it reads is told too, for what it had not read yet") {
  append(2);
  LogReader reader = open();
  CHECK(all(reader) == "0 1 2 3 ");
  append(4);
  retain(14);  // 0 to 3 are gone, which it has read, and nothing else
  CHECK(told().empty());
  append(10);
  retain(18);
  CHECK(all(reader) == "16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 ");
  CHECK(told() == "lost sums 12\n");
}

TEST_CASE_METHOD(Fixture, "a consumer that never had a position begins with the oldest record and has lost nothing") {
  append(12);
  retain(15);
  LogReader fresh = open(), training = open("");
  CHECK(all(fresh) == all(training));
  CHECK(fresh.positions().front() == Offset(24));
  CHECK(told().empty());
}

TEST_CASE_METHOD(Fixture, "a consumer whose log was emptied goes on at its end") {
  append(3);
  commit_position(2);
  retain(60);
  LogReader reader = open();
  CHECK(told() == "lost sums 4\n");
  CHECK(all(reader).empty());
  append(1);
  CHECK(all(reader) == "6 7 ");
  CHECK(told() == "lost sums 4\n");
}
