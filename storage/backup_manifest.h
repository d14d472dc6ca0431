// manifest.json of a backup: the text and back. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/status.h"
#include "storage/backup.h"

namespace penstock {

std::string manifest_text(const BackupManifest& manifest);
/// Errors: data_loss (no manifest, or a broken one), failed_precondition (another format: says which, and what to do).
Result<BackupManifest> parse_manifest(std::string_view text);

}  // namespace penstock
