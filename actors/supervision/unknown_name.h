// What to say to somebody who names a thing that a topology does not have.
#pragma once

#include <string>
#include <vector>

#include "core/nearest.h"

namespace penstock {

/// `there is no model "tast"; did you mean "taste"?`, else what there is.
inline std::string unknown_name(const std::string& what, const std::string& name,
                                const std::vector<std::string>& known) {
  std::string text = "there is no " + what + " \"" + name + "\"";
  if (const auto near = nearest(name, known))
    return text + "; did you mean \"" + *near + "\"?";
  if (known.empty())
    return text + "; the topology has none";
  text += "; there is ";
  for (size_t i = 0; i < known.size(); ++i)
    text += (i == 0 ? "" : ", ") + known[i];
  return text;
}

}  // namespace penstock
