// Diagnostics as people and programs read them. Pure.
#pragma once

#include <string>
#include <vector>

#include "topology/diagnostic.h"
#include "topology/text.h"

namespace penstock::topology {

/// `file:line:column: error[code]: text`, the line with a caret under the column, and the hint:
///
///     shop.yaml:7:12: error[unknown-key]: the filter failed has no key "wher"
///       7 |     wher: status = 'FAILED'
///         |     ^
///       hint: did you mean where?
///
/// `text`: of the file. Control characters are shown as escapes. `colour`: with ANSI sequences.
std::string render(const Diagnostic& diagnostic, const Text& text, bool colour);

/// An array of objects with file, line, column, severity, code, text, hint.
std::string render_json(const std::vector<Diagnostic>& diagnostics);

}  // namespace penstock::topology
