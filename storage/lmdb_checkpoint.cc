#include "storage/lmdb_checkpoint.h"

#include "core/fault_points.h"
#include "storage/bytes.h"
#include "storage/lmdb_format.h"
#include "storage/lmdb_table.h"

namespace penstock {
namespace {

constexpr uint64_t kSliceBytes = 16ull << 20;

}  // namespace

void LmdbCheckpoint::begin() {
  std::vector<std::pair<LmdbTable*, std::shared_ptr<const Overlay>>> frozen;
  for (auto& [name, table] : state_.tables) {
    if (table.overlay->empty())
      continue;
    frozen.emplace_back(&table, table.overlay->freeze());
    work_.push_back({name, table.id, frozen.back().second->frozen()});
  }
  through_ = state_.next_sequence - 1;
  table_ = change_ = 0;
  std::lock_guard lock(state_.mutex);
  for (auto& [table, overlay] : frozen)
    table->overlay = std::move(overlay);
}

Status LmdbCheckpoint::step(size_t most) {
  PENSTOCK_TRY(hit(FaultPoint::kCheckpoint));
  return dropping_ ? drop(most) : absorb(most);
}

Status LmdbCheckpoint::absorb(size_t most) {
  PENSTOCK_ASSIGN(LmdbWrite write, LmdbWrite::begin(env_, true));
  size_t table = table_, at = change_;
  uint64_t bytes = 0;
  for (size_t done = 0; done < most && bytes < kSliceBytes && table < work_.size(); ++done) {
    const auto& changes = work_[table].changes->changes();
    const Change& change = changes[at];
    PENSTOCK_TRY(change.erased ? erase_table_entry(write.get(), env_.tables, work_[table].id, change.key)
                               : put_table_entry(write.get(), env_.tables, work_[table].id, change.key, change.value));
    bytes += change.value.size();
    if (++at == changes.size()) {
      ++table;
      at = 0;
    }
  }
  PENSTOCK_TRY(write.commit());
  table_ = table;
  change_ = at;
  dropping_ = table_ == work_.size();
  publish(false, 0);
  return ok();
}

Status LmdbCheckpoint::drop(size_t most) {
  PENSTOCK_ASSIGN(LmdbWrite write, LmdbWrite::begin(env_, true));
  uint64_t bytes = 0;
  bool more = true;
  {
    PENSTOCK_ASSIGN(LmdbCursor cursor, LmdbCursor::open(write.get(), env_.changelog));
    for (size_t done = 0; done < most; ++done) {
      PENSTOCK_ASSIGN(more, cursor.move(MDB_FIRST));
      more = more && cursor.key.size() == 8 && load_be64(cursor.key.data()) <= through_;
      if (!more)
        break;
      bytes += cursor.value.size();
      PENSTOCK_TRY(cursor.erase());
    }
  }
  PENSTOCK_TRY(write.commit());
  publish(!more, bytes);
  if (!more) {
    work_.clear();
    dropping_ = false;
  }
  return ok();
}

void LmdbCheckpoint::publish(bool finished, uint64_t dropped_bytes) {
  std::lock_guard lock(state_.mutex);
  state_.transaction = env_.last_transaction();
  state_.changelog_bytes -= std::min(state_.changelog_bytes, dropped_bytes);
  if (!finished)
    return;
  for (const Work& work : work_) {
    auto& overlay = state_.tables.find(work.table)->second.overlay;
    overlay = overlay->without_frozen();
  }
}

}  // namespace penstock
