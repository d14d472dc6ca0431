// What is wrong with a topology. Every pass adds to one list, so that a user sees all mistakes at once.
#pragma once

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "topology/value.h"

namespace penstock::topology {

struct Diagnostic {
  enum class Severity { kError, kWarning };
  Severity severity = Severity::kError;
  std::string file;
  Place place;
  std::string code;  // kebab-case, stable: unknown-key, wrong-type, unknown-column, cycle, ...
  std::string text;  // what is wrong
  std::string hint;  // what would be right; may be empty
  bool operator==(const Diagnostic&) const = default;
};

class Diagnostics {
 public:
  explicit Diagnostics(std::string file = {}) : file_(std::move(file)) {}
  void error(Place place, std::string code, std::string text, std::string hint = {}) {
    list_.push_back({Diagnostic::Severity::kError, file_, place, std::move(code), std::move(text), std::move(hint)});
  }
  void warning(Place place, std::string code, std::string text, std::string hint = {}) {
    list_.push_back({Diagnostic::Severity::kWarning, file_, place, std::move(code), std::move(text), std::move(hint)});
  }
  bool any_errors() const {
    for (const Diagnostic& diagnostic : list_)
      if (diagnostic.severity == Diagnostic::Severity::kError)
        return true;
    return false;
  }
  /// By place; each mistake once.
  void sort() {
    std::stable_sort(list_.begin(), list_.end(), [](const Diagnostic& a, const Diagnostic& b) {
      return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
    });
    list_.erase(std::unique(list_.begin(), list_.end()), list_.end());
  }
  const std::vector<Diagnostic>& list() const { return list_; }

 private:
  std::string file_;
  std::vector<Diagnostic> list_;
};

}  // namespace penstock::topology
