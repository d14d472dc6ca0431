#include "messages/csv.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/units.h"
#include "messages/csv_quoted.h"
#include "messages/csv_rows.h"
#include "messages/utf8.h"

namespace penstock {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

class CsvDecoder::Impl {
 public:
  Impl(SchemaPtr schema, CsvOptions options, std::string file)
      : options_(std::move(options)), file_(std::move(file)), rows_(std::move(schema), options_) {
    if (options_.quote)
      quoted_.emplace(options_.delimiter, *options_.quote);
    if (!options_.columns.empty())
      set_columns(options_.columns, "declared columns");
  }

  Status resume(const CsvPosition& position, std::vector<std::string> header) {
    position_ = position;
    read_ = position.offset;
    line_ = position.line;
    if (options_.columns.empty())
      set_columns(std::move(header), "header");
    return broken_;
  }

  Result<Decoded> decode(std::string_view& chunk, size_t max_rows) {
    while (!chunk.empty() && rows_.rows() + errors_.size() < max_rows && broken_.ok()) {
      const void* found = std::memchr(chunk.data(), '\n', chunk.size());
      if (found == nullptr) {
        keep(chunk);
        chunk = {};
        break;
      }
      const size_t size = static_cast<size_t>(static_cast<const char*>(found) - chunk.data());
      const std::string_view line = chunk.substr(0, size);
      chunk.remove_prefix(size + 1);
      if (partial_.empty() && !skipping_ && line.size() <= options_.max_record) {
        take_line(line, 1);
        continue;
      }
      keep(line);
      take_partial(1);
    }
    return take();
  }

  Result<Decoded> finish() {
    if ((!partial_.empty() || skipping_) && broken_.ok())
      take_partial(0);
    if (quoted_ && quoted_->open() && broken_.ok())
      end_open_record("the end of the file");
    return take();
  }

  const CsvPosition& position() const { return position_; }
  const std::vector<std::string>& header() const { return rows_.columns(); }

 private:
  // A line that is too long, or the beginning of one whose end has not come yet.
  void keep(std::string_view text) {
    read_ += text.size();
    if (skipping_)
      return;
    // One byte too many shows that it is too long; the same wherever the stream was cut.
    partial_.append(text.substr(0, options_.max_record + 1 - partial_.size()));
    if (partial_.size() <= options_.max_record)
      return;
    if (quoted_ && quoted_->open())
      add_error("a closing quote", "a line of more than " + to_string(Bytes{options_.max_record}), record_line_,
                record_text_);
    else
      add_error("a line of at most " + to_string(Bytes{options_.max_record}), "a longer one", line_, partial_);
    partial_.clear();
    skipping_ = true;
  }

  // The line that was kept is complete.
  void take_partial(size_t line_end) {
    read_ -= partial_.size();
    const std::string line = std::exchange(partial_, {});
    if (!std::exchange(skipping_, false))
      return take_line(line, line_end);
    read_ += line_end;
    ++line_;
    if (quoted_ && quoted_->open())
      quoted_->reset();
    end_record();
  }

  void take_line(std::string_view line, size_t line_end) {
    read_ += line.size() + line_end;
    const uint64_t number = line_++;
    if (number == 1 && line.starts_with(kByteOrderMark) && options_.encoding == TextEncoding::kUtf8)
      line.remove_prefix(kByteOrderMark.size());
    const bool open = quoted_ && quoted_->open();
    if (open || (quoted_ && std::memchr(line.data(), *options_.quote, line.size()) != nullptr))
      return take_quoted(line, open, number);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    if (line.empty()) {
      end_record(0);
      return;
    }
    split(line);
    take_record(fields_, line, number, true);
  }

  void take_quoted(std::string_view line, bool open, uint64_t number) {
    if (!open) {
      record_line_ = number;
      record_text_.clear();
    } else {
      record_text_ += '\n';
    }
    record_text_.append(line);
    if (quoted_->add_line(line))
      return take_record(quoted_->fields(), record_text_, record_line_, false);
    if (record_text_.size() > options_.max_record)
      end_open_record(to_string(Bytes{record_text_.size()}) + " of text without one, up to line " +
                      std::to_string(number));
  }

