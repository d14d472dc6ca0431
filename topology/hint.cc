#include "topology/hint.h"

#include <algorithm>
#include <optional>

#include "core/nearest.h"

namespace penstock::topology {

std::string joined(const std::vector<std::string>& names) {
  constexpr size_t kShown = 12;
  std::string out;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i)
    out += (i == 0 ? "" : ", ") + names[i];
  return names.size() <= kShown ? out : out + " and " + std::to_string(names.size() - kShown) + " more";
}

std::string nearest_hint(std::string_view word, const std::vector<std::string>& known, std::string_view otherwise) {
  if (const std::optional<std::string> meant = nearest(word, known))
    return "did you mean " + *meant + "?";
  return known.empty() ? "" : std::string(otherwise) + " " + joined(known);
}

}  // namespace penstock::topology
