#include "storage/lmdb_transaction.h"

#include "core/fault_points.h"
#include "storage/bytes.h"
#include "storage/lmdb_format.h"
#include "storage/lmdb_log.h"
#include "storage/lmdb_table.h"

namespace penstock {

LmdbTransaction::LmdbTransaction(LmdbEnv& env, LmdbState& state, LmdbWrite write)
    : env_(&env),
      state_(&state),
      write_(std::move(write)),
      next_table_(state.next_table),
      next_sequence_(state.next_sequence) {}

Result<LmdbTransaction> LmdbTransaction::begin(LmdbEnv& env, LmdbState& state) {
  PENSTOCK_ASSIGN(LmdbWrite write, LmdbWrite::begin(env));
  return LmdbTransaction(env, state, std::move(write));
}

Result<std::vector<Offset>> LmdbTransaction::apply(const PreparedBatch& prepared) {
  PENSTOCK_TRY(hit(FaultPoint::kStoreWrite));
  const WriteBatch& batch = prepared.batch;
  std::vector<Offset> offsets;
  for (size_t i = 0; i < batch.appends.size(); ++i) {
    PENSTOCK_ASSIGN(const Offset first, append(batch.appends[i], prepared.append_hashes[i]));
    offsets.push_back(first);
  }
  PENSTOCK_TRY(apply_puts(batch.puts, offsets));
  for (const PreparedDelta& delta : prepared.deltas)
    PENSTOCK_TRY(append_delta(delta));
  for (const auto& position : batch.positions) {
    const std::string key = PositionKey{position.owner, position.source, position.partition.value()}.encode();
    std::string value;
    append_le(value, position.offset.value());
    PENSTOCK_TRY(put_table_entry(write_.get(), env_->tables, kPositionsTable, key, value));
  }
  return offsets;
}

Result<Offset> LmdbTransaction::append(const WriteBatch::Append& append, uint64_t hash) {
  LmdbLog& log = state_->logs.find(append.log)->second;
  const uint32_t p = append.partition.value();
  auto staged = partitions_.find({&log, p});
  if (staged == partitions_.end())
    staged = partitions_.emplace(std::pair(&log, p), log.partitions[p]).first;
  LmdbPartition& range = staged->second;
  const Offset first = range.next;
  PENSTOCK_TRY(append_log_entry(write_.get(), *env_, log.id, append.partition, first, append.records, append.now,
                                append.bytes, hash));
  range.next = first.next(append.records);
  range.bytes += append.bytes.size();
  range.entries += 1;
  return first;
}

// A key with a change in the changelog must be changed there too: a direct put would be undone when the checkpoint, or the
// next start, takes the older change over.
Status LmdbTransaction::apply_puts(const std::vector<WriteBatch::Put>& puts, const std::vector<Offset>& offsets) {
  std::map<std::string, Delta> behind_changelog;
  std::string extended;
  for (const auto& put : puts) {
    PENSTOCK_ASSIGN(LmdbTable* const found, table(put.table));
    if (put.with_offsets)
      append_offsets(extended.assign(*put.value), offsets);
    const std::string* const value = put.with_offsets ? &extended : put.value ? &*put.value : nullptr;
    if (found->overlay->find(put.key)) {
      behind_changelog[put.table].emplace_back(put.key, value ? std::optional(*value) : std::nullopt);
    } else if (value) {
      PENSTOCK_TRY(put_table_entry(write_.get(), env_->tables, found->id, put.key, *value));
    } else {
      PENSTOCK_TRY(erase_table_entry(write_.get(), env_->tables, found->id, put.key));
    }
  }
  for (const auto& [name, delta] : behind_changelog)
    PENSTOCK_TRY(append_delta(prepare_delta(name, delta)));
  return ok();
}

Status LmdbTransaction::append_delta(const PreparedDelta& delta) {
  PENSTOCK_ASSIGN(LmdbTable* const found, table(delta.table));
  const std::string& bytes = delta.segment->bytes();
  const std::string key = changelog_key(next_sequence_);
  const std::string head = changelog_head(found->id, static_cast<uint32_t>(delta.segment->changes().size()));
  MDB_val at = val(key);
  MDB_val room{sealed_size(head.size(), bytes.size()), nullptr};
  if (const int code = mdb_put(write_.get(), env_->changelog, &at, &room, MDB_RESERVE | MDB_APPEND); code != 0)
    return lmdb_error("cannot append to the changelog", code);
  seal(static_cast<char*>(room.mv_data), key, head, bytes, delta.hash);
  found->overlay = found->overlay->with(delta.segment);
  changelog_bytes_ += room.mv_size;
  ++next_sequence_;
  return ok();
}

Result<LmdbTable*> LmdbTransaction::table(const std::string& name) {
  if (const auto staged = tables_.find(name); staged != tables_.end())
    return &staged->second;
  if (const auto known = state_->tables.find(name); known != state_->tables.end())
    return &tables_.emplace(name, known->second).first->second;
  PENSTOCK_TRY(put_table_record(write_.get(), *env_, name, next_table_));
  LmdbTable& created = tables_[name];
  created.id = next_table_++;
  return &created;
}

Status LmdbTransaction::commit(uint64_t batches) {
  for (const auto& [place, range] : partitions_)
    PENSTOCK_TRY(put_partition_record(write_.get(), *env_, place.first->id, place.second, range));
  PENSTOCK_TRY(hit(FaultPoint::kStoreSync));
  PENSTOCK_TRY(write_.commit());
  (void)hit(FaultPoint::kStoreCommitted);  // it has happened, so it cannot fail any more
  std::lock_guard lock(state_->mutex);
  state_->transaction = env_->last_transaction();
  for (auto& [place, range] : partitions_)
    place.first->partitions[place.second] = range;
  for (auto& [name, table] : tables_)
    state_->tables[name] = std::move(table);
  state_->next_table = next_table_;
  state_->next_sequence = next_sequence_;
  state_->changelog_bytes += changelog_bytes_;
  state_->commits += batches;
  return ok();
}

}  // namespace penstock
