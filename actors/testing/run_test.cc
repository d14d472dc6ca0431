#include "actors/testing/run_test.h"

#include <algorithm>
#include <map>

#include "actors/regions/dead_letters.h"
#include "actors/regions/log_reader.h"
#include "actors/supervision/test_node.h"
#include "actors/testing/given_rows.h"
#include "messages/batch_codec.h"

namespace penstock {
namespace {

using topology::BoundComponent;
using topology::ExpectedRows;
using topology::Role;
using topology::Test;
using topology::TestRound;

constexpr int64_t kSlices = 64;  // of a time that goes by, so that what falls due on the way does so in its order

// Whose rows a log holds: of a sink, those of its input.
std::string log_of(const topology::CheckedTopology& topology, const std::string& name) {
  const BoundComponent* component = topology.find(name);
  return component && component->component.role == Role::kSink ? component->component.inputs.front() : name;
}

bool is_of_view(const topology::CheckedTopology& topology, const ExpectedRows& expectation) {
  const BoundComponent* component = topology.find(expectation.name);
  return component && component->binding.is_view && !expectation.emitted;
}

class TestRun {
 public:
  TestRun(const topology::Plan& plan, const Test& test)
      : plan_(plan), test_(test), clock_(test.rounds.front().at.value_or(topology::kTestBegin)) {}

  Result<TestResult> run() {
    PENSTOCK_TRY(start());
    for (const TestRound& round : test_.rounds) {
      if (round.at)
        PENSTOCK_TRY(pass_time(round.at->micros - clock_.now().micros, round.place));
      PENSTOCK_TRY(give(round));
      if (round.advance)
        PENSTOCK_TRY(pass_time(round.advance->micros, round.place));
      for (const ExpectedRows& expectation : round.expect)
        PENSTOCK_TRY(compare(expectation));
    }
    report_failures();
    return std::move(result_);
  }

 private:
  Status start() {
    PENSTOCK_ASSIGN(node_, TestNode::start(plan_, store_, clock_));
    return ok();
  }

  void differs(topology::Place place, const std::string& name, std::string what) {
    result_.differences.push_back({name, {place, std::move(what), {}, {}}});
  }

  void settle(topology::Place place) {
    if (const Status status = node_->settle(); !status.ok())
      differs(place, "the node", status.message());
  }

  Status pass_time(int64_t micros, topology::Place place) {
    for (int64_t slice = 0, gone = 0; slice < kSlices && gone < micros; ++slice) {
      const int64_t step = micros * (slice + 1) / kSlices - gone;
      clock_.advance_micros(step);
      gone += step;
      if (step > 0)
        settle(place);
    }
    return ok();
  }

  // A row is a batch of its own. Those of one source follow each other at once; then the next source's come.
  Status give(const TestRound& round) {
    size_t rows = 0;
    auto crash = round.crashes.begin();
    for (const topology::Given& given : round.given) {
      const BoundComponent& source = *plan_.topology.find(given.source);
      for (const topology::GivenRow& row : given.rows) {
        ++rows;
        const bool crashes = crash != round.crashes.end() && crash->rows == rows;
        if (crashes)
          settle(row.place);
        PENSTOCK_ASSIGN(IngestRequest request, given_request(source, row));
        if (request.records->rows() == 0)
          set_aside(std::move(request));
        else
          node_->take(std::move(request));
        (void)node_->commit();
        for (; crash != round.crashes.end() && crash->rows == rows; ++crash)
          PENSTOCK_TRY(crash_now(*crash));
      }
      settle(round.place);
    }
    return ok();
  }

  // As a source does that reads by itself: a request in which no record is good would be refused.
  void set_aside(IngestRequest request) {
    std::vector<std::pair<std::string, Rejected>> rejected;
    for (WrongRecord& wrong : request.wrong) {
      Rejected letter;
      letter.reason = (wrong.pointer.empty() ? "" : wrong.pointer + ": ") + wrong.detail;
      letter.record = std::move(wrong.record);
      rejected.emplace_back(request.source, std::move(letter));
    }
    if (rejected.empty())
      return;
    const BatchPtr letters = dead_letter_batch(plan_.topology.name, "", rejected, clock_.now());
    WriteBatch write;
    write.append(kDeadLettersLog, Partition(0), encode_batch(*letters), static_cast<uint32_t>(letters->rows()),
                 clock_.now());
    store_.commit(std::move(write), [](const Committed&) {});
  }

  Status crash_now(const topology::Crash& crash) {
    if (!crash.component.empty()) {
      node_->crash(crash.component, true);
      settle(crash.place);
      return ok();
    }
    node_->work();
    report_failures();
    node_.reset();
    return start();
  }

  void report_failures() {
    for (const std::string& failure : node_->failures())
      differs(test_.place, "the node", failure);
  }

  Status compare(const ExpectedRows& expectation) {
    PENSTOCK_ASSIGN(const BatchPtr rows,
                    is_of_view(plan_.topology, expectation) ? view(expectation.name) : emitted(expectation.name));
    for (TestDifference& difference : match_rows(expectation, rows))
      result_.differences.emplace_back(expectation.name, std::move(difference));
    return ok();
  }

  Result<BatchPtr> view(const std::string& name) {
    std::vector<BatchPtr> parts;
    for (const auto& worker : node_->runtime().views.get(name)) {
      if (!worker)
        return failed_precondition("the view " + name + " has not started");
      PENSTOCK_ASSIGN(BatchPtr part, worker->read_all(SIZE_MAX));
      parts.push_back(std::move(part));
    }
    return parts.empty() ? BatchPtr() : concatenate(parts);
  }

  // Those that came since a test last asked for them.
  Result<BatchPtr> emitted(const std::string& name) {
    const std::string log = log_of(plan_.topology, name);
    SchemaPtr schema = log == kDeadLettersLog ? dead_letter_schema() : plan_.topology.find(log)->binding.output;
    std::vector<Offset>& seen = seen_[name];
    LogReader reader(store_, nullptr, log, std::move(schema), seen);
    std::vector<BatchPtr> parts;
    PENSTOCK_TRY(reader.open(""));
    for (;;) {
      PENSTOCK_ASSIGN(BatchPtr part, reader.next());
      if (!part)
        break;
      parts.push_back(std::move(part));
    }
    seen = reader.positions();
    return parts.empty() ? BatchPtr() : concatenate(parts);
  }

  const topology::Plan& plan_;
  const Test& test_;
  ManualClock clock_;
  MemoryStore store_{{.synchronous = true}};
  std::unique_ptr<TestNode> node_;
  std::map<std::string, std::vector<Offset>> seen_;  // how far its rows were compared
  TestResult result_;
};

}  // namespace

topology::Plan make_test_plan(topology::CheckedTopology topology, const std::vector<Test>& tests) {
  for (const Test& test : tests)
    for (const TestRound& round : test.rounds)
      for (const ExpectedRows& expectation : round.expect) {
        const BoundComponent* component = topology.find(expectation.name);
        const std::string reader = expectation.name + ">test";
        if (!component || component->component.role != Role::kStage || is_of_view(topology, expectation) ||
            topology.find(reader))
          continue;
        BoundComponent sink;  // what a sink reads has a log
        sink.component.role = Role::kSink;
        sink.component.id = reader;
        sink.component.type = "test";
        sink.component.inputs = {expectation.name};
        topology.components.push_back(std::move(sink));
      }
  return topology::make_plan(std::move(topology));
}

Result<TestResult> run_test(const topology::Plan& plan, const Test& test) {
  if (test.rounds.empty())
    return TestResult{};
  return TestRun(plan, test).run();
}

}  // namespace penstock
