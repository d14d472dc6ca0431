#include "actors/servers/recommendation_body.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cmath>

#include "core/nearest.h"

namespace penstock {
namespace {

using rapidjson::Value;

constexpr double kMostWeight = 1e6;

std::string shown(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  const std::string text(buffer.GetString(), buffer.GetSize());
  return text.size() > 60 ? text.substr(0, 60) + "..." : text;
}

Status wrong(const std::string& pointer, const std::string& expected, const Value& found) {
  return invalid_argument("the body" + (pointer.empty() ? "" : " at " + pointer) + ": expected " + expected +
                          ", found " + shown(found));
}

// Reads a body; the first mistake counts.
class Body {
 public:
  Status open(const std::string& text, const std::vector<std::string>& known) {
    document_.Parse<rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag |
                    rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
    if (document_.HasParseError())
      return invalid_argument("byte " + std::to_string(document_.GetErrorOffset()) +
                              " of the body: " + rapidjson::GetParseError_En(document_.GetParseError()));
    return members(document_, "", known);
  }

  const Value* find(const char* name) const { return find(document_, name); }

  /// What both bodies have: n, exclude, filter, model.
  Status read_query(RecommendationQuery& query) const {
    if (const Value* n = find("n")) {
      if (!n->IsUint64() || n->GetUint64() < 1 || n->GetUint64() > kMostRecommended)
        return wrong("/n", "a whole number from 1 to " + std::to_string(kMostRecommended), *n);
      query.n = n->GetUint64();
    }
    PENSTOCK_TRY(read_ids("exclude", query.exclude));
    PENSTOCK_TRY(read_text("filter", query.filter));
    return read_text("model", query.model);
  }

  Status read_ids(const char* name, std::vector<std::string>& out) const {
    const Value* ids = find(name);
    const std::string pointer = std::string("/") + name;
    if (ids == nullptr)
      return ok();
    if (!ids->IsArray())
      return wrong(pointer, "an array of ids", *ids);
    for (rapidjson::SizeType i = 0; i < ids->Size(); ++i) {
      PENSTOCK_ASSIGN(std::string id, read_id((*ids)[i], pointer + "/" + std::to_string(i)));
      out.push_back(std::move(id));
    }
    return ok();
  }

  static Result<std::string> read_id(const Value& value, const std::string& pointer) {
    if (value.IsString() && value.GetStringLength() > 0)
      return std::string(value.GetString(), value.GetStringLength());
    if (value.IsInt64())
      return std::to_string(value.GetInt64());
    return wrong(pointer, "an id, a text or a whole number", value);
  }

  Status read_session(std::vector<SessionItem>& out) const {
    const Value* items = find("items");
    if (items == nullptr)
      return invalid_argument("the body: there is no `items`, the items of the session, oldest first");
    if (!items->IsArray() || items->Empty() || items->Size() > kMostSessionItems)
      return wrong("/items", "an array of 1 to " + std::to_string(kMostSessionItems) + " items", *items);
    for (rapidjson::SizeType i = 0; i < items->Size(); ++i) {
      const Value& item = (*items)[i];
      const std::string pointer = "/items/" + std::to_string(i);
      SessionItem& read = out.emplace_back();
      const Value* id = &item;
      if (item.IsObject()) {
        PENSTOCK_TRY(members(item, pointer, {"item", "weight"}));
        id = find(item, "item");
        if (id == nullptr)
          return invalid_argument("the body at " + pointer + ": there is no `item`");
        if (const Value* weight = find(item, "weight")) {
          if (!weight->IsNumber() || !(weight->GetDouble() > 0) || weight->GetDouble() > kMostWeight)
            return wrong(pointer + "/weight", "a number over 0", *weight);
          read.weight = weight->GetDouble();
        }
      }
      PENSTOCK_ASSIGN(read.item, read_id(*id, item.IsObject() ? pointer + "/item" : pointer));
    }
    return ok();
  }

 private:
  static const Value* find(const Value& object, const char* name) {
    const auto found = object.FindMember(name);
    return found == object.MemberEnd() ? nullptr : &found->value;
  }

  static Status members(const Value& value, const std::string& pointer, const std::vector<std::string>& known) {
    if (!value.IsObject())
      return wrong(pointer, "an object", value);
    for (const auto& member : value.GetObject()) {
      const std::string name(member.name.GetString(), member.name.GetStringLength());
      if (std::find(known.begin(), known.end(), name) != known.end())
        continue;
      std::string list;
      for (const std::string& one : known)
        list.append(list.empty() ? "" : ", ").append(one);
      const auto meant = nearest(name, known);
      std::string text = "the body at " + pointer;
      text.append("/").append(name).append(": unknown; ");
      text += meant ? "did you mean `" + *meant + "`?" : "known are " + list;
      return invalid_argument(std::move(text));
    }
    return ok();
  }

  Status read_text(const char* name, std::string& out) const {
    const Value* value = find(name);
    if (value == nullptr)
      return ok();
    if (!value->IsString())
      return wrong(std::string("/") + name, "a text", *value);
    out.assign(value->GetString(), value->GetStringLength());
    return ok();
  }

  rapidjson::Document document_;
};

}  // namespace

Result<RecommendationBatch> parse_recommendation_batch(const std::string& text) {
  Body body;
  RecommendationBatch batch;
  PENSTOCK_TRY(body.open(text, {"users", "n", "exclude", "filter", "model"}));
  const Value* users = body.find("users");
  if (users == nullptr)
    return invalid_argument("the body: there is no `users`, the users to answer for");
  if (!users->IsArray() || users->Empty() || users->Size() > kMostUsers)
    return wrong("/users", "an array of 1 to " + std::to_string(kMostUsers) + " users", *users);
  PENSTOCK_TRY(body.read_ids("users", batch.users));
  PENSTOCK_TRY(body.read_query(batch.query));
  if (batch.users.size() * batch.query.n > kMostAnswered)
    return invalid_argument("the body asks for " + std::to_string(batch.users.size() * batch.query.n) +
                            " items; at most " + std::to_string(kMostAnswered) +
                            " (users times n) are answered at once");
  return batch;
}

Result<RecommendationQuery> parse_session(const std::string& text) {
  Body body;
  RecommendationQuery query;
  PENSTOCK_TRY(body.open(text, {"items", "user", "n", "exclude", "filter", "model"}));
  PENSTOCK_TRY(body.read_session(query.session));
  PENSTOCK_TRY(body.read_query(query));
  if (const Value* user = body.find("user")) {
    PENSTOCK_ASSIGN(query.user, Body::read_id(*user, "/user"));
  }
  return query;
}

}  // namespace penstock
