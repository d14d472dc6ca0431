#include "messages/csv_quoted.h"

#include <csv.h>

namespace penstock {

struct CsvQuoted::Parser {
  csv_parser state{};
};

CsvQuoted::CsvQuoted(char delimiter, char quote) : parser_(std::make_unique<Parser>()) {
  csv_parser& state = parser_->state;
  csv_init(&state, CSV_EMPTY_IS_NULL);
  csv_set_delim(&state, static_cast<unsigned char>(delimiter));
  csv_set_quote(&state, static_cast<unsigned char>(quote));
  // libcsv cuts what it takes for white space off fields without quotes: only the CR of a line end shall be.
  csv_set_space_func(&state, [](unsigned char c) -> int { return c == '\r'; });
  csv_set_term_func(&state, [](unsigned char c) -> int { return c == '\n'; });
}

CsvQuoted::~CsvQuoted() { csv_free(&parser_->state); }

void CsvQuoted::take_field(void* text, size_t size, void* self) {
  auto* quoted = static_cast<CsvQuoted*>(self);
  if (text != nullptr)
    quoted->text_.append(static_cast<const char*>(text), size);
  quoted->ends_.push_back(quoted->text_.size());
  quoted->missing_.push_back(text == nullptr);
}

void CsvQuoted::take_record(int, void* self) { static_cast<CsvQuoted*>(self)->complete_ = true; }

bool CsvQuoted::add_line(std::string_view line) {
  if (!open_) {
    text_.clear();
    ends_.clear();
    missing_.clear();
    complete_ = false;
  }
  csv_parse(&parser_->state, line.data(), line.size(), take_field, take_record, this);
  csv_parse(&parser_->state, "\n", 1, take_field, take_record, this);
  open_ = !complete_;
  return complete_;
}

std::span<const CsvField> CsvQuoted::fields() {
  fields_.clear();
  size_t begin = 0;
  for (size_t i = 0; i < ends_.size(); begin = ends_[i++])
    fields_.push_back({std::string_view(text_).substr(begin, ends_[i] - begin), missing_[i]});
  return fields_;
}

void CsvQuoted::reset() {
  csv_fini(&parser_->state, nullptr, nullptr, nullptr);
  open_ = false;
}

}  // namespace penstock
