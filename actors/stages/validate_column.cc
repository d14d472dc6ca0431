#include "actors/stages/validate_column.h"

#include "topology/bind_helpers.h"

namespace penstock {
namespace {

using topology::Diagnostics;
using topology::Kind;
using topology::PropertyValue;

std::string quoted(const std::string& text, char quote) {
  std::string out(1, quote);
  for (const char c : text)
    out += c == quote ? std::string(2, c) : std::string(1, c);
  return out + quote;
}

// A value of the type as one row of a column; null if the text is none.
ColumnPtr literal(const std::string& text, Type type) {
  if (type == Type::kString)
    return Column::strings({0, static_cast<uint32_t>(text.size())}, text);
  static const SchemaPtr nothing = std::make_shared<const Schema>(std::vector<Field>{{"nothing", Type::kInt64, false}});
  const auto cast =
      sql::Expression::compile("CAST(" + quoted(text, '\'') + " AS " + std::string(type_name(type)) + ")", nothing);
  if (!cast.ok())
    return nullptr;
  sql::Evaluated value = cast->evaluate(*RecordBatch::make(nothing, {Column::nulls(Type::kInt64, 1)}));
  return value.errors.empty() && !value.column->is_null(0) ? std::move(value.column) : nullptr;
}

class ColumnPlanner {
 public:
  ColumnPlanner(const PropertyValue& entry, Diagnostics& diagnostics) : entry_(entry), diagnostics_(diagnostics) {}

  std::optional<ValidateColumn> run(const std::string& name, bool reject_missing, const SchemaPtr& input) {
    const auto index = topology::check_column(name, entry_.key_place, input, diagnostics_);
    if (!index)
      return std::nullopt;
    column_.name = name;
    column_.index = *index;
    column_.type = input->field(*index).type;
    if (!read_type(input))
      return std::nullopt;
    read_range();
    read_one_of();
    read_texts();
    read_missing(reject_missing);
    return std::move(column_);
  }

 private:
  const PropertyValue* find(const char* key) const { return entry_.find(key); }
  const std::string& text(const char* key) const { return std::get<std::string>(find(key)->value); }
  void error(topology::Place place, const char* code, const std::string& what, const std::string& hint = {}) {
    diagnostics_.error(place, code, "the column " + column_.name + ": " + what, hint);
  }

  bool read_type(const SchemaPtr& input) {
    const PropertyValue* wanted = find("type");
    if (wanted == nullptr || *parse_type(text("type")) == column_.type)
      return true;
    const Type from = column_.type;
    column_.type = *parse_type(text("type"));
    auto cast = sql::Expression::compile("CAST(" + quoted(column_.name, '"') + " AS " + text("type") + ")", input);
    if (!cast.ok()) {
      error(wanted->place, "bad-cast",
            "a " + std::string(type_name(from)) + " cannot become a " + text("type") + ": " + cast.problem().message,
            cast.problem().hint);
      return false;
    }
    column_.cast = std::move(cast).value();
    return true;
  }

  ColumnPtr value(const PropertyValue& given, const std::string& what) {
    const std::string& written = std::get<std::string>(given.value);
    ColumnPtr made = literal(written, column_.type);
    if (!made)
      error(given.place, "wrong-type",
            what + " must be of its type, " + std::string(type_name(column_.type)) + ", but is \"" + written + "\"");
    return made;
  }

  void read_range() {
    ColumnPtr least, most;
    const char* used = nullptr;
    for (const char* key : {"range", "at_least", "at_most"})
      used = find(key) != nullptr ? key : used;
    if (used == nullptr)
      return;
    if (column_.type != Type::kInt64 && column_.type != Type::kFloat64 && column_.type != Type::kTimestamp)
      return error(find(used)->place, "wrong-type",
                   std::string(used) + " is for int64, float64 and timestamp, and this is " +
                       std::string(type_name(column_.type)),
                   column_.type == Type::kString ? "cast it with `type: float64`, say" : "");
    if (find("range") != nullptr && used != std::string_view("range"))
      return error(find(used)->place, "conflict", std::string(used) + " and range say the same", "keep one of them");
    bool good = true;
    const auto bound = [&](const PropertyValue& given, ColumnPtr& out) {
      out = value(given, "a bound");
      good = good && out;
    };
    if (find("range") != nullptr) {
      const auto& ends = std::get<topology::PropertyList>(find("range")->value);
      bound(ends[0], least);
      bound(ends[1], most);
    }
    if (find("at_least") != nullptr)
      bound(*find("at_least"), least);
    if (find("at_most") != nullptr)
      bound(*find("at_most"), most);
    if (!good)
      return;
    std::vector<Fault> empty;
    if (least && most)
      range_check(least, nullptr)->check("", *most, empty);
    if (!empty.empty())
      return error(find(used)->place, "wrong-range",
                   "no value is at least " + least->to_string(0) + " and at most " + most->to_string(0),
                   "write the smaller bound first");
    column_.checks.push_back(range_check(least, most));
  }

