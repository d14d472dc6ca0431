// A `query` stage: a SELECT that stands for a chain of filter, map, reduce and sort stages. Replaced before binding, so that
// everything after sees only stages that a user could have written. Mistakes are reported at their place in the SELECT.
//
//   FROM x WHERE w                                  → filter{where}
//   SELECT a, b + c AS d                            → map{select}      (`*` alone: none; `*, b + c AS d`: map{add})
//   SELECT g, count(*) AS n ... GROUP BY g          → reduce{group_by, aggregates}, behind map{add} for keys that are computed or renamed
//   ORDER BY d DESC LIMIT 10                        → sort{by, limit}
//
// The last stage has the query's id, the others `<id>.where`, `<id>.keys`, `<id>.select`, `<id>.groups`. The result of a
// grouping has its keys before its aggregates.
#pragma once

#include <optional>
#include <vector>

#include "sql/select.h"
#include "topology/component_type.h"
#include "topology/spec.h"

namespace penstock::topology {

/// The name of the stage type that is replaced.
inline constexpr std::string_view kQueryType = "query";

/// The query's SELECT taken apart, with the stage after FROM as the component's input. Empty if it was wrong.
std::optional<sql::Select> read_query(Component& query, Diagnostics& diagnostics);

/// The stages it stands for, in flow order; each reads the one before it, the first reads the query's input.
std::vector<DeclaredComponent> expand_query(const Component& query, const sql::Select& select,
                                            const Catalogue& catalogue, Diagnostics& diagnostics);

}  // namespace penstock::topology