  void end_open_record(std::string found) {
    add_error("a closing quote", std::move(found), record_line_, record_text_);
    quoted_->reset();
    end_record();
  }

  void split(std::string_view line) {
    fields_.clear();
    const char* begin = line.data();
    const char* const end = begin + line.size();
    for (const char* at = begin;; ++at) {
      if (at != end && *at != options_.delimiter)
        continue;
      fields_.push_back({{begin, static_cast<size_t>(at - begin)}, at == begin});
      if (at == end)
        return;
      begin = at + 1;
    }
  }

  void take_record(std::span<const CsvField> fields, std::string_view text, uint64_t line, bool in_place) {
    if (rows_.columns().empty()) {
      std::vector<std::string> names;
      for (const CsvField& field : fields) {
        names.emplace_back();
        if (options_.encoding == TextEncoding::kLatin1)
          append_latin1(field.text, names.back());
        else
          names.back() = field.text;
      }
      set_columns(std::move(names), "header");
      end_record(0);
      return;
    }
    if (!rows_.append(fields)) {
      DecodeError& error = rows_.error();
      if (const CsvField* field = rows_.wrong_field(); in_place && field != nullptr)
        error.column = static_cast<uint64_t>(field->text.data() - text.data()) + 1;
      add_error(std::move(error), line, text);
    }
    end_record();
  }

  // The position moves behind what was read.
  void end_record(uint64_t records = 1) { position_ = {read_, line_, position_.record + records}; }

  void set_columns(std::vector<std::string> names, std::string_view what) {
    const Status status = rows_.set_columns(std::move(names));
    if (!status.ok())
      broken_ = status.with_context((file_.empty() ? "" : file_ + ": ") + std::string(what));
  }

  void add_error(std::string expected, std::string found, uint64_t line, std::string_view record) {
    DecodeError error;
    error.expected = std::move(expected);
    error.found = std::move(found);
    add_error(std::move(error), line, record);
  }
  void add_error(DecodeError error, uint64_t line, std::string_view record) {
    error.file = file_;
    error.line = line;
    if (rows_.columns().empty()) {  // the next line is no header either
      broken_ = invalid_argument(error.to_string() + " as the header");
      return;
    }
    error.index = position_.record;
    error.record = record.substr(0, DecodeError::kMaxRecord);
    errors_.push_back(std::move(error));
  }

  Result<Decoded> take() {
    if (!broken_.ok())
      return broken_;
    return Decoded{rows_.finish(), std::exchange(errors_, {})};
  }

  CsvOptions options_;
  std::string file_;
  CsvRows rows_;
  std::optional<CsvQuoted> quoted_;
  Status broken_;  // the columns do not fit: nothing can be decoded
  std::vector<DecodeError> errors_;
  std::vector<CsvField> fields_;

  std::string partial_;      // a line whose end has not come yet
  bool skipping_ = false;    // up to the end of a line that is too long
  std::string record_text_;  // of a record with quotes, as it came
  uint64_t record_line_ = 0;
  uint64_t read_ = 0;  // bytes of the stream
  uint64_t line_ = 1;  // number of the next line
  CsvPosition position_;
};

CsvDecoder::CsvDecoder(SchemaPtr schema, CsvOptions options, std::string file)
    : impl_(std::make_unique<Impl>(std::move(schema), std::move(options), std::move(file))) {}
CsvDecoder::~CsvDecoder() = default;
CsvDecoder::CsvDecoder(CsvDecoder&&) noexcept = default;
CsvDecoder& CsvDecoder::operator=(CsvDecoder&&) noexcept = default;

Status CsvDecoder::resume(const CsvPosition& position, std::vector<std::string> header) {
  return impl_->resume(position, std::move(header));
}
Result<Decoded> CsvDecoder::decode(std::string_view& chunk, size_t max_rows) { return impl_->decode(chunk, max_rows); }
Result<Decoded> CsvDecoder::finish() { return impl_->finish(); }
CsvPosition CsvDecoder::position() const { return impl_->position(); }
const std::vector<std::string>& CsvDecoder::header() const { return impl_->header(); }

}  // namespace penstock
