#include "storage/lmdb_env.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/units.h"
#include "storage/bytes.h"
#include "storage/files.h"
#include "storage/limits.h"
#include "storage/map_fault.h"

namespace penstock {
namespace {

constexpr unsigned kMaxReaders = 1024;
constexpr uint64_t kLeastMap = 1ull << 30;

// LMDB would abort.
void on_assertion(MDB_env* env, const char* text) {
  const char* path = "";
  mdb_env_get_path(env, &path);
  end_by_broken_structure(std::string(path) + "/data.mdb", text);
}

}  // namespace

Status lmdb_error(std::string_view doing, int code) {
  const std::string text(doing);
  switch (code) {
    case MDB_MAP_FULL: return resource_exhausted(text + ": the store's disk budget is used up");
    case MDB_TXN_FULL: return resource_exhausted(text + ": the transaction is too large");
    case MDB_READERS_FULL: return resource_exhausted(text + ": too many reads at the same time");
    case EFBIG: return resource_exhausted(text + ": the file may not grow any more");
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND: return data_loss(text + ": a page of the store's file is broken");
    case MDB_INVALID: return data_loss(text + ": data.mdb is not a store's file, or its header is broken");
    case MDB_VERSION_MISMATCH: return failed_precondition(text + ": data.mdb was written by another version of LMDB");
    case MDB_PANIC:
      return unavailable(text +
                         ": writing the header of the store's file failed earlier, so it is not known "
                         "whether the last commit happened; start the node again");
    default: break;
  }
  if (code > 0)
    return io_error(text, code);
  return internal_error(text + ": " + mdb_strerror(code));
}

Result<std::unique_ptr<LmdbEnv>> LmdbEnv::open(const LmdbEnvOptions& options) {
  std::unique_ptr<LmdbEnv> env(new LmdbEnv);
  PENSTOCK_TRY(env->open_map(options));
  // A file that was cut short would kill the process with SIGBUS at the first page that is missing.
  struct stat file {};
  const std::string data = options.path + "/data.mdb";
  if (stat(data.c_str(), &file) == 0 && static_cast<uint64_t>(file.st_size) < env->file_bytes() &&
      env->last_transaction() > 0)
    return data_loss(in_quotes(data) + " has " + std::to_string(file.st_size) + " bytes, but its header tells of " +
                     std::to_string(env->file_bytes()) + ": the file was cut short");
  PENSTOCK_TRY(env->open_databases(options));
  if (!options.read_only)
    PENSTOCK_TRY(
        sync_folder(options.path));  // LMDB syncs its file, but not the folder entry of a file it has just created
  return env;
}

Status LmdbEnv::open_map(const LmdbEnvOptions& options) {
  const std::string doing = "cannot open store " + in_quotes(options.path);
  unsigned flags = MDB_NOTLS;
  if (options.read_only)
    flags |= MDB_RDONLY;
  if (!options.sync_meta)
    flags |= MDB_NOMETASYNC;
  map_bytes_ = options.map_bytes;
  while (true) {
    if (const int code = mdb_env_create(&env_); code != 0)
      return lmdb_error(doing, code);
    mdb_env_set_assert(env_, on_assertion);
    mdb_env_set_maxdbs(env_, 8);
    mdb_env_set_maxreaders(env_, kMaxReaders);
    int code = mdb_env_set_mapsize(env_, map_bytes_);
    if (code == 0)
      code = mdb_env_open(env_, options.path.c_str(), flags, 0644);
    if (code == 0)
      return ok();
    mdb_env_close(std::exchange(env_, nullptr));
    if (code == ENOMEM && map_bytes_ / 2 >= kLeastMap) {
      map_bytes_ /= 2;
    } else if ((code == EACCES || code == EROFS) && options.read_only && !(flags & MDB_NOLOCK)) {
      flags |= MDB_NOLOCK;  // we may not write lock.mdb, so nobody who may is waiting for us
    } else if (code == ENOMEM) {
      return resource_exhausted(doing + ": the system refuses " + to_string(Bytes{map_bytes_}) +
                                " of address space (see ulimit -v)");
    } else {
      return lmdb_error(doing, code);
    }
  }
}

Status LmdbEnv::open_databases(const LmdbEnvOptions& options) {
  const std::string doing = "cannot open the databases of store " + in_quotes(options.path);
  MDB_txn* txn = nullptr;
  if (const int code = mdb_txn_begin(env_, nullptr, options.read_only ? MDB_RDONLY : 0, &txn); code != 0)
    return lmdb_error(doing, code);
  const std::pair<const char*, MDB_dbi*> all[] = {
      {"meta", &meta}, {"entries", &entries}, {"changelog", &changelog}, {"tables", &tables}};
  for (const auto& [name, database] : all) {
    const int code = mdb_dbi_open(txn, name, options.read_only ? 0 : MDB_CREATE, database);
    if (code == 0)
      continue;
    mdb_txn_abort(txn);
    if (code == MDB_NOTFOUND)
      return data_loss(doing + ": there is no database \"" + name + "\" in it");
    return lmdb_error(doing, code);
  }
  const int code = mdb_txn_commit(txn);
  return code == 0 ? ok() : lmdb_error(doing, code);
}

LmdbEnv::~LmdbEnv() {
  for (MDB_txn* txn : idle_)
    mdb_txn_abort(txn);
  if (env_)
    mdb_env_close(env_);
}

uint64_t LmdbEnv::last_transaction() const {
  MDB_envinfo info;
  mdb_env_info(env_, &info);
  return info.me_last_txnid;
}

uint64_t LmdbEnv::file_bytes() const {
  MDB_envinfo info;
  MDB_stat stat;
  mdb_env_info(env_, &info);
  mdb_env_stat(env_, &stat);
  return (info.me_last_pgno + 1) * stat.ms_psize;
}

// LMDB keeps lists of free pages in database 0; each list begins with its length.
Result<uint64_t> LmdbEnv::used_bytes() const {
  PENSTOCK_ASSIGN(const LmdbRead read, LmdbRead::begin(*this));
  PENSTOCK_ASSIGN(LmdbCursor cursor, LmdbCursor::open(read.get(), 0));
  MDB_stat stat;
  mdb_env_stat(env_, &stat);
  uint64_t free = 0;
  PENSTOCK_ASSIGN(bool found, cursor.move(MDB_FIRST));
  while (found) {
    if (cursor.value.size() >= sizeof(size_t))
      free += load_le<size_t>(cursor.value.data());
    PENSTOCK_ASSIGN(found, cursor.move(MDB_NEXT));
  }
  const uint64_t file = file_bytes();
  return file - std::min(file, free * stat.ms_psize);
}

uint64_t LmdbEnv::readers() const {
  uint64_t count = 0;
  // One line a reader: process, thread, and the transaction it reads or "-".
  mdb_reader_list(
      env_,
      [](const char* line, void* context) {
        const std::string_view text(line);
        if (text.find("txnid") == text.npos && text.find_first_of("0123456789") != text.npos && !text.ends_with("-\n"))
          ++*static_cast<uint64_t*>(context);
        return 0;
      },
      &count);
  return count;
}

void LmdbEnv::check_readers() {
  int dead = 0;
  mdb_reader_check(env_, &dead);
}

Result<LmdbRead> LmdbRead::begin(const LmdbEnv& env) {
  MDB_txn* txn = nullptr;
  {
    std::lock_guard lock(env.idle_mutex_);
    if (!env.idle_.empty()) {
      txn = env.idle_.back();
      env.idle_.pop_back();
    }
  }
  const bool renewed = txn != nullptr;
  const int code = renewed ? mdb_txn_renew(txn) : mdb_txn_begin(env.env_, nullptr, MDB_RDONLY, &txn);
  if (code == 0)
    return LmdbRead(env, txn);
  if (renewed)
    mdb_txn_abort(txn);
  return lmdb_error("cannot read the store", code);
}

LmdbRead::LmdbRead(LmdbRead&& other) noexcept : env_(other.env_), txn_(std::exchange(other.txn_, nullptr)) {}

LmdbRead::~LmdbRead() {
  if (!txn_)
    return;
  mdb_txn_reset(txn_);
  std::lock_guard lock(env_->idle_mutex_);
  env_->idle_.push_back(txn_);
}

Result<LmdbWrite> LmdbWrite::begin(LmdbEnv& env, bool redoable) {
  MDB_txn* txn = nullptr;
  if (const int code = mdb_txn_begin(env.get(), nullptr, redoable ? MDB_NOMETASYNC : 0, &txn); code != 0)
    return lmdb_error("cannot write to the store", code);
  return LmdbWrite(txn);
}

LmdbWrite::LmdbWrite(LmdbWrite&& other) noexcept : txn_(std::exchange(other.txn_, nullptr)) {}

LmdbWrite::~LmdbWrite() {
  if (txn_)
    mdb_txn_abort(txn_);
}

Status LmdbWrite::commit() {
  const int code = mdb_txn_commit(std::exchange(txn_, nullptr));
  return code == 0 ? ok() : lmdb_error("cannot commit to the store", code);
}

Result<LmdbCursor> LmdbCursor::open(MDB_txn* txn, MDB_dbi database) {
  MDB_cursor* cursor = nullptr;
  if (const int code = mdb_cursor_open(txn, database, &cursor); code != 0)
    return lmdb_error("cannot read the store", code);
  return LmdbCursor(cursor);
}

LmdbCursor::LmdbCursor(LmdbCursor&& other) noexcept
    : key(other.key), value(other.value), cursor_(std::exchange(other.cursor_, nullptr)) {}

LmdbCursor::~LmdbCursor() {
  if (cursor_)
    mdb_cursor_close(cursor_);
}

Result<bool> LmdbCursor::move(MDB_cursor_op operation) {
  MDB_val found_key = val(key), found_value{};
  const int code = mdb_cursor_get(cursor_, &found_key, &found_value, operation);
  if (code == MDB_NOTFOUND)
    return false;
  if (code != 0)
    return lmdb_error("cannot read the store", code);
  key = view(found_key);
  value = view(found_value);
  return true;
}

Result<bool> LmdbCursor::seek(std::string_view from) {
  key = from;
  return move(MDB_SET_RANGE);
}

Status LmdbCursor::erase() {
  const int code = mdb_cursor_del(cursor_, 0);
  return code == 0 ? ok() : lmdb_error("cannot remove from the store", code);
}

}  // namespace penstock
