#include "tests/simulation/broken_stores.h"

#include <algorithm>

#include "actors/sinks/sink_actor.h"
#include "actors/sources/source_actor.h"

namespace penstock::simulation {
namespace {

template <class Broken>
Door door() {
  return [](MemoryStore& store, uint64_t) { return std::make_unique<Broken>(store); };
}

// Takes the positions of regions, sources and sinks out of a batch.
WriteBatch take_positions(WriteBatch& batch) {
  WriteBatch positions;
  positions.positions = std::exchange(batch.positions, {});
  const auto is_position = [](const WriteBatch::Put& put) {
    return put.table == kSourcePositions || put.table == kSinkPositions;
  };
  const auto first = std::stable_partition(batch.puts.begin(), batch.puts.end(), std::not_fn(is_position));
  positions.puts.assign(std::make_move_iterator(first), std::make_move_iterator(batch.puts.end()));
  batch.puts.erase(first, batch.puts.end());
  return positions;
}

class PositionFirst final : public StoreDoor {
 public:
  using StoreDoor::StoreDoor;
  void commit(WriteBatch batch, CommitDone done) override {
    store_.commit(take_positions(batch), {});
    store_.commit(std::move(batch), std::move(done));
  }
};

class PositionLast final : public StoreDoor {
 public:
  using StoreDoor::StoreDoor;
  void commit(WriteBatch batch, CommitDone done) override {
    WriteBatch positions = take_positions(batch);
    store_.commit(std::move(batch), std::move(done));
    store_.commit(std::move(positions), {});
  }
};

class AnswerFirst final : public StoreDoor {
 public:
  using StoreDoor::StoreDoor;
  void commit(WriteBatch batch, CommitDone done) override {
    Committed committed;  // with offsets as they would be if nothing came between
    std::map<std::pair<std::string, Partition>, Offset> next;
    for (const WriteBatch::Append& append : batch.appends) {
      const auto range = store_.range(append.log, append.partition);
      Offset& offset =
          next.try_emplace({append.log, append.partition}, range.ok() ? range->next : Offset(0)).first->second;
      committed.appended.push_back(offset);
      offset = offset.next(append.records);
    }
    store_.commit(std::move(batch), {});
    if (done)
      done(committed);
  }
};

class NoFence final : public StoreDoor {
 public:
  using StoreDoor::StoreDoor;
  void commit(WriteBatch batch, CommitDone done) override {
    if (batch.appends.empty() && batch.puts.empty() && batch.deltas.empty() && batch.positions.empty() && done)
      return done({});
    store_.commit(std::move(batch), std::move(done));
  }
};

class Forgetful final : public StoreDoor {
 public:
  using StoreDoor::StoreDoor;
  Status scan(const std::string& table, std::string_view prefix, const Visit& visit) const override {
    bool keep = false;
    return store_.scan(table, prefix, [&](std::string_view key, std::string_view value) {
      keep = !keep;
      return !keep || visit(key, value);
    });
  }
};

class RefusalSwallowed final : public StoreDoor {
 public:
  using StoreDoor::StoreDoor;
  void commit(WriteBatch batch, CommitDone done) override {
    const size_t appends = batch.appends.size();
    store_.commit(std::move(batch), [done = std::move(done), appends](Committed committed) {
      committed.appended.resize(appends);
      if (done)
        done({ok(), committed.appended});
    });
  }
};

}  // namespace

Door position_first() { return door<PositionFirst>(); }
Door position_last() { return door<PositionLast>(); }
Door answer_first() { return door<AnswerFirst>(); }
Door no_fence() { return door<NoFence>(); }
Door forgetful() { return door<Forgetful>(); }
Door refusal_swallowed() { return door<RefusalSwallowed>(); }

}  // namespace penstock::simulation