  void read_one_of() {
    if (find("one_of") == nullptr)
      return;
    ColumnBuilder allowed(column_.type);
    for (const PropertyValue& item : std::get<topology::PropertyList>(find("one_of")->value))
      if (const ColumnPtr one = value(item, "an allowed value"))
        allowed.append_from(*one, 0);
    if (allowed.size() > 0)
      column_.checks.push_back(one_of_check(allowed.finish()));
  }

  void read_texts() {
    for (const char* key : {"matches", "min_length", "max_length"})
      if (find(key) != nullptr && column_.type != Type::kString)
        return error(find(key)->place, "wrong-type",
                     std::string(key) + " is for string, and this is " + std::string(type_name(column_.type)));
    if (const PropertyValue* matches = find("matches")) {
      const auto pattern = std::make_shared<const Pattern>(text("matches"));
      if (!pattern->problem().empty())
        error(matches->place_at(pattern->problem_offset()), "bad-pattern",
              "the pattern is wrong: " + pattern->problem(), "the syntax is RE2's; write a pattern in single quotes");
      else
        column_.checks.push_back(pattern_check(pattern));
    }
    const auto length = [&](const char* key, size_t otherwise) {
      return find(key) == nullptr ? otherwise : static_cast<size_t>(std::get<int64_t>(find(key)->value));
    };
    const size_t least = length("min_length", 0), most = length("max_length", SIZE_MAX);
    if (least > most)
      error(find("min_length")->place, "wrong-range", "min_length is more than max_length");
    else if (least > 0 || most < SIZE_MAX)
      column_.checks.push_back(length_check(least, most));
  }

  void read_missing(bool reject_missing) {
    using Missing = ValidateColumn::Missing;
    const PropertyValue* missing = find("missing");
    const PropertyValue* fallback = find("default");
    const bool required = find("required") != nullptr && std::get<bool>(find("required")->value);
    const std::string said = missing != nullptr ? text("missing") : "";
    if (required && (fallback != nullptr || (missing != nullptr && said != "reject")))
      return error((fallback != nullptr ? fallback : missing)->place, "conflict",
                   "a required value cannot be missing, so nothing can stand in for it", "remove one of them");
    if (fallback != nullptr && missing != nullptr && said != "default")
      return error(fallback->place, "conflict", "the default is never used with `missing: " + said + "`",
                   "remove one of them");
    if (said == "default" && fallback == nullptr)
      return error(missing->place, "missing-key", "`missing: default` needs a default",
                   "write `default: ...` beside it");
    if (required || said == "reject" || (said.empty() && fallback == nullptr && reject_missing))
      column_.missing = Missing::kReject;
    if (fallback == nullptr)
      return;
    column_.missing = Missing::kDefault;
    column_.fallback = value(*fallback, "the default");
    std::vector<Fault> faults;
    for (const ColumnCheckPtr& check : column_.checks)
      if (column_.fallback)
        check->check("", *column_.fallback, faults);
    if (!faults.empty())
      error(fallback->place, "wrong-value", "the default breaks a rule of its own column" + faults.front().text);
  }

  const PropertyValue& entry_;
  Diagnostics& diagnostics_;
  ValidateColumn column_;
};

}  // namespace

std::vector<topology::Property> validate_column_properties() {
  return {
      {.name = "required",
       .kind = Kind::kBool,
       .meaning = "Whether a record without a value is rejected.",
       .default_value = "false"},
      {.name = "type",
       .kind = Kind::kChoice,
       .meaning = "What to cast the column to, such as numbers out of text; default: as it is.",
       .choices = {"bool", "int64", "float64", "string", "timestamp", "json"}},
      {.name = "range",
       .kind = Kind::kList,
       .meaning = "The least and the largest value, both allowed; of numbers and timestamps.",
       .minimum = 2,
       .maximum = 2,
       .element = Kind::kString},
      {.name = "at_least", .kind = Kind::kString, .meaning = "The least value, where there is no largest."},
      {.name = "at_most", .kind = Kind::kString, .meaning = "The largest value, where there is no least."},
      {.name = "one_of",
       .kind = Kind::kList,
       .meaning = "The values that are allowed.",
       .minimum = 1,
       .element = Kind::kString},
      {.name = "matches",
       .kind = Kind::kString,
       .meaning = "A regular expression (RE2) that some part of the text must match; `^` and `$` bind it to the ends."},
      {.name = "min_length",
       .kind = Kind::kInteger,
       .meaning = "Least length of the text.",
       .minimum = 0,
       .unit = "characters"},
      {.name = "max_length",
       .kind = Kind::kInteger,
       .meaning = "Largest length of the text.",
       .minimum = 0,
       .unit = "characters"},
      {.name = "missing",
       .kind = Kind::kChoice,
       .meaning =
           "What to do where there is no value; default: what `required`, `default` and the stage's `missing` say.",
       .choices = {"reject", "default", "keep"}},
      {.name = "default", .kind = Kind::kString, .meaning = "What a missing value becomes."},
  };
}

std::optional<ValidateColumn> plan_column(const std::string& name, const PropertyValue& entry, bool reject_missing,
                                          const SchemaPtr& input, Diagnostics& diagnostics) {
  return ColumnPlanner(entry, diagnostics).run(name, reject_missing, input);
}

}  // namespace penstock
