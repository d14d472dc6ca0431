// LIKE: `%` is any characters, `_` is one, the escape character (backslash unless told) takes the next one as it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::sql {

/// A compiled pattern. Immutable; thread safe.
class LikePattern {
 public:
  /// `escape` is empty (no escape) or one character. If problem() is set the pattern matches nothing.
  explicit LikePattern(std::string_view pattern, std::string_view escape = "\\");

  bool matches(std::string_view text) const;
  /// Null, or why the pattern is wrong.
  const char* problem() const { return problem_; }

 private:
  // Literal texts between the runs of wildcards. `x%y_z` is {"x",any=false} {"y",any=true} {"z",skip=1}.
  struct Part {
    bool any = false;  // any number of characters may come before
    size_t skip = 0;   // at least, or exactly, this many
    std::string text;
  };
  bool match_from(size_t part, std::string_view text) const;

  std::vector<Part> parts_;
  const char* problem_ = nullptr;
};

}  // namespace penstock::sql
