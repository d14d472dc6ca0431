#include "storage/model_file.h"

#include <xxhash.h>

#include "storage/model_record.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic = "PNSTMODL";
constexpr char kFormat = 1;
constexpr size_t kHead = 8 + 1 + 8;

void append_little(std::string& out, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i)
    out += static_cast<char>(value >> (8 * i) & 0xff);
}

uint64_t little(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i)
    value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return value;
}

}  // namespace

std::string encode_model_file(const ModelVersion& version, std::string_view bytes) {
  const std::string description = encode_model_version(version, bytes.size());
  std::string body;
  body.reserve(4 + description.size() + bytes.size());
  append_little(body, description.size(), 4);
  body += description;
  body += bytes;
  std::string file(kMagic);
  file.reserve(kHead + body.size());
  file += kFormat;
  append_little(file, XXH3_64bits(body.data(), body.size()), 8);
  return file += body;
}

Result<ModelFile> decode_model_file(std::string_view file) {
  if (!file.starts_with(kMagic))
    return invalid_argument("this is no file of a model version, as `penstock models export` writes it");
  if (file.size() < kHead + 4)
    return data_loss("the file of the model version is cut off");
  if (file[kMagic.size()] != kFormat)
    return invalid_argument("the file of the model version has format " + std::to_string(file[kMagic.size()]) +
                            ", and this program reads format " + std::to_string(kFormat));
  const std::string_view body = file.substr(kHead);
  if (XXH3_64bits(body.data(), body.size()) != little(file.substr(kMagic.size() + 1, 8)))
    return data_loss("the file of the model version is cut off or was changed: its checksum is wrong");
  const uint64_t length = little(body.substr(0, 4));
  if (length > body.size() - 4)
    return data_loss("the file of the model version is cut off");
  PENSTOCK_ASSIGN(auto stored, decode_model_version("of the file", body.substr(4, length), false));
  ModelFile out{std::move(stored.version), std::string(body.substr(4 + length))};
  if (out.bytes.size() != stored.bytes)
    return data_loss("the file of the model version should hold " + std::to_string(stored.bytes) +
                     " bytes of it, and holds " + std::to_string(out.bytes.size()));
  return out;
}

}  // namespace penstock
