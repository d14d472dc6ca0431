#include "topology/query.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "topology/bind_helpers.h"

namespace penstock::topology {
namespace {

// Without white space and, outside quotes, without letter case, so that two spellings of an expression compare equal.
std::string canonical(std::string_view text) {
  std::string out;
  char quote = 0;
  for (const char c : text) {
    if (quote == 0 && std::isspace(static_cast<unsigned char>(c)))
      continue;
    if (c == '\'' || c == '"')
      quote = quote == 0 ? c : quote == c ? char{0} : quote;
    out += quote == 0 ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : c;
  }
  return out;
}

// The column that an expression consists of, or nothing if it computes something.
std::optional<std::string> bare_column(std::string_view text) {
  const auto word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  if (text.size() > 2 && text.front() == '"' && text.find('"', 1) == text.size() - 1)
    return std::string(text.substr(1, text.size() - 2));
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0])) || !std::all_of(text.begin(), text.end(), word))
    return std::nullopt;
  for (const char* constant : {"null", "true", "false"})
    if (canonical(text) == constant)
      return std::nullopt;
  return canonical(text);  // PostgreSQL folds what is not quoted
}

// Whether the word stands in the text.
bool mentions(std::string_view text, std::string_view word) {
  const auto part = [&](size_t i) {
    return i < text.size() && (std::isalnum(static_cast<unsigned char>(text[i])) || text[i] == '_');
  };
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
    if ((at == 0 || !part(at - 1)) && !part(at + word.size()))
      return true;
  return false;
}

class Expander {
 public:
  Expander(const Component& query, const sql::Select& select, const Catalogue& catalogue, Diagnostics& diagnostics)
      : query_(query), sql_(*query.find("sql")), select_(select), catalogue_(catalogue), diagnostics_(diagnostics) {}

  std::vector<DeclaredComponent> run() {
    if (select_.where)
      stage("filter", "where").component.properties["where"] = slice(*select_.where);
    const bool grouped = !select_.group_by.empty() || std::any_of(select_.items.begin(), select_.items.end(),
                                                                  [](const auto& item) { return item.is_aggregate; });
    if (grouped)
      group();
    else
      project();
    order(grouped);
    if (stages_.empty())
      stage("map", "all");
    connect();
    return std::move(stages_);
  }

 private:
  // A part of the SELECT as a property's value that knows its place.
  PropertyValue slice(const sql::Text& text) const {
    PropertyValue value;
    value.value = text.text;
    value.place = sql_.place_at(text.offset);
    value.text_map = sql_.text_map.from(text.offset, sql_.place);
    return value;
  }
  PropertyValue here(decltype(PropertyValue::value) content) const {
    PropertyValue value;
    value.value = std::move(content);
    value.place = sql_.place;
    return value;
  }
  void wrong(size_t offset, std::string text, std::string hint) {
    diagnostics_.error(sql_.place_at(offset), "bad-query", std::move(text), std::move(hint));
  }

  DeclaredComponent& stage(const std::string& type, const std::string& suffix) {
    DeclaredComponent& declared = stages_.emplace_back();
    declared.component.role = Role::kStage;
    declared.component.id = query_.id + "." + suffix;
    declared.component.type = type;
    declared.component.place = query_.place;
    declared.type = catalogue_.find(Role::kStage, type);
    declared.complete = declared.type != nullptr;
    return declared;
  }

  void project() {
    const bool star = !select_.items.empty() && select_.items.front().star;
    PropertyMap columns;
    for (size_t i = 0; i < select_.items.size(); ++i) {
      const sql::SelectItem& item = select_.items[i];
      if (item.star && i > 0)
        wrong(item.expression.offset, "* must come first, and once", "write SELECT *, ...");
      if (item.star)
        continue;
      PropertyValue value = slice(item.expression);
      value.key_place = value.place;
      columns.emplace_back(item.name, std::move(value));
    }
    if (!columns.empty())
      stage("map", "select").component.properties[star ? "add" : "select"] = here(std::move(columns));
  }

  void group() {
    PropertyList keys;
    PropertyMap computed;
    PropertyMap aggregates;
    std::set<std::string> selected;
    for (const sql::SelectItem& item : select_.items) {
      PropertyValue value = slice(item.expression);
      value.key_place = value.place;
      if (item.is_aggregate) {
        aggregates.emplace_back(item.name, std::move(value));
        continue;
      }
      selected.insert(canonical(item.expression.text));
      add_column(item.name, item.expression, keys, computed);
    }
    for (const sql::Text& key : select_.group_by) {
      if (selected.contains(canonical(key.text)))
        continue;
      const std::string name = bare_column(key.text).value_or("key" + std::to_string(keys.size() + 1));
      diagnostics_.warning(sql_.place_at(key.offset), "extra-column",
                           "the result also has the column " + name + ", because it is grouped by it",
                           "add it to the SELECT list");
      add_column(name, key, keys, computed);
    }
    check_hiding(computed, aggregates);
    if (!computed.empty())
      stage("map", "keys").component.properties["add"] = here(std::move(computed));
    DeclaredComponent& reduce = stage("reduce", "groups");
    reduce.component.properties["group_by"] = here(std::move(keys));
    reduce.component.properties["aggregates"] = here(std::move(aggregates));
    if (const PropertyValue* workers = query_.find("workers"))
      reduce.component.properties["workers"] = *workers;
  }

