#include "storage/limits.h"

namespace penstock {
namespace {

Status check_name(const char* what, const std::string& name, size_t most) {
  if (name.empty())
    return invalid_argument(std::string("a ") + what + " without a name");
  if (name.size() > most)
    return invalid_argument(std::string(what) + " name " + in_quotes(name) + " has " + std::to_string(name.size()) +
                            " bytes; at most " + std::to_string(most) + " are possible");
  return ok();
}

Status check_size(const std::string& what, size_t bytes, size_t most) {
  if (bytes <= most)
    return ok();
  return invalid_argument(what + " has " + std::to_string(bytes) + " bytes; at most " + std::to_string(most) +
                          " are possible");
}

Status check_entry(const std::string& table, const std::string& key, const std::optional<std::string>& value) {
  if (key.size() <= kMaxKeyBytes && (!value || value->size() <= kMaxValueBytes))
    return ok();
  PENSTOCK_TRY(check_size("key " + in_quotes(key) + " of table " + in_quotes(table), key.size(), kMaxKeyBytes));
  return check_size("value of key " + in_quotes(key) + " of table " + in_quotes(table), value->size(), kMaxValueBytes);
}

}  // namespace

Status validate_log(const std::string& log, const LogOptions& options) {
  PENSTOCK_TRY(check_name("log", log, kMaxNameBytes));
  if (options.partitions >= 1 && options.partitions <= kMaxPartitions)
    return ok();
  return invalid_argument("log " + in_quotes(log) + " cannot have " + std::to_string(options.partitions) +
                          " partitions; 1 to " + std::to_string(kMaxPartitions) + " are possible");
}

Status validate(const WriteBatch& batch,
                const std::function<std::optional<uint32_t>(const std::string&)>& partitions_of) {
  for (const auto& append : batch.appends) {
    const auto partitions = partitions_of(append.log);
    if (!partitions)
      return not_found("there is no log " + in_quotes(append.log));
    if (append.partition.value() >= *partitions)
      return invalid_argument("log " + in_quotes(append.log) + " has no partition " +
                              std::to_string(append.partition.value()) + "; it has " + std::to_string(*partitions));
    if (append.records == 0)
      return invalid_argument("an append of no records to log " + in_quotes(append.log));
    PENSTOCK_TRY(check_size("an entry for log " + in_quotes(append.log), append.bytes.size(), kMaxValueBytes));
  }
  for (const auto& put : batch.puts) {
    PENSTOCK_TRY(check_name("table", put.table, kMaxNameBytes));
    PENSTOCK_TRY(check_entry(put.table, put.key, put.value));
  }
  for (const auto& append : batch.deltas) {
    PENSTOCK_TRY(check_name("table", append.table, kMaxNameBytes));
    size_t bytes = 0;
    for (const auto& [key, value] : append.delta) {
      PENSTOCK_TRY(check_entry(append.table, key, value));
      bytes += key.size() + (value ? value->size() : 0) + 8;
    }
    PENSTOCK_TRY(check_size("a delta for table " + in_quotes(append.table), bytes, kMaxValueBytes));
  }
  for (const auto& position : batch.positions) {
    PENSTOCK_TRY(check_name("position owner", position.owner, kMaxOwnerBytes));
    PENSTOCK_TRY(check_name("position source", position.source, kMaxOwnerBytes));
  }
  return ok();
}

bool drops_oldest(const Retention& retention, Timestamp now, Timestamp oldest_appended, uint64_t bytes,
                  uint64_t entries) {
  if (retention.age && oldest_appended.micros < now.micros - retention.age->micros)
    return true;
  // One entry larger than the whole limit is kept until the next one comes; otherwise nobody could ever read it.
  return retention.size && entries > 1 && bytes > retention.size->count;
}

std::string in_quotes(std::string_view name) {
  constexpr size_t kEnds = 40;
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (size_t i = 0; i < name.size(); ++i) {
    if (name.size() > 2 * kEnds + 3 && i == kEnds) {
      out += "...";
      i = name.size() - kEnds;
    }
    const auto c = static_cast<unsigned char>(name[i]);
    if (c < 0x20 || c == 0x7f || c == '"' || c == '\\') {
      out += "\\x";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else {
      out += name[i];
    }
  }
  return out + "\"";
}

}  // namespace penstock
