// A source's Ingest over a store whose commits the test runs, and requests and answers as short texts.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "actors/sources/ingest.h"
#include "actors/sources/ingest_records.h"
#include "messages/batch_codec.h"
#include "messages/json_lines.h"
#include "storage/memory_store.h"
#include "tests/support/plan_of.h"
#include "tests/support/recording_monitor.h"

namespace penstock {

inline const std::string kIngestTopology =
    "name: t\n"
    "schemas:\n"
    "  order: {id: string, amount: int64}\n"
    "sources:\n"
    "  orders: {type: http, path: /ingest/orders, schema: order, id: id, key: id, partitions: 2, dedupe_for: 1h, "
    "max_bytes: 1MiB, retain_for: 1s}\n"
    "  plain: {type: http, path: /ingest/plain, schema: order}\n"
    "servers: {api: {type: http}}\n";

/// A source's Ingest over a store whose commits the test runs, and which outlives the process.
struct IngestFixture {
  IngestFixture() {
    store.pause();
    restart("orders");
  }

  void restart(const std::string& source) {
    ingest.reset();
    RuntimeOptions options;
    options.memory_budget = Bytes{64 << 20};
    runtime =
        std::unique_ptr<Runtime>(new Runtime{plan, store, clock, monitor, options, {}, {}, BatchCache(1 << 20), {}});
    REQUIRE(prepare(*runtime).ok());
    ingest = std::make_unique<Ingest>(*runtime, source);
  }

  static IngestRequest request(const std::string& lines, const std::string& key = {}) {
    const auto schema = std::make_shared<const Schema>(
        std::vector<Field>{{"id", Type::kString, false}, {"amount", Type::kInt64, false}});
    Decoded decoded = JsonLinesDecoder(schema).decode(lines);
    IngestRequest out;
    out.records = decoded.batch;
    for (const DecodeError& error : decoded.errors)
      out.wrong.push_back({"line " + std::to_string(error.line), "expected " + error.expected, error.record});
    out.idempotency_key = key;
    out.fingerprint = lines;
    out.bytes = lines.size();
    return out;
  }

  /// Sends a request; the answer comes, as a short text, when the store commits.
  std::shared_ptr<std::string> send(IngestRequest request) {
    auto answer = std::make_shared<std::string>("pending");
    ingest->take(std::move(request), [answer](const Result<IngestAnswer>& result) {
      CHECK(*answer == "pending");
      *answer = shown(result);
    });
    return answer;
  }
  std::string take(IngestRequest request) {
    const auto answer = send(std::move(request));
    while (store.step()) {
    }
    return *answer;
  }
  std::string take(const std::string& lines, const std::string& key = {}) { return take(request(lines, key)); }

  static std::string shown(const Result<IngestAnswer>& result) {
    if (!result.ok())
      return result.status().to_string();
    if (result->outcome == IngestAnswer::Outcome::kRefused)
      return "refused " + std::to_string(result->rejected);
    if (result->outcome == IngestAnswer::Outcome::kKeyReused)
      return "key reused";
    std::string out = result->replayed ? "again " : "taken ";
    out += std::to_string(result->accepted);
    if (result->rejected > 0)
      out += " wrong " + std::to_string(result->rejected);
    if (result->duplicates > 0)
      out += " known " + std::to_string(result->duplicates);
    for (const auto& place : result->places)
      out += " p" + std::to_string(place.partition.value()) + "@" + std::to_string(place.first.value()) + "+" +
             std::to_string(place.records);
    for (const auto& error : result->errors)
      out += " (" + error.pointer + ": " + error.detail + ")";
    return out;
  }

  /// The rows of a log, partition by partition.
  std::string rows(const std::string& log) {
    std::string out;
    for (uint32_t p = 0; p < *store.partitions(log); ++p) {
      const auto entries = store.read(log, Partition(p), Offset(0), 1 << 30);
      for (const LogEntry& entry : *entries)
        out += (*decode_batch(entry.bytes, nullptr))->to_string();
    }
    return out;
  }
  size_t remembered(const std::string& source = "orders") {
    size_t entries = 0;
    REQUIRE(store.scan(ingest_table(source), "", [&](auto, auto) { return ++entries > 0; }).ok());
    return entries;
  }

  const topology::Plan plan = testing::plan_of(kIngestTopology);
  ManualClock clock{{1'000'000'000'000}};
  test::RecordingMonitor monitor;
  MemoryStore store{MemoryStoreOptions{.synchronous = true}};
  std::unique_ptr<Runtime> runtime;
  std::unique_ptr<Ingest> ingest;
};

}  // namespace penstock
