#include "actors/sources/ingest_traces.h"

#include <catch2/catch.hpp>

#include "storage/memory_store.h"
#include "tests/support/plan_of.h"
#include "tests/support/recording_monitor.h"

using namespace penstock;

namespace {

struct Shop {
  topology::Plan plan = testing::plan_of(
      "name: t\nschemas:\n  order: {id: string, amount: int64}\nsources:\n"
      "  orders: {type: http, path: /ingest/orders, schema: order, key: id, partitions: 3}\n"
      "servers: {api: {type: http}}\n");
  MemoryStore store;
  test::RecordingMonitor monitor;
  RuntimeOptions options = [] {
    RuntimeOptions with_requests;
    with_requests.trace.requests = true;
    return with_requests;
  }();
  Runtime runtime{plan, store, Clock::system(), monitor, options, {}, {}, BatchCache(1 << 20), {}};
  LogAppender appender = source_appender(plan, "orders");
  const monitoring::Origin origin{"orders", "source", "http"};

  Shop() { REQUIRE(prepare(runtime).ok()); }

  static BatchPtr orders(size_t count) {
    const auto schema = std::make_shared<const Schema>(
        std::vector<Field>{{"id", Type::kString, false}, {"amount", Type::kInt64, false}});
    BatchBuilder builder(schema);
    for (size_t i = 0; i < count; ++i) {
      builder.column(0).append_string("o" + std::to_string(i));
      builder.column(1).append_int64(static_cast<int64_t>(i));
    }
    return builder.finish();
  }
};

TraceParent parent(const std::string& name) { return {trace_named(name), {7}, true}; }

}  // namespace

TEST_CASE_METHOD(Shop, "rows that ask are followed wherever they are routed, each in its own trace") {
  WriteBatch write;
  std::vector<LogAppender::Part> parts = appender.append(IngestTraces::numbered(orders(50)), {}, write);
  REQUIRE(parts.size() == 3);
  std::vector<std::pair<uint32_t, TraceParent>> asked;
  for (const uint32_t row : {3, 17, 49})
    asked.emplace_back(row, parent(std::to_string(row)));
  const IngestTracesPtr traces = IngestTraces::of_read(runtime, origin, asked, parts, {}, write);
  REQUIRE(traces);
  const Committed committed = store.commit_and_wait(std::move(write));
  CHECK(runtime.traces.any());  // known before the commit is told
  traces->committed(committed);
  size_t followed = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    CHECK_FALSE(parts[i].batch->origin());
    const BatchPtr read = parts[i].batch->with_origin({parts[i].partition, committed.appended[i], {}, nullptr});
    for (const auto& [row, record] : runtime.traces.in("orders", *read)) {
      ++followed;
      CHECK(record.trace == trace_named(std::to_string(read->column(1)->int64s()[row])));
    }
  }
  CHECK(followed == 3);
  CHECK(monitor.count("trace orders ingested") == 3);
}

TEST_CASE_METHOD(Shop, "what was refused is not followed") {
  WriteBatch write;
  std::vector<LogAppender::Part> parts = appender.append(orders(5), {}, write);
  const IngestTracesPtr traces = IngestTraces::of_request(runtime, origin, parent("a client's"), parts, {}, write);
  REQUIRE(traces);
  write.placed(std::vector<Offset>(parts.size()));
  CHECK(runtime.traces.any());
  CHECK(traces->committed({unavailable("the disk does not take writes"), {}}).empty());
  CHECK_FALSE(runtime.traces.any());
  CHECK(monitor.events().empty());
}

TEST_CASE_METHOD(Shop, "of one request so many records are followed, and who does not ask is not") {
  WriteBatch write;
  std::vector<LogAppender::Part> parts = appender.append(orders(3 * IngestTraces::kMost), {}, write);
  CHECK_FALSE(IngestTraces::of_request(runtime, origin, std::nullopt, parts, {}, write));
  const IngestTracesPtr traces = IngestTraces::of_request(runtime, origin, parent("a client's"), parts, {}, write);
  const std::string answer = traces->committed(store.commit_and_wait(std::move(write)));
  CHECK(answer.starts_with("00-" + trace_named("a client's").hex() + "-"));
  CHECK(monitor.count("trace orders ingested") == IngestTraces::kMost);
}
