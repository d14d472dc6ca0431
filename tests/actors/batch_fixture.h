// A view's region and the workers of batch runs, moved step by step by a test over a store that outlives them: records come, epochs
// end, tasks go on, and any of them dies, in an order that a seed decides. What the view must be is counted anew, without any of
// the code under test.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/batch/batch_runs.h"
#include "actors/components.h"
#include "actors/make_context.h"
#include "actors/regions/log_reader.h"
#include "actors/regions/region_turn.h"
#include "core/random.h"
#include "messages/batch_codec.h"
#include "messages/json_writer.h"
#include "messages/key.h"
#include "storage/memory_store.h"
#include "tests/support/plan_of.h"
#include "tests/support/recording_monitor.h"

namespace penstock::test {

inline std::string sales_topology(int workers, const std::string& where = "amount <> 3", const std::string& more = {}) {
  return "name: t\n"
         "schemas:\n"
         "  sale: {shop: string, amount: int64, price: float64}\n"
         "sources:\n"
         "  web: {type: http, path: /web, schema: sale, partitions: 2}\n"
         "  till: {type: http, path: /till, schema: sale}\n"
         "stages:\n"
         "  all_sales: {type: union, inputs: [web, till]}\n"
         "  some: {type: filter, input: all_sales, where: " +
         where +
         "}\n"
         "  sales:\n"
         "    type: reduce\n"
         "    input: some\n"
         "    group_by: [shop]\n"
         "    aggregates: {n: count(*), total: sum(amount), mean: avg(price), kinds: count(distinct amount), most: "
         "max(price)}\n"
         "    workers: " +
         std::to_string(workers) +
         "\n"
         "    memory: 16KiB\n" +
         more + "servers: {api: {type: http}}\n";
}

class BatchFixture {
 public:
  BatchFixture(uint64_t seed, const std::string& topology, BatchLimits limits)
      : random_(seed), limits_(limits), plan_(testing::plan_of(topology)) {
    start_process();
  }
  ~BatchFixture() {
    runs_.reset();
    workers_.clear();
  }

  // The process.
  void start_process() {
    workers_.clear();
    tickets_.clear();
    runs_.reset();
    RuntimeOptions options;
    runtime_ = std::unique_ptr<Runtime>(
        new Runtime{plan_, store_, clock_, monitor_, options, {}, {}, BatchCache(1 << 20), {}});
    REQUIRE(prepare(*runtime_).ok());
    runs_ = std::make_unique<BatchRuns>(*runtime_, limits_);
    REQUIRE(runs_->open().ok());
    for (uint32_t worker = 0; worker < limits_.workers; ++worker)
      runs_->attend(worker, [] {});
    tickets_.resize(limits_.workers);
    start_region();
  }
  /// Another definition of the topology comes with the next process.
  void change(const std::string& topology) {
    plan_ = testing::plan_of(topology);
    start_process();
  }

