#include "actors/aggregators/bandit_situation.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <string>

#include "core/nearest.h"

namespace penstock {

Result<std::vector<double>> read_situation(const BanditContext& context, std::string_view json) {
  std::vector<double> x = context.empty();
  if (json.empty())
    return x;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (document.HasParseError())
    return invalid_argument("byte " + std::to_string(document.GetErrorOffset()) +
                            " of the context: " + rapidjson::GetParseError_En(document.GetParseError()));
  if (!document.IsObject())
    return invalid_argument("the context must be a JSON object with the features as its members");
  for (const auto& member : document.GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    const auto feature = context.find(name);
    if (!feature) {
      std::vector<std::string> known;
      for (const ContextFeature& declared : context.features())
        known.push_back(declared.name);
      const auto meant = nearest(name, known);
      return invalid_argument("the bandit has no feature \"" + name + "\"" +
                              (meant ? "; did you mean \"" + *meant + "\"?" : ""));
    }
    const auto& value = member.value;
    const bool numeric = context.features()[*feature].kind == ContextFeature::Kind::kNumeric;
    if (value.IsNull())
      continue;
    if (value.IsNumber())
      context.set(*feature, value.GetDouble(), x);
    else if (value.IsBool() && numeric)
      context.set(*feature, value.GetBool() ? 1.0 : 0.0, x);
    else if (value.IsBool())
      context.set(*feature, std::string_view(value.GetBool() ? "true" : "false"), x);
    else if (value.IsString() && !numeric)
      context.set(*feature, std::string_view(value.GetString(), value.GetStringLength()), x);
    else
      return invalid_argument("the feature \"" + name + "\" must be a " +
                              (numeric ? "number" : "text, number, true or false"));
  }
  return x;
}

}  // namespace penstock
