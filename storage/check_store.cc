#include "storage/check_store.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "storage/bytes.h"
#include "storage/delta_segment.h"
#include "storage/directory_lock.h"
#include "storage/limits.h"
#include "storage/lmdb_env.h"
#include "storage/lmdb_format.h"
#include "storage/lmdb_log.h"
#include "storage/lmdb_state.h"
#include "storage/lmdb_table.h"
#include "storage/model_check.h"

namespace penstock {
namespace {

class Checker {
 public:
  Checker(const StoreCheck& check, const LmdbEnv& env, const LmdbRead& read) : check_(check), env_(env), read_(read) {}

  Result<StoreReport> run() {
    PENSTOCK_TRY(check_format(read_.get(), env_, check_.path));
    if (const Status status = load_meta(read_.get(), env_, catalogue_); !status.ok())
      report_.add_problem(status.message());
    for (const auto& [name, log] : catalogue_.logs)
      log_names_[log.id] = &*catalogue_.logs.find(name);
    for (const auto& [name, table] : catalogue_.tables) {
      tables_[table.id].name = name;
    }
    const auto guarded = [&](const char* database, Status status) {
      if (!status.ok())
        report_.add_problem(std::string("database ") + database + ": " + status.message());
    };
    guarded("entries", entries());
    guarded("changelog", changelog());
    guarded("tables", tables());
    ranges();
    for (const std::string& problem : models_.problems())
      report_.add_problem(problem);
    report_.models = models_.versions();
    for (auto& [id, table] : tables_)
      report_.tables.push_back(std::move(table));
    if (const auto used = env_.used_bytes(); used.ok())
      report_.used_bytes = *used;
    return std::move(report_);
  }

 private:
  using Found = std::map<std::pair<uint32_t, uint32_t>, StoreReport::Log>;

  std::string log_name(uint32_t id) const {
    const auto found = log_names_.find(id);
    return found == log_names_.end() ? "#" + std::to_string(id) : found->second->first;
  }

  template <class Visit>
  Status each(MDB_dbi database, const Visit& visit) {
    PENSTOCK_ASSIGN(LmdbCursor cursor, LmdbCursor::open(read_.get(), database));
    PENSTOCK_ASSIGN(bool found, cursor.move(MDB_FIRST));
    while (found) {
      visit(cursor.key, cursor.value);
      PENSTOCK_ASSIGN(found, cursor.move(MDB_NEXT));
    }
    return ok();
  }

  Status entries() {
    return each(env_.entries, [&](std::string_view key_bytes, std::string_view value) {
      const auto key = EntryKey::decode(key_bytes);
      if (!key)
        return report_.add_problem("log entry with a key of " + std::to_string(key_bytes.size()) + " bytes");
      const std::string name = log_name(key->log);
      const auto problem = [&](std::string_view what) {
        report_.add_problem(log_damage(name, key->partition, key->first, what).message());
      };
      auto [at, is_first] = found_.try_emplace({key->log, key->partition});
      StoreReport::Log& log = at->second;
      if (is_first) {
        log = {name, key->partition, Offset(key->first), Offset(key->first), 0, 0};
        if (!log_names_.contains(key->log))
          problem("the catalogue has no such log");
      }
      if (log.next != Offset(key->first))
        problem("the entry before ends at offset " + std::to_string(log.next.value()));
      ++log.entries;
      log.bytes += value.size() - std::min(value.size(), sealed_size(kEntryHeadBytes, 0));
      std::string_view head;
      const auto body = unseal(key_bytes, value, kEntryHeadBytes, &head);
      if (!body) {
        report_.add_problem(
            unreadable(log_place(name, key->partition, key->first), key_bytes, value, kEntryHeadBytes).message());
        // Its length is unknown; the next entry tells where it should have ended.
        log.next = value.size() < sealed_size(kEntryHeadBytes, 0)
                       ? log.next
                       : Offset(key->first).next(entry_records(value.substr(kCheckBytes, kEntryHeadBytes)));
        return;
      }
      log.next = Offset(key->first).next(entry_records(head));
      if (!check_.check_entry)
        return;
      const Status status =
          check_.check_entry(name, {Offset(key->first), entry_records(head), entry_appended(head), std::string(*body)});
      if (!status.ok())
        problem(status.message());
    });
  }

  // Compares what the catalogue says of each partition with what was found.
  void ranges() {
    for (const auto& [name, log] : catalogue_.logs) {
      for (uint32_t p = 0; p < log.partitions.size(); ++p) {
        const LmdbPartition& stated = log.partitions[p];
        const auto at = found_.find({log.id, p});
        StoreReport::Log found =
            at == found_.end() ? StoreReport::Log{name, p, stated.next, stated.next, 0, 0} : at->second;
        const auto compare = [&](const char* what, uint64_t expected, uint64_t got) {
          if (expected != got)
            report_.add_problem("log " + in_quotes(name) + " partition " + std::to_string(p) + ": " + what +
                                " should be " + std::to_string(expected) + " after the catalogue, " +
                                std::to_string(got) + " found");
        };
        compare("the first offset", stated.first.value(), found.first.value());
        compare("the end", stated.next.value(), found.next.value());
        compare("the number of entries", stated.entries, found.entries);
        compare("the size in bytes", stated.bytes, found.bytes);
        report_.logs.push_back(std::move(found));
      }
    }
  }

