#include "storage/backup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "storage/backup_manifest.h"
#include "storage/directory_lock.h"
#include "storage/files.h"
#include "storage/limits.h"
#include "storage/lmdb_copy.h"
#include "storage/lmdb_format.h"
#include "storage/lmdb_state.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr char kData[] = "/data.mdb", kManifest[] = "/manifest.json";

Result<std::string> checksum_of(const std::string& file) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), XXH3_freeState);
  XXH3_128bits_reset(state.get());
  PENSTOCK_TRY(for_each_chunk(file, [&](std::string_view chunk) {
    XXH3_128bits_update(state.get(), chunk.data(), chunk.size());
    return ok();
  }));
  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(state.get()));
  std::string hex;
  for (const unsigned char byte : digest.digest) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", byte);
    hex += two;
  }
  return hex;
}

// Only what a backup consists of: the name may be somebody else's folder.
void remove_backup_files(const std::string& path) {
  unlink((path + kData).c_str());
  unlink((path + kManifest).c_str());
  rmdir(path.c_str());
}

Result<BackupManifest> write_into(const std::string& folder, const BackupRequest& request, const CopyStore& copy) {
  BackupManifest manifest;
  manifest.store_format = kStoreFormat;
  manifest.topology = request.topology;
  manifest.penstock = request.penstock;
  manifest.taken = request.now;
  PENSTOCK_ASSIGN(manifest.bytes, copy(folder + kData));
  PENSTOCK_ASSIGN(manifest.checksum, checksum_of(folder + kData));
  PENSTOCK_TRY(write_file(folder + kManifest, manifest_text(manifest)));
  PENSTOCK_TRY(sync_folder(folder));
  return manifest;
}

}  // namespace

Result<BackupManifest> write_backup(const BackupRequest& request, const CopyStore& copy) {
  std::error_code error;
  const std::string part = request.path + ".tmp";
  if (fs::exists(fs::symlink_status(request.path, error)))
    return already_exists("cannot write a backup to " + in_quotes(request.path) +
                          ": there is something of that name; choose another");
  remove_backup_files(part);  // of one that was killed
  const fs::path parent = fs::absolute(request.path, error).lexically_normal().parent_path();
  fs::create_directories(parent, error);
  if (error)
    return io_error("cannot create the folder " + in_quotes(parent.string()), error.value());
  if (mkdir(part.c_str(), 0755) != 0)
    return io_error("cannot create the folder " + in_quotes(part), errno);
  Result<BackupManifest> written = write_into(part, request, copy);
  if (written.ok() && rename(part.c_str(), request.path.c_str()) != 0)
    written = io_error("cannot name the backup " + in_quotes(request.path), errno);
  if (!written.ok())
    remove_backup_files(part);
  else
    PENSTOCK_TRY(sync_folder(parent.string()));
  return written;
}

Result<uint64_t> copy_store(const std::string& folder, const std::string& file, const Store::CopyProgress& progress) {
  std::error_code ignored;
  if (!fs::exists(folder + kData, ignored))
    return not_found("there is no store in " + in_quotes(folder) + " (no file data.mdb)");
  PENSTOCK_ASSIGN(const auto env, LmdbEnv::open({.path = folder, .map_bytes = 1ull << 40, .read_only = true}));
  {
    PENSTOCK_ASSIGN(const LmdbRead read, LmdbRead::begin(*env));
    PENSTOCK_TRY(check_format(read.get(), *env, folder));
  }
  return copy_env(*env, file, progress);
}

Result<BackupManifest> read_manifest(const std::string& path) {
  const auto text = read_file(path + kManifest, 1 << 20);
  if (text.status().code() == Code::kNotFound)
    return not_found("there is no backup in " + in_quotes(path) + " (no file manifest.json)");
  PENSTOCK_TRY(text.status());
  Result<BackupManifest> manifest = parse_manifest(*text);
  return manifest.ok() ? manifest : manifest.status().with_context("backup " + in_quotes(path));
}

Result<BackupManifest> verify_backup(const std::string& path) {
  PENSTOCK_ASSIGN(const BackupManifest manifest, read_manifest(path));
  std::error_code error;
  const uint64_t bytes = fs::file_size(path + kData, error);
  if (error)
    return io_error("cannot read " + in_quotes(path + kData), error.value());
  if (bytes != manifest.bytes)
    return data_loss(in_quotes(path + kData) + " has " + std::to_string(bytes) +
                     " bytes; after its manifest it should have " + std::to_string(manifest.bytes) +
                     "; take another backup");
  PENSTOCK_ASSIGN(const std::string checksum, checksum_of(path + kData));
  if (checksum != manifest.checksum)
    return data_loss(in_quotes(path + kData) + " is not what was backed up: its checksum is " + checksum + ", not " +
                     manifest.checksum + "; take another backup");
  return manifest;
}

Status install_backup(const std::string& path, const std::string& folder, bool replace) {
  std::error_code error;
  if (!replace && fs::exists(folder, error) && !fs::is_empty(folder, error))
    return already_exists("folder " + in_quotes(folder) +
                          " is not empty; with --force the store in it is replaced, and what else is there stays");
  fs::create_directories(folder, error);
  if (error)
    return io_error("cannot create the folder " + in_quotes(folder), error.value());
  PENSTOCK_ASSIGN(const DirectoryLock lock, DirectoryLock::acquire(folder));
  const std::string part = folder + kData + ".restore";
  unlink(part.c_str());
  if (const Status copied = copy_file(path + kData, part); !copied.ok()) {
    unlink(part.c_str());
    return copied;
  }
  // The table of readers belongs to the file that was there.
  unlink((folder + "/lock.mdb").c_str());
  if (rename(part.c_str(), (folder + kData).c_str()) != 0)
    return io_error("cannot replace " + in_quotes(folder + kData), errno);
  return sync_folder(folder);
}

}  // namespace penstock
