#include "actors/servers/media_type.h"

namespace penstock {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// Takes a token off the front of `text`, in small letters; empty if there is none.
std::string take_token(std::string_view& text) {
  std::string token;
  for (; !text.empty() && is_token_char(text.front()); text.remove_prefix(1))
    token += text.front() >= 'A' && text.front() <= 'Z' ? static_cast<char>(text.front() + 32) : text.front();
  return token;
}

bool take_quoted(std::string_view& text, std::string& value) {
  for (text.remove_prefix(1); !text.empty(); text.remove_prefix(1)) {
    if (text.front() == '"') {
      text.remove_prefix(1);
      return true;
    }
    if (text.front() == '\\')
      text.remove_prefix(1);
    if (text.empty())
      return false;
    value += text.front() >= 'A' && text.front() <= 'Z' ? static_cast<char>(text.front() + 32) : text.front();
  }
  return false;
}

}  // namespace

std::optional<MediaType> parse_media_type(std::string_view text) {
  MediaType type;
  text = trimmed(text);
  type.name = take_token(text);
  if (type.name.empty() || !text.starts_with('/'))
    return std::nullopt;
  text.remove_prefix(1);
  const std::string subtype = take_token(text);
  if (subtype.empty())
    return std::nullopt;
  type.name += "/" + subtype;
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
    if (text.front() != ';')
      return std::nullopt;
    text = trimmed(text.substr(1));
    if (text.empty() || text.front() == ';')
      continue;
    const std::string name = take_token(text);
    if (name.empty() || !text.starts_with('='))
      return std::nullopt;
    text.remove_prefix(1);
    std::string value;
    if (text.starts_with('"') ? !take_quoted(text, value) : (value = take_token(text)).empty())
      return std::nullopt;
    if (!type.parameters.emplace(name, value).second)
      return std::nullopt;
  }
  return type;
}

}  // namespace penstock
