// Sinks of type `result_file` are written by jobs, not by a worker of their own. So one that takes a view needs no log of the
// view's changes: it is written from the view.
#pragma once

#include "topology/component.h"

namespace penstock::topology {

inline constexpr const char* kResultFileType = "result_file";

inline bool is_result_file(const Component& component) {
  return component.role == Role::kSink && component.type == kResultFileType;
}

}  // namespace penstock::topology
