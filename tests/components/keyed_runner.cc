#include "tests/components/keyed_runner.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "messages/key.h"

namespace penstock::test {
namespace {

std::string joined(std::vector<std::string> lines) {
  std::string out;
  for (const std::string& line : lines)
    out += line;
  return out;
}

std::vector<std::string> rows_of(const BatchPtr& batch) {
  std::vector<std::string> out;
  for (size_t i = 0; i < batch->rows(); ++i)
    out.push_back(batch->slice(i, 1)->to_string());
  return out;
}

}  // namespace

KeyedRunner::KeyedRunner(const Made& made, uint32_t workers, uint64_t memory) : made_(made), memory_(memory) {
  start(workers);
}

void KeyedRunner::start(uint32_t workers) {
  workers_.clear();
  progress_.clear();
  committed_ = 0;
  std::vector<uint32_t> senders;
  for (uint32_t input = 0; input < made_.inputs.size(); ++input) {
    senders.push_back(input);
    progress_[input] = std::make_shared<const EventProgress>();
  }
  for (uint32_t w = 0; w < workers; ++w) {
    workers_.push_back(made_.aggregator());
    workers_.back()->set_senders(senders);
    const Status status = workers_.back()->open(StoredKeys(store_, "it", w, workers), MemoryShare{memory_});
    INFO(status.to_string());
    REQUIRE(status.ok());
  }
}

void KeyedRunner::feed(const BatchPtr& batch, size_t input) {
  open_.batches.emplace_back(input, batch);
  run(batch, input);
}

void KeyedRunner::run(const BatchPtr& batch, size_t input) {
  const topology::Routing& routing =
      input < made_.binding.routings.size() ? made_.binding.routings[input] : made_.binding.routing;
  std::vector<size_t> columns;
  for (const std::string& name : routing.columns)
    columns.push_back(*batch->schema()->index_of(name));
  std::vector<Selection> parts(workers_.size());
  for (size_t i = 0; i < batch->rows(); ++i) {
    std::string key;
    append_key(*batch, columns, batch->row(i), key);
    parts[route_key(key, static_cast<uint32_t>(workers_.size()))].push_back(static_cast<uint32_t>(batch->row(i)));
  }
  const bool timed = input < made_.binding.times.size() && !made_.binding.times[input].empty();
  for (size_t w = 0; w < workers_.size(); ++w) {
    if (parts[w].empty())
      continue;
    if (timed)
      workers_[w]->on_progress(static_cast<uint32_t>(input), progress_[input]);
    StageOutput out;
    const Status status = workers_[w]->process_input(input, batch->select(parts[w]), out);
    INFO(status.to_string());
    REQUIRE(status.ok());
    take(out);
  }
  if (!timed)
    return;
  const Column& times = *batch->column(*batch->schema()->index_of(made_.binding.times[input]));
  EventProgress next = *progress_[input];
  for (size_t i = 0; i < batch->rows(); ++i) {
    const size_t row = batch->row(i);
    if (times.is_null(row))
      continue;
    if (next.parts.empty())
      next.parts.push_back({static_cast<uint32_t>(input), 0, {times.int64s()[row]}});
    next.parts[0].latest.micros = std::max(next.parts[0].latest.micros, times.int64s()[row]);
  }
  progress_[input] = std::make_shared<const EventProgress>(next);
}

void KeyedRunner::end_epoch() {
  finish();
  ended_.push_back(std::move(open_));
  open_ = {};
}

void KeyedRunner::finish() {
  for (auto& worker : workers_) {
    worker->committed(committed_);
    for (const auto& [input, progress] : progress_)
      if (input < made_.binding.times.size() && !made_.binding.times[input].empty())
        worker->on_progress(static_cast<uint32_t>(input), progress);
    StageOutput out;
    const Status status = worker->end_epoch(out);
    INFO(status.to_string());
    REQUIRE(status.ok());
    std::move(out.changes.begin(), out.changes.end(), std::back_inserter(open_.changes));
    take(out);
  }
}

void KeyedRunner::take(StageOutput& out) {
  for (const BatchPtr& batch : out.batches) {
    CHECK(*batch->schema() == *made_.binding.output);
    for (const std::string& row : rows_of(batch))
      open_.lines.emplace_back("", row);
  }
  for (const auto& [name, batch] : out.sides) {
    CHECK(*batch->schema() == *made_.binding.outputs.at(name));
    for (const std::string& row : rows_of(batch))
      open_.lines.emplace_back(name, row);
  }
  for (const Rejected& rejected : out.rejected)
    open_.lines.emplace_back("!", rejected.reason + "\n");
}

void KeyedRunner::commit_oldest() {
  if (ended_.empty())
    return;
  Epoch& epoch = ended_.front();
  if (!epoch.changes.empty()) {
    WriteBatch write;
    write.append_delta("it", std::move(epoch.changes));
    REQUIRE(store_.commit_and_wait(std::move(write)).status.ok());
  }
  std::move(epoch.lines.begin(), epoch.lines.end(), std::back_inserter(lines_));
  ended_.pop_front();
  ++committed_;
}

void KeyedRunner::commit_all() {
  while (!ended_.empty())
    commit_oldest();
}

void KeyedRunner::crash(uint32_t workers) {
  start(workers);
  std::deque<Epoch> again;
  again.swap(ended_);
  Epoch last = std::move(open_);
  for (const Epoch& epoch : again) {
    open_ = {};
    for (const auto& [input, batch] : epoch.batches)
      feed(batch, input);
    end_epoch();
  }
  open_ = {};
  for (const auto& [input, batch] : last.batches)
    feed(batch, input);
}

std::string KeyedRunner::lines(const std::string& output) const {
  std::string out;
  const auto add = [&](const std::vector<std::pair<std::string, std::string>>& lines) {
    for (const auto& [name, line] : lines)
      if (name == output)
        out += line;
  };
  add(lines_);
  for (const Epoch& epoch : ended_)
    add(epoch.lines);
  add(open_.lines);
  return out;
}

std::string KeyedRunner::sorted(const std::string& output) const {
  const std::string all = lines(output);
  std::multiset<std::string> sorted;
  for (size_t begin = 0; begin < all.size();) {
    const size_t end = all.find('\n', begin) + 1;
    sorted.insert(all.substr(begin, end - begin));
    begin = end;
  }
  return joined({sorted.begin(), sorted.end()});
}

std::string KeyedRunner::view() const {
  std::vector<std::string> all;
  for (const auto& worker : workers_)
    for (const std::string& row : rows_of(worker->read_all(1'000'000).value()))
      all.push_back(row);
  std::sort(all.begin(), all.end());
  return joined(std::move(all));
}

BatchPtr KeyedRunner::lookup(const std::string& key) const {
  for (const auto& worker : workers_)
    if (const BatchPtr row = worker->lookup({key}).value())
      return row;
  return nullptr;
}

size_t KeyedRunner::keys() const {
  size_t keys = 0;
  for (const auto& worker : workers_)
    keys += worker->keys();
  return keys;
}

size_t KeyedRunner::stored() const {
  size_t entries = 0;
  REQUIRE(store_.scan("it", "", [&](std::string_view, std::string_view) { return ++entries > 0; }).ok());
  return entries;
}

bool KeyedRunner::waits_for_time() const {
  return std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->waits_for_time(); });
}

}  // namespace penstock::test
