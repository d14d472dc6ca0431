#include <algorithm>
#include <array>

#include "actors/sources/nexmark_events.h"

namespace penstock {
namespace {

constexpr std::array kKinds = {NexmarkKind::kPerson, NexmarkKind::kAuction, NexmarkKind::kBid};
constexpr std::array<std::string_view, 3> kNames = {"person", "auction", "bid"};

}  // namespace

SchemaPtr nexmark_schema() {
  static const SchemaPtr schema = [] {
    std::vector<Field> fields = {{"kind", Type::kString, true}, {"at", Type::kTimestamp, true}};
    for (const NexmarkKind kind : kKinds)
      for (const Field& field : nexmark_schema(kind)->fields()) {
        const bool known =
            std::any_of(fields.begin(), fields.end(), [&](const Field& f) { return f.name == field.name; });
        if (!known)
          fields.push_back({field.name, field.type, false});
      }
    return std::make_shared<const Schema>(std::move(fields));
  }();
  return schema;
}

// Each kind is made by itself, and then the rows are put in order column by column.
BatchPtr nexmark_batch(const NexmarkOptions& options, uint64_t from, size_t count) {
  std::array builders = {BatchBuilder(nexmark_schema(kKinds[0])), BatchBuilder(nexmark_schema(kKinds[1])),
                         BatchBuilder(nexmark_schema(kKinds[2]))};
  std::vector<uint8_t> kinds;
  std::vector<uint32_t> rows;  // of the event among those of its kind
  for (uint64_t event = from; event < from + count; ++event) {
    const auto kind = static_cast<uint8_t>(nexmark_kind(event));
    kinds.push_back(kind);
    rows.push_back(static_cast<uint32_t>(builders[kind].rows()));
    append_nexmark(options, event, builders[kind]);
  }
  const std::array batches = {builders[0].finish(), builders[1].finish(), builders[2].finish()};
  BatchBuilder out(nexmark_schema());
  for (const uint8_t kind : kinds)
    out.column(0).append_string(kNames[kind]);
  for (size_t c = 1; c < nexmark_schema()->size(); ++c) {
    std::array<const Column*, 3> columns{};
    for (size_t k = 0; k < batches.size(); ++k)
      if (const auto at = batches[k]->schema()->index_of(nexmark_schema()->field(c).name))
        columns[k] = batches[k]->column(*at).get();
    out.column(c).reserve(count);
    for (size_t i = 0; i < kinds.size(); ++i) {
      if (const Column* column = columns[kinds[i]])
        out.column(c).append_from(*column, rows[i]);
      else
        out.column(c).append_null();
    }
  }
  return out.finish();
}

}  // namespace penstock