  // A column under its own name is taken as it is; any other is computed under its new name.
  void add_column(const std::string& name, const sql::Text& expression, PropertyList& names, PropertyMap& computed) {
    PropertyValue value = slice(expression);
    value.key_place = value.place;
    PropertyValue column = value;
    column.value = name;
    names.push_back(std::move(column));
    if (bare_column(expression.text) != name)
      computed.emplace_back(name, std::move(value));
  }

  // A computed key takes the place of a column of its name, so no aggregate may read that column.
  void check_hiding(const PropertyMap& computed, const PropertyMap& aggregates) {
    for (const auto& [name, key] : computed)
      for (const auto& [result, aggregate] : aggregates)
        if (mentions(canonical(std::get<std::string>(aggregate.value)), canonical(name)))
          diagnostics_.error(key.place, "bad-query",
                             "the computed key " + name + " hides the column of that name, which " + result + " reads",
                             "give the key another name with AS");
  }

  // The column of the result that an ORDER BY item means.
  std::optional<std::string> order_column(const sql::OrderItem& item, bool grouped) const {
    if (item.item)
      return select_.items[*item.item].name;
    const std::optional<std::string> column = bare_column(item.expression.text);
    const bool star = !select_.items.empty() && select_.items.front().star;
    const auto named = [&](const sql::SelectItem& candidate) {
      return !candidate.star && canonical(candidate.expression.text) == canonical(item.expression.text);
    };
    const auto same = std::find_if(select_.items.begin(), select_.items.end(), named);
    if (same != select_.items.end())
      return same->name;
    const bool key =
        grouped && std::any_of(select_.group_by.begin(), select_.group_by.end(), [&](const sql::Text& text) {
          return canonical(text.text) == canonical(item.expression.text);
        });
    return star || key ? column : std::nullopt;
  }

  void order(bool grouped) {
    if (select_.order_by.empty()) {
      if (select_.limit)
        wrong(select_.from_offset, "LIMIT without ORDER BY would keep any rows", "add ORDER BY");
      return;
    }
    PropertyList by;
    for (const sql::OrderItem& item : select_.order_by) {
      const std::optional<std::string> column = order_column(item, grouped);
      if (!column)
        wrong(item.expression.offset, "ORDER BY must name a column of the result", "add it to the SELECT list");
      PropertyValue value = slice(item.expression);
      value.value = column.value_or("") + (item.descending ? " desc" : "") +
                    (item.nulls_first ? *item.nulls_first ? " nulls first" : " nulls last" : "");
      if (column)
        by.push_back(std::move(value));
    }
    DeclaredComponent& sort = stage("sort", "order");
    sort.component.properties["by"] = here(std::move(by));
    if (select_.limit)
      sort.component.properties["limit"] = here(*select_.limit);
  }

  // Gives each stage its input and its defaults, and the last the query's own id.
  void connect() {
    stages_.back().component.id = query_.id;
    for (size_t i = 0; i < stages_.size(); ++i) {
      DeclaredComponent& declared = stages_[i];
      declared.component.inputs = i == 0 ? query_.inputs : std::vector<std::string>{stages_[i - 1].component.id};
      declared.component.input_places.assign(declared.component.inputs.size(), query_.place);
      if (i == 0)
        declared.component.input_places = query_.input_places;
      if (declared.type == nullptr) {
        wrong(0, "the stage type " + declared.component.type + " that this needs is missing", "");
        continue;
      }
      for (const Property& property : declared.type->properties)
        if (!declared.component.has(property.name))
          if (auto value = default_value(property, query_.place))
            declared.component.properties[property.name] = std::move(*value);
    }
  }

  const Component& query_;
  const PropertyValue& sql_;
  const sql::Select& select_;
  const Catalogue& catalogue_;
  Diagnostics& diagnostics_;
  std::vector<DeclaredComponent> stages_;
};

}  // namespace

std::optional<sql::Select> read_query(Component& query, Diagnostics& diagnostics) {
  const PropertyValue* text = query.find("sql");
  if (text == nullptr)
    return std::nullopt;
  auto parsed = sql::parse_select(std::get<std::string>(text->value));
  if (!parsed.ok()) {
    report(parsed.problem(), *text, diagnostics, "bad-query");
    return std::nullopt;
  }
  sql::Select select = std::move(parsed).value();
  const Place from = text->place_at(select.from_offset);
  if (query.inputs.empty()) {
    query.inputs = {select.from};
    query.input_places = {from};
  } else if (query.inputs != std::vector<std::string>{select.from}) {
    diagnostics.error(query.input_places.front(), "bad-input", "the input is not the stage after FROM, " + select.from,
                      "leave input out; FROM says it");
    query.inputs = {select.from};
    query.input_places = {from};
  }
  return select;
}

std::vector<DeclaredComponent> expand_query(const Component& query, const sql::Select& select,
                                            const Catalogue& catalogue, Diagnostics& diagnostics) {
  return Expander(query, select, catalogue, diagnostics).run();
}

}  // namespace penstock::topology
