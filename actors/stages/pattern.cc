#include "actors/stages/pattern.h"

#include <re2/re2.h>

namespace penstock {

Pattern::Pattern(const std::string& text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  compiled_ = std::make_unique<re2::RE2>(text, options);
  if (compiled_->ok())
    return;
  problem_ = compiled_->error();
  // The library names the piece that is wrong, not its place; the last one is the likeliest.
  const std::string& piece = compiled_->error_arg();
  const size_t at = piece.empty() ? std::string::npos : text.rfind(piece);
  offset_ = at == std::string::npos ? 0 : at;
}

Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

bool Pattern::matches(std::string_view text) const {
  return compiled_->Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

const std::string& Pattern::text() const { return compiled_->pattern(); }

}  // namespace penstock
