// Files written so that they are there after the loss of power. Plain functions over the system's calls.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/status.h"

namespace penstock {

/// Makes what was created, renamed or removed in the folder durable.
Status sync_folder(const std::string& path);
/// Creates the file with this content, synced. Errors: already_exists, those of the disk.
Status write_file(const std::string& path, std::string_view content);
/// Errors: not_found, invalid_argument (longer than `most`), those of the disk.
Result<std::string> read_file(const std::string& path, uint64_t most);
/// From the beginning to the end. Errors: those of the disk, those of `visit`.
Status for_each_chunk(const std::string& path, const std::function<Status(std::string_view)>& visit);
/// Creates `to` with the content of `from`, synced.
Status copy_file(const std::string& from, const std::string& to);

}  // namespace penstock
