// A model version as one file, to be taken to another node. Pure functions.
//
//   file := "PNSTMODL" version:u8(1) check:u64 body          integers little-endian
//   body := description length:u32 description bytes         check := XXH3(body), 64 bits
//
// The description is a contract::ModelVersion; the bytes are the snapshot's, up to the end.
#pragma once

#include <string>
#include <string_view>

#include "storage/model_repository.h"

namespace penstock {

std::string encode_model_file(const ModelVersion& version, std::string_view bytes);

struct ModelFile {
  ModelVersion version;
  std::string bytes;
};
/// Errors: invalid_argument (no such file, another format), data_loss (cut off or changed).
Result<ModelFile> decode_model_file(std::string_view file);

}  // namespace penstock
