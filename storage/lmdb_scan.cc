#include "storage/lmdb_scan.h"

#include "storage/delta_segment.h"
#include "storage/lmdb_table.h"

namespace penstock {

Status scan_merged(const LmdbRead& read, const LmdbEnv& env, const LmdbTable& table, std::string_view name,
                   std::string_view prefix, const Store::Visit& visit) {
  PENSTOCK_ASSIGN(TableCursor stored, TableCursor::open(read.get(), env.tables, table.id, prefix, name));
  OverlayCursor changed(*table.overlay, prefix);
  while (true) {
    const Change* change = changed.current();
    if (change && !change->key.starts_with(prefix))
      change = nullptr;
    if (!change && stored.at_end())
      return ok();
    const int order = !change ? 1 : stored.at_end() ? -1 : change->key.compare(stored.key());
    if (order <= 0 ? (!change->erased && !visit(change->key, change->value)) : !visit(stored.key(), stored.value()))
      return ok();
    if (order <= 0)
      changed.next();
    if (order >= 0)
      PENSTOCK_TRY(stored.next());
  }
}

}  // namespace penstock
