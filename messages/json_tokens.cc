#include "messages/json_tokens.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace penstock {
namespace {

constexpr size_t kCapacity = 256 * 1024;  // kept from text to text; what a longer text needed is given back
constexpr std::array<uint32_t, 1> kNone = {0};

}  // namespace

struct JsonTokens::Impl {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

JsonTokens::JsonTokens() : impl_(std::make_unique<Impl>()), positions_(kNone) {}
JsonTokens::~JsonTokens() = default;
JsonTokens::JsonTokens(JsonTokens&&) noexcept = default;
JsonTokens& JsonTokens::operator=(JsonTokens&&) noexcept = default;

JsonTokens::Fault JsonTokens::find(std::string_view text) {
  positions_ = kNone;
  if (text.empty())
    return Fault::kNone;
  auto& parser = impl_->parser;
  const bool wasteful = parser != nullptr && parser->capacity() > 4 * kCapacity && text.size() <= kCapacity;
  if (parser == nullptr || parser->capacity() < text.size() || wasteful) {
    parser.reset();
    const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
        std::max(kCapacity, text.size()), simdjson::DEFAULT_MAX_DEPTH, parser);
    if (error != simdjson::SUCCESS)
      return Fault::kTooLong;
  }
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  switch (parser->stage1(bytes, text.size(), simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS:
      positions_ = {parser->structural_indexes.get(), parser->n_structural_indexes + size_t{1}};
      break;
    case simdjson::EMPTY: break;
    case simdjson::UTF8_ERROR: return Fault::kUtf8;
    case simdjson::UNESCAPED_CHARS: return Fault::kControlCharacter;
    case simdjson::UNCLOSED_STRING: return Fault::kUnclosedString;
    default: return Fault::kTooLong;
  }
  return Fault::kNone;
}

}  // namespace penstock
