#include "actors/stages/explode.h"

#include "actors/aggregators/view_key.h"
#include "actors/components.h"
#include "actors/stages/reject.h"
#include "sql/json_access.h"

namespace penstock {
namespace {

// What a part is taken from: a slice of the element, or nothing if a member of the path is missing.
std::optional<std::string_view> find_part(std::string_view element, const ExplodePlan::Part& part) {
  const bool object = !element.empty() && element.front() == '{';
  if (part.path.empty())
    return object && part.field.type != Type::kJson ? sql::json_member(element, part.field.name) : element;
  std::optional<std::string_view> at = element;
  for (size_t i = 0; i < part.path.size() && at; ++i)
    at = at->starts_with('{') ? sql::json_member(*at, part.path[i]) : std::nullopt;
  return at;
}

Status append_json(std::string_view element, const ExplodePlan::Part& part, ColumnBuilder& out) {
  const std::optional<std::string_view> value = find_part(element, part);
  if (!value || *value == "null") {
    out.append_null();
    return ok();
  }
  if (part.field.type == Type::kJson) {
    out.append_string(*value);
    return ok();
  }
  std::string scratch;
  return parse_value(part.field, sql::json_text(*value, scratch), out);
}

}  // namespace

Result<std::vector<std::string_view>> Explode::elements(std::string_view list) const {
  if (!plan_.separator) {
    if (list == "null")
      return std::vector<std::string_view>();
    auto found = plan_.is_text && !sql::is_json(list) ? std::nullopt : sql::json_elements(list);
    if (!found)
      return invalid_argument("expected a json array, found " + std::string(list.substr(0, 60)));
    return std::move(*found);
  }
  std::vector<std::string_view> found;
  while (!list.empty()) {
    const size_t end = list.find(*plan_.separator);
    if (const std::string_view part = list.substr(0, end); !part.empty())
      found.push_back(part);
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + plan_.separator->size());
  }
  return found;
}

Status Explode::append_element(std::string_view element, std::vector<ColumnBuilder>& out) const {
  for (size_t p = 0; p < plan_.parts.size(); ++p)
    PENSTOCK_TRY(plan_.separator ? parse_value(plan_.parts[p].field, element, out[p])
                                 : append_json(element, plan_.parts[p], out[p]));
  return ok();
}

// Appends the new columns of all rows that a row becomes.
Status Explode::append_row(const RecordBatch& batch, size_t row, std::vector<ColumnBuilder>& out) const {
  const Column& lists = *batch.column(plan_.column);
  std::vector<std::string_view> list;
  if (!lists.is_null(row)) {
    PENSTOCK_ASSIGN(list, elements(lists.string(row)));
  }
  for (size_t i = 0; i < list.size(); ++i) {
    PENSTOCK_TRY(append_element(list[i], out).with_context("element " + std::to_string(i)));
    if (plan_.position)
      out.back().append_int64(static_cast<int64_t>(i));
  }
  if (list.empty() && plan_.outer)
    for (ColumnBuilder& column : out)
      column.append_null();
  return ok();
}

Status Explode::process(const BatchPtr& batch, StageOutput& out) {
  std::vector<ColumnBuilder> made;
  for (size_t c = plan_.kept.size(); c < plan_.schema->size(); ++c)
    made.emplace_back(plan_.schema->field(c).type);
  Selection repeated;  // physical row of the input, for each row of the result
  std::vector<uint64_t> offsets;
  for (size_t i = 0; i < batch->rows(); ++i) {
    const size_t before = repeated.size();
    if (const Status status = append_row(*batch, batch->row(i), made); !status.ok()) {
      for (ColumnBuilder& column : made)
        while (column.size() > before)
          column.pop();
      const std::string& name = batch->schema()->field(plan_.column).name;
      out.rejected.push_back(reject_row(*batch, i, "explode: " + name + ": " + status.message()));
      continue;
    }
    const size_t rows = made.front().size();
    repeated.resize(rows, static_cast<uint32_t>(batch->row(i)));
    if (batch->origin())
      offsets.resize(rows, batch->offset(i).value());
  }
  if (repeated.empty())
    return ok();
  std::vector<ColumnPtr> columns;
  for (const size_t column : plan_.kept)
    columns.push_back(batch->column(column)->gather(repeated));
  for (ColumnBuilder& column : made)
    columns.push_back(column.finish());
  BatchPtr result = RecordBatch::make(plan_.schema, std::move(columns));
  if (batch->origin()) {
    Origin origin = *batch->origin();
    origin.offsets = std::make_shared<const std::vector<uint64_t>>(std::move(offsets));
    result = result->with_origin(std::move(origin));
  }
  out.batches.push_back(std::move(result));
  return ok();
}

}  // namespace penstock
