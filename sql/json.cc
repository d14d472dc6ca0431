// json -> key, json ->> key: a part of a JSON value, as json or as text. A path that is not there gives null, as does JSON's null
// taken as text.
#include "sql/functions.h"
#include "sql/json_access.h"

namespace penstock::sql {
namespace {

using Text = std::string_view;

std::optional<Text> part(Text json, Text key) { return json_member(json, key); }
std::optional<Text> part(Text json, int64_t index) { return json_element(json, index); }

template <class Key, bool kAsText>
Vector get(const Call& call) {
  const Reader<Text> json(call.args[0]);
  const Reader<Key> key(call.args[1]);
  Text* out = call.context.column<Text>();
  uint64_t* validity = call.context.bits(true);
  std::string scratch;
  each(call.rows, [&](size_t row) {
    const std::optional<Text> found = part(json[row], key[row]);
    out[row] = {};
    if (!found || (kAsText && *found == "null"))
      validity[row >> 6] &= ~(uint64_t{1} << (row & 63));
    else if (!kAsText)
      out[row] = *found;
    else if (const Text text = json_text(*found, scratch); text.data() == scratch.data())
      out[row] = call.context.copy(text);
    else
      out[row] = text;
  });
  Vector result = vector_of(out, kAsText ? Type::kString : Type::kJson);
  result.validity = validity;
  return result;
}

}  // namespace

std::span<const Function> json_functions() {
  using enum Type;
  static const std::vector<Function> list = {
      {"->", {kJson, kString}, kJson, get<Text, false>, Fails::kNo, Nulls::kMaybe},
      {"->", {kJson, kInt64}, kJson, get<int64_t, false>, Fails::kNo, Nulls::kMaybe},
      {"->>", {kJson, kString}, kString, get<Text, true>, Fails::kNo, Nulls::kMaybe},
      {"->>", {kJson, kInt64}, kString, get<int64_t, true>, Fails::kNo, Nulls::kMaybe},
  };
  return list;
}

}  // namespace penstock::sql
