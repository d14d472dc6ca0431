#include "storage/backup_manifest.h"

#include <rapidjson/document.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include "messages/timestamp.h"
#include "storage/lmdb_format.h"

namespace penstock {
namespace {

using Document = rapidjson::Document;

Status check_formats(uint32_t backup, uint32_t store) {
  if (backup != kBackupFormat)
    return failed_precondition("it has backup format " + std::to_string(backup) + ", this program reads format " +
                               std::to_string(kBackupFormat) +
                               "; use the Penstock that wrote it (its version is in manifest.json)");
  if (store != kStoreFormat)
    return failed_precondition("the store in it has format " + std::to_string(store) + ", this program reads format " +
                               std::to_string(kStoreFormat) +
                               "; use the Penstock that wrote it (its version is in manifest.json)");
  return ok();
}

}  // namespace

std::string manifest_text(const BackupManifest& manifest) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> json(buffer);
  json.SetIndent(' ', 2);
  const auto text = [&](const char* name, const std::string& value) {
    json.Key(name);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartObject();
  json.Key("backup_format");
  json.Uint(manifest.format);
  json.Key("store_format");
  json.Uint(manifest.store_format);
  text("penstock", manifest.penstock);
  text("topology", manifest.topology);
  text("taken", format_timestamp(manifest.taken));
  json.Key("bytes");
  json.Uint64(manifest.bytes);
  text("xxh3_128", manifest.checksum);
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

Result<BackupManifest> parse_manifest(std::string_view text) {
  const Status broken = data_loss("its manifest.json is broken");
  Document json;
  if (json.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size()).HasParseError() || !json.IsObject())
    return broken;
  const auto number = [&](const char* name) {
    const auto found = json.FindMember(name);
    return found != json.MemberEnd() && found->value.IsUint64() ? std::optional(found->value.GetUint64())
                                                                : std::nullopt;
  };
  const auto string = [&](const char* name) {
    const auto found = json.FindMember(name);
    return found != json.MemberEnd() && found->value.IsString()
               ? std::string(found->value.GetString(), found->value.GetStringLength())
               : std::string();
  };
  const auto format = number("backup_format"), store_format = number("store_format"), bytes = number("bytes");
  if (!format || !store_format)
    return broken;
  PENSTOCK_TRY(check_formats(static_cast<uint32_t>(*format), static_cast<uint32_t>(*store_format)));
  const auto taken = parse_timestamp(string("taken"));
  if (!bytes || !taken || string("xxh3_128").empty())
    return broken;
  return BackupManifest{static_cast<uint32_t>(*format),
                        static_cast<uint32_t>(*store_format),
                        string("topology"),
                        string("penstock"),
                        *taken,
                        *bytes,
                        string("xxh3_128")};
}

}  // namespace penstock
