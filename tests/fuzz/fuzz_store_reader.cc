// What is read out of a store: deltas, sealed values and their keys, model records and snapshots, backup manifests, what
// ingest remembers. The first letter chooses. Sums are made right where needed, so that what lies behind them is reached.
#include <xxhash.h>

#include "actors/sources/ingest_records.h"
#include "messages/byte_io.h"
#include "models/registry.h"
#include "storage/backup_manifest.h"
#include "storage/delta_segment.h"
#include "storage/lmdb_format.h"
#include "storage/model_check.h"
#include "storage/model_record.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace penstock::fuzz {
namespace {

void read_delta(Input input) {
  const auto entries = static_cast<uint32_t>(input.below(64));
  const SegmentPtr segment = DeltaSegment::decode(std::string(input.rest()), entries);
  if (!segment)
    return;
  const auto& changes = segment->changes();
  require(changes.size() == entries && segment->bytes() == input.rest(), "a delta has what it says");
  Delta delta;
  for (size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    require(i == 0 || changes[i - 1].key < change.key, "keys of a delta ascend");
    require(segment->find(change.key, key_hash(change.key)) == &change && segment->lower_bound(change.key) == i,
            "a delta's keys are found");
    delta.emplace_back(change.key, change.erased ? std::nullopt : std::optional<std::string>(change.value));
  }
  require(DeltaSegment::encode(delta)->bytes() == input.rest(), "a delta encodes to the same bytes");
  require(DeltaSegment::merge(*segment, *segment)->changes().size() == entries, "a delta merged with itself is itself");
  const auto overlay = Overlay().with(segment)->freeze()->with(segment);
  size_t shown = 0;
  for (OverlayCursor cursor(*overlay, ""); cursor.current(); cursor.next())
    ++shown;
  require(shown == entries, "an overlay shows each key once");
}

void read_sealed(Input input) {
  const std::string_view key = input.line(), value = input.rest();
  if (const auto entry = EntryKey::decode(key))
    require(entry->encode() == key, "an entry's key encodes to the same");
  if (const auto position = PositionKey::decode(key))
    require(position->encode() == key, "a position's key encodes to the same");
  (void)decode_table_entry(key, value);
  for (const size_t head_bytes : {kTableHeadBytes, kChangelogHeadBytes, kEntryHeadBytes})
    if (std::string_view head; !unseal(key, value, head_bytes, &head))
      (void)unreadable("it", key, value, head_bytes).message();
  for (const size_t times : {size_t{1}, size_t{40}}) {  // keys that are too long are stored in another form
    std::string table_user_key;
    for (size_t i = 0; i < times; ++i)
      table_user_key += key;
    const std::string stored_key = table_key(1, table_user_key);
    const std::string stored = sealed(stored_key, table_head(), table_body(table_user_key, value));
    const auto entry = decode_table_entry(stored_key, stored);
    require(entry && entry->key == table_user_key && entry->value == value,
            "a table's entry is read as it was written");
  }
  if (key.size() <= kStoredKeyBytes)
    (void)decode_table_entry(key, sealed(key, table_head(), value));
}

std::string signed_snapshot(std::string_view bytes) {
  std::string out(bytes);
  append_number(static_cast<uint64_t>(XXH64(out.data(), out.size(), 0)), out);
  return out;
}

void read_model(Input input) {
  const std::string_view key = input.line();
  if (const auto stored = decode_model_version(key, input.rest(), false); stored.ok()) {
    const std::string text = encode_model_version(stored->version, stored->bytes);
    const auto again = decode_model_version(key, text, false);
    require(again.ok() && encode_model_version(again->version, again->bytes) == text,
            "a version's description encodes to the same");
  }
  ModelCheck check;
  for (const char* table : {kModelsTable, kModelBytesTable, kModelLiveTable})
    check.add(table, key, input.rest());
  (void)check.problems();
}

void read_snapshot(Input input) {
  const ModelType& type = model_types()[input.below(model_types().size())];
  const auto model = make_model(type.name, {});
  require(model.ok(), "a model can be made with its defaults");
  const auto snapshot = (*model)->load(signed_snapshot(input.rest()));
  if (!snapshot.ok())
    return;
  const std::string saved = (*snapshot)->save();
  const auto again = (*model)->load(saved);
  require(again.ok() && (*again)->save() == saved, "a snapshot is saved as it was loaded");
  const size_t items = (*snapshot)->items().size();
  std::vector<ItemWeight> history;
  if (items > 0)
    history.push_back({0, 1.0F});
  require((*snapshot)->recommend({.history = history, .n = 4}).size() <= 4 &&
              (*snapshot)->score_all({.history = history}).size() == items &&
              (items == 0 || (*snapshot)->similar(0, 4).size() <= 4),
          "a snapshot that loads answers");
}

void read_manifest(Input input) {
  const auto manifest = parse_manifest(input.rest());
  if (!manifest.ok())
    return;
  const std::string text = manifest_text(*manifest);
  const auto again = parse_manifest(text);
  require(again.ok() && manifest_text(*again) == text, "a manifest is written as it was read");
}

void read_remembered(Input input) {
  const std::string_view value = input.rest();
  (void)decode_seen(value);
  (void)remembered_time(value);
  (void)decode_remembered(value);
  const auto stored = decode_answer(value);
  if (!stored.ok())
    return;
  // The store puts the offsets behind; here each place begins at an append of its own.
  std::vector<uint32_t> appends;
  for (uint32_t i = 0; i < stored->answer.places.size(); ++i)
    appends.push_back(i);
  std::string text = encode_answer(*stored, appends);
  for (const IngestAnswer::Place& place : stored->answer.places)
    append_number(place.first.value(), text);
  const auto again = decode_answer(text);
  require(again.ok() && again->fingerprint == stored->fingerprint && again->answer.places == stored->answer.places &&
              again->answer.errors == stored->answer.errors && again->answer.accepted == stored->answer.accepted,
          "an answer is remembered as it was given");
}

}  // namespace

void fuzz_store_reader(std::string_view bytes) {
  Input input(bytes);
  switch (input.below(6)) {
    case 0: return read_delta(input);
    case 1: return read_sealed(input);
    case 2: return read_model(input);
    case 3: return read_snapshot(input);
    case 4: return read_manifest(input);
    default: return read_remembered(input);
  }
}

}  // namespace penstock::fuzz