  // The region: reads what has come, and commits it.
  void start_region() {
    workers_.clear();
    epochs_ = 0;
    const uint32_t count = static_cast<uint32_t>(plan_.topology.find("sales")->component.integer("workers"));
    for (uint32_t worker = 0; worker < count; ++worker) {
      const auto& make = std::get<MakeAggregator>(component_entry(topology::Role::kStage, "reduce").make);
      auto aggregator = make(make_context(plan_.topology, "sales", clock_));
      REQUIRE(aggregator.ok());
      const auto table = present_table(store_, "sales");
      REQUIRE(table.ok());
      REQUIRE((*aggregator)->open(StoredKeys(store_, *table, worker, count), {16'384 / count, {}, {}, {}}).ok());
      workers_.push_back(std::move(*aggregator));
    }
  }
  /// `dies`: before it is committed. Reads up to so many batches.
  void epoch(size_t batches, bool dies = false) {
    std::vector<ReadPosition> read;
    WriteBatch write;
    const SchemaPtr schema = plan_.topology.schemas.at("sale");
    for (const auto& [log, partitions] : {std::pair{"web", 2U}, std::pair{"till", 1U}}) {
      LogReader reader(store_, nullptr, log, schema);
      REQUIRE(reader.open("region").ok());
      for (size_t i = 0; i < batches; ++i) {
        const auto batch = reader.next();
        REQUIRE(batch.ok());
        if (*batch)
          process(*batch);
      }
      for (uint32_t partition = 0; partition < partitions; ++partition) {
        write.set_position("region", log, Partition(partition), reader.positions()[partition]);
        read.push_back({log, Partition(partition), reader.positions()[partition]});
      }
    }
    const RegionTurnPtr turn = runtime_->turns.take(region());
    Status status;
    for (uint32_t worker = 0; worker < workers_.size(); ++worker) {
      Aggregator& aggregator = *workers_[worker];
      StageOutput out;
      aggregator.committed(epochs_);
      REQUIRE(aggregator.end_epoch(out).ok());
      add(aggregator, out, write);
      if (turn && status.ok())
        status = turn->act(aggregator, worker, static_cast<uint32_t>(workers_.size()), out);
      add(aggregator, out, write);
      if (dies && random_.below(2) == 0)
        break;
    }
    if (dies || !status.ok()) {
      if (turn)
        turn->done(unavailable("the region stopped"), {});
      return start_region();
    }
    REQUIRE(store_.commit_and_wait(std::move(write)).status.ok());
    ++epochs_;
    if (turn)
      turn->done(ok(), read);
  }

  // Records come.
  void append(size_t rows, uint64_t shops) {
    BatchBuilder builder(plan_.topology.schemas.at("sale"));
    for (size_t i = 0; i < rows; ++i) {
      const uint64_t shop = random_.below(shops + 1);
      const auto amount = static_cast<int64_t>(random_.below(9));
      const double price = static_cast<double>(random_.below(1000)) / 8;
      shop == shops ? builder.column(0).append_null() : builder.column(0).append_string("shop" + std::to_string(shop));
      builder.column(1).append_int64(amount);
      builder.column(2).append_float64(price);
      if (amount == left_out_)
        continue;
      Counted& counted = counted_[shop == shops ? "null" : "\"shop" + std::to_string(shop) + "\""];
      ++counted.n;
      counted.total += amount;
      counted.prices += price;
      counted.kinds.insert(amount);
      counted.most = std::max(counted.most, price);
    }
    WriteBatch write;
    const bool web = random_.below(3) > 0;
    write.append(web ? "web" : "till", Partition(web ? static_cast<uint32_t>(random_.below(2)) : 0),
                 encode_batch(*builder.finish()), static_cast<uint32_t>(rows), clock_.now());
    REQUIRE(store_.commit_and_wait(std::move(write)).status.ok());
  }

  // The workers of batch runs.
  void step(uint32_t worker) {
    auto& ticket = tickets_[worker];
    if (ticket && !runs_->holds(worker, *ticket))
      ticket.reset();
    if (!ticket)
      ticket = runs_->take(worker);
    if (!ticket)
      return;
    auto done = ticket->task->step();
    Status status = done.status();
    if (done.ok() && done->write)
      status = store_.commit_and_wait(std::move(*done->write)).status;
    if (!status.ok())
      runs_->failed(worker, *std::exchange(ticket, std::nullopt), status);
    else if (done->finished)
      runs_->finished(worker, *std::exchange(ticket, std::nullopt));
  }
  void crash_worker(uint32_t worker) {
    tickets_[worker].reset();
    runs_->attend(worker, [] {});
  }

  /// Everything goes on, with nothing dying, until the run has ended.
  BatchRunStatus finish(const std::string& run) {
    for (int i = 0; i < 100'000; ++i) {
      const auto status = runs_->run(run);
      REQUIRE(status.ok());
      if (status->ended())
        return *status;
      if (i % 8 == 0)
        epoch(2);
      step(static_cast<uint32_t>(random_.below(limits_.workers)));
    }
    FAIL("the run does not end");
    return {};
  }
  BatchRunStatus run(BatchPurpose purpose) {
    const auto id = runs_->start({.view = "sales", .purpose = purpose}, {});
    REQUIRE(id.ok());
    return finish(*id);
  }
  void read_on() {
    for (int i = 0; i < 200; ++i)
      epoch(4);
  }

  /// The view's rows, `"shop1" n=3 total=7 ...`, sorted.
  std::string view() const {
    std::set<std::string> rows;
    for (const auto& worker : workers_) {
      const auto batch = worker->read_all(1'000'000);
      REQUIRE(batch.ok());
      for (size_t i = 0; i < (*batch)->rows(); ++i)
        rows.insert(row_to_json(**batch, i));
    }
    std::string out;
    for (const std::string& row : rows)
      out += row + "\n";
    return out;
  }
  /// The same, counted.
  std::string counted() const {
    BatchBuilder builder(plan_.topology.find("sales")->binding.output);
    for (const auto& [shop, of] : counted_) {
      shop == "null" ? builder.column(0).append_null()
                     : builder.column(0).append_string(shop.substr(1, shop.size() - 2));
      builder.column(1).append_int64(of.n);
      builder.column(2).append_int64(of.total);
      builder.column(3).append_float64(of.prices / static_cast<double>(of.n));
      builder.column(4).append_int64(static_cast<int64_t>(of.kinds.size()));
      builder.column(5).append_float64(of.most);
    }
    const BatchPtr batch = builder.finish();
    std::set<std::string> rows;
    for (size_t i = 0; i < batch->rows(); ++i)
      rows.insert(row_to_json(*batch, i));
    std::string out;
    for (const std::string& row : rows)
      out += row + "\n";
    return out;
  }
  /// Entries of tables that should be gone.
  size_t leftovers(const std::set<std::string>& tables) const {
    size_t entries = 0;
    for (const std::string& table : tables)
      REQUIRE(store_.scan(table, "", [&](std::string_view, std::string_view) { return ++entries > 0; }).ok());
    return entries;
  }
  void clean_up() {
    for (uint32_t i = 0; i < 1000 * limits_.workers; ++i)
      step(i % limits_.workers);
  }

  std::string region() const {
    const auto plan = plan_view(plan_, "sales");
    REQUIRE(plan.ok());
    return plan->region;
  }

  Random& random() { return random_; }
  BatchRuns& runs() { return *runs_; }
  MemoryStore& store() { return store_; }
  ManualClock& clock() { return clock_; }
  const BatchLimits& limits() const { return limits_; }
  void leave_out(int64_t amount) { left_out_ = amount; }

 private:
  struct Counted {
    int64_t n = 0, total = 0;
    double prices = 0, most = -1;
    std::set<int64_t> kinds;
  };

  void process(const BatchPtr& batch) {
    std::vector<Selection> rows(workers_.size());
    const size_t column = 0;
    for (size_t i = 0; i < batch->rows(); ++i) {
      const size_t row = batch->row(i);
      if (batch->column(1)->int64s()[row] == left_out_)
        continue;
      std::string key;
      append_key(*batch, {&column, 1}, row, key);
      rows[route_key(key, static_cast<uint32_t>(workers_.size()))].push_back(static_cast<uint32_t>(row));
    }
    for (size_t worker = 0; worker < workers_.size(); ++worker) {
      StageOutput out;
      if (!rows[worker].empty())
        REQUIRE(workers_[worker]->process(batch->select(std::move(rows[worker])), out).ok());
    }
  }
  static void add(const Aggregator& aggregator, StageOutput& out, WriteBatch& write) {
    for (auto& [table, delta] : out.other_changes)
      write.append_delta(table, std::move(delta));
    const std::string table = aggregator.table().empty() ? "sales" : aggregator.table();
    if (!out.changes.empty())
      write.append_delta(table, std::move(out.changes));
    out.clear();
  }

  Random random_;
  BatchLimits limits_;
  MemoryStore store_{{.synchronous = true}};
  ManualClock clock_{Timestamp{1'000'000'000}};
  RecordingMonitor monitor_;
  topology::Plan plan_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<BatchRuns> runs_;
  std::vector<std::unique_ptr<Aggregator>> workers_;
  std::vector<std::optional<BatchRuns::Ticket>> tickets_;
  uint64_t epochs_ = 0;
  std::map<std::string, Counted> counted_;
  int64_t left_out_ = 3;
};

}  // namespace penstock::test
