// Stage `explode`: makes of a row with a list one row for each element. The list is a json array, or a text whose parts a
// separator divides. Of each element come the columns of `as`, converted to their types; the other columns of the row are
// repeated, the list itself is left out. A row whose list is null or empty gives no row, with `outer` one whose new
// columns are null. A list that is none, or one element that does not convert, rejects the row, with all its elements.
// The rows keep the place of their record in its log. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/stages/stage.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct ExplodePlan {
  struct Part {
    Field field;  // of the result
    std::vector<std::string>
        path;  // members, from the element down; none: the member of the column's name, or the element
               // itself if that is no object
  };
  size_t column = 0;                          // the list
  std::optional<std::string> separator = {};  // none: a json array
  bool is_text = false;                       // the list's column may hold what is no json
  bool outer = false;
  bool position = false;  // the last column counts the elements of a row, from 0
  std::vector<size_t> kept;
  std::vector<Part> parts;
  SchemaPtr schema;
};

class Explode final : public Stage {
 public:
  explicit Explode(ExplodePlan plan) : plan_(std::move(plan)) {}
  Status process(const BatchPtr& batch, StageOutput& out) override;

 private:
  /// The elements of a text. Errors: invalid_argument.
  Result<std::vector<std::string_view>> elements(std::string_view list) const;
  Status append_element(std::string_view element, std::vector<ColumnBuilder>& out) const;
  Status append_row(const RecordBatch& batch, size_t row, std::vector<ColumnBuilder>& out) const;

  ExplodePlan plan_;
};

inline constexpr const char* kExplodeType = "explode";
topology::ComponentType explode_type();
Result<StagePtr> make_explode(const MakeContext& context);

}  // namespace penstock
