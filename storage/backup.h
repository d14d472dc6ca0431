// Backups of a store: a folder with a consistent copy of the whole store (`data.mdb`) and a description of it
// (`manifest.json`). It is a store of its own: check-store and export read it as it is. The format is in FORMAT.md.
//
// A backup is written beside its place (`NAME.tmp`), synced, and only then given its name: what has the name is whole.
// Everything a node needs is in it but the topology file. Plain functions; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/ids.h"
#include "core/status.h"
#include "storage/store.h"

namespace penstock {

inline constexpr uint32_t kBackupFormat = 1;

struct BackupManifest {
  uint32_t format = kBackupFormat;  // of the backup
  uint32_t store_format = 0;        // of the store in it
  std::string topology;             // whose store it is; may be empty
  std::string penstock;             // version of the program that wrote it
  Timestamp taken;                  // when it was begun
  uint64_t bytes = 0;               // of data.mdb
  std::string checksum;             // XXH3_128 of data.mdb, as hexadecimal digits
};

struct BackupRequest {
  std::string path;  // of the folder to make
  std::string topology, penstock;
  Timestamp now;
};

/// Writes the store's data.mdb to the file, as Store::copy_to.
using CopyStore = std::function<Result<uint64_t>(const std::string& file)>;

/// Errors: already_exists (something has the name), those of the target's disk, those of `copy`. Then nothing is left.
Result<BackupManifest> write_backup(const BackupRequest& request, const CopyStore& copy);
/// The same as Store::copy_to of a store in a folder, which may be open in another process.
Result<uint64_t> copy_store(const std::string& folder, const std::string& file, const Store::CopyProgress& progress);

/// Errors: not_found (no backup there), failed_precondition (another format), data_loss (not what was written).
Result<BackupManifest> read_manifest(const std::string& path);
/// Reads the manifest and the whole copy and compares them. Errors: as read_manifest.
Result<BackupManifest> verify_backup(const std::string& path);

/// Puts the backup's store into `folder`, which is made if need be; with `replace` in the place of a store that is there.
/// Requires: the backup was verified. Errors: already_exists (not empty, or in use), those of the disk.
Status install_backup(const std::string& path, const std::string& folder, bool replace);

}  // namespace penstock