  Status changelog() {
    uint64_t expected = 0;
    return each(env_.changelog, [&](std::string_view key, std::string_view value) {
      const uint64_t sequence = key.size() == 8 ? load_be64(key.data()) : 0;
      const auto problem = [&](std::string_view what) {
        report_.add_problem("changelog entry " + std::to_string(sequence) + ": " + std::string(what));
      };
      if (expected != 0 && sequence != expected)
        problem("number " + std::to_string(expected) + " should come here");
      expected = sequence + 1;
      ++report_.changelog_entries;
      report_.changelog_bytes += value.size();
      std::string_view head;
      const auto body = unseal(key, value, kChangelogHeadBytes, &head);
      if (!body)
        return report_.add_problem(
            unreadable("changelog entry " + std::to_string(sequence), key, value, kChangelogHeadBytes).message());
      const auto table = tables_.find(changelog_table(head));
      if (table == tables_.end())
        return problem("it is of table #" + std::to_string(changelog_table(head)) +
                       ", which the catalogue does not have");
      const auto segment = DeltaSegment::decode(std::string(*body), changelog_entries(head));
      if (!segment)
        return problem("it does not follow the format");
      table->second.waiting += segment->changes().size();
    });
  }

  Status tables() {
    return each(env_.tables, [&](std::string_view stored_key, std::string_view value) {
      const uint32_t id = stored_key.size() >= 4 ? load_be32(stored_key.data()) : ~0u;
      const auto entry = decode_table_entry(stored_key, value);
      if (id == kPositionsTable)
        return position(stored_key, value, entry);
      auto table = tables_.find(id);
      if (table == tables_.end()) {
        report_.add_problem("the catalogue has no table #" + std::to_string(id) + ", but there are entries of it");
        table = tables_.emplace(id, StoreReport::Table{"#" + std::to_string(id), 0, 0, 0}).first;
      }
      ++table->second.keys;
      if (!entry || table_key(id, entry->key) != stored_key)
        return report_.add_problem(
            unreadable(table_place(table->second.name, stored_key.substr(std::min<size_t>(4, stored_key.size()))),
                       stored_key, value, kTableHeadBytes)
                .message());
      table->second.bytes += entry->key.size() + entry->value.size();
      models_.add(table->second.name, entry->key, entry->value);
    });
  }

  void position(std::string_view stored_key, std::string_view value, const std::optional<TableEntry>& entry) {
    ++report_.positions;
    const auto key = entry ? PositionKey::decode(entry->key) : std::nullopt;
    if (!key || entry->value.size() != 8)
      return report_.add_problem(
          unreadable("position " + in_quotes(stored_key.substr(4)), stored_key, value, kTableHeadBytes).message());
    const auto log = catalogue_.logs.find(key->source);
    if (log == catalogue_.logs.end())
      return;  // of something outside
    const uint64_t offset = load_le<uint64_t>(entry->value.data());
    const auto& partitions = log->second.partitions;
    const std::string place = "position of " + in_quotes(key->owner) + " in log " + in_quotes(key->source) +
                              " partition " + std::to_string(key->partition);
    if (key->partition >= partitions.size()) {
      report_.add_problem(place + ": the log has " + std::to_string(partitions.size()) + " partitions");
    } else if (offset > partitions[key->partition].next.value()) {
      report_.add_problem(place + ": it is at offset " + std::to_string(offset) + ", but the log ends at " +
                          std::to_string(partitions[key->partition].next.value()));
    }
  }

  const StoreCheck& check_;
  const LmdbEnv& env_;
  const LmdbRead& read_;
  StoreReport report_;
  LmdbState catalogue_;
  std::map<uint32_t, const std::pair<const std::string, LmdbLog>*> log_names_;
  std::map<uint32_t, StoreReport::Table> tables_;
  Found found_;
  ModelCheck models_;
};

}  // namespace

void StoreReport::add_problem(std::string problem) {
  ++problem_count;
  if (problems.size() < kMostProblems)
    problems.push_back(std::move(problem));
}

Result<StoreReport> check_store(const StoreCheck& check) {
  std::error_code ignored;
  if (!std::filesystem::exists(check.path + "/data.mdb", ignored))
    return not_found("there is no store in " + in_quotes(check.path) + " (no file data.mdb)");
  if (DirectoryLock::holder(check.path) == getpid())
    return already_exists("store " + in_quotes(check.path) + " is open in this process");
  PENSTOCK_ASSIGN(const auto env, LmdbEnv::open({.path = check.path, .map_bytes = 1ull << 40, .read_only = true}));
  PENSTOCK_ASSIGN(const LmdbRead read, LmdbRead::begin(*env));
  return Checker(check, *env, read).run();
}

}  // namespace penstock
