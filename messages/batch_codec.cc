#include "messages/batch_codec.h"

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include <cassert>
#include <memory>
#include <set>

#include "messages/byte_io.h"
#include "messages/column_codec.h"

namespace penstock {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kPlain = 0, kZstd = 1;
constexpr int kLevel = 1;
constexpr size_t kHeader = 14;
constexpr size_t kWorthCompressing = 128;
constexpr uint32_t kMaxBody = 1u << 30;

uint64_t checksum_of(std::string_view payload, uint8_t version, uint8_t compression, uint32_t body_size) {
  const uint64_t seed = version | static_cast<uint64_t>(compression) << 8 | static_cast<uint64_t>(body_size) << 16;
  return XXH3_64bits_withSeed(payload.data(), payload.size(), seed);
}

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// Appends the compressed body to `out`; false, with `out` as before, if that does not make it smaller.
bool compress(std::string_view body, std::string& out) {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  const size_t start = out.size();
  out.resize(start + ZSTD_compressBound(body.size()));
  const size_t size =
      ZSTD_compressCCtx(context.get(), out.data() + start, out.size() - start, body.data(), body.size(), kLevel);
  const bool smaller = !ZSTD_isError(size) && size < body.size();
  out.resize(start + (smaller ? size : 0));
  return smaller;
}

Status decompress(std::string_view payload, uint32_t body_size, std::string& body) {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  if (ZSTD_getFrameContentSize(payload.data(), payload.size()) != body_size)
    return data_loss("broken batch: its zstd frame holds another size than its header says");
  body.resize(body_size);
  const size_t size = ZSTD_decompressDCtx(context.get(), body.data(), body.size(), payload.data(), payload.size());
  if (ZSTD_isError(size) || size != body_size)
    return data_loss("broken batch: cannot decompress it: " + std::string(ZSTD_getErrorName(size)));
  return ok();
}

std::string body_of(const RecordBatch& batch) {
  std::string out;
  out.reserve(batch.memory() / 2);
  append_number(static_cast<uint32_t>(batch.rows()), out);
  append_number(static_cast<uint16_t>(batch.schema()->size()), out);
  for (const Field& field : batch.schema()->fields()) {
    append_number(static_cast<uint16_t>(field.name.size()), out);
    out += field.name;
    append_number(static_cast<uint8_t>(field.type), out);
    append_number<uint8_t>(field.required ? 1 : 0, out);
  }
  for (const ColumnPtr& column : batch.columns()) {
    const size_t at = out.size();
    append_number<uint32_t>(0, out);
    append_column(*column, out);
    const auto size = static_cast<uint32_t>(out.size() - at - sizeof(uint32_t));
    std::memcpy(out.data() + at, &size, sizeof size);
  }
  return out;
}

// The body of a batch whose frame is sound. The bytes given must outlive it.
class Body {
 public:
  Status open(std::string_view bytes);
  Status read_schema();
  Status find_columns();
  Result<BatchPtr> batch() const;
  Result<BatchPtr> batch(const SchemaPtr& expected) const;
  const SchemaPtr& schema() const { return schema_; }

 private:
  Result<ColumnPtr> column(size_t index) const {
    auto read = read_column(columns_[index], schema_->field(index).type, rows_);
    if (read.ok())
      return read;
    return read.status().with_context("broken batch: column " + schema_->field(index).name);
  }

  std::string decompressed_;
  ByteReader reader_{{}};
  size_t rows_ = 0;
  SchemaPtr schema_;
  std::vector<std::string_view> columns_;
};

Status Body::open(std::string_view bytes) {
  ByteReader header(bytes);
  const auto version = header.number<uint8_t>();
  const auto compression = header.number<uint8_t>();
  const auto checksum = header.number<uint64_t>();
  const auto body_size = header.number<uint32_t>();
  if (header.failed())
    return data_loss("broken batch: cut off after " + std::to_string(bytes.size()) + " bytes");
  if (version != kVersion)
    return data_loss("broken batch: format version " + std::to_string(version) + ", but only 1 is known");
  const std::string_view payload = bytes.substr(kHeader);
  if (checksum != checksum_of(payload, version, compression, body_size))
    return data_loss("broken batch: its checksum does not fit its " + std::to_string(bytes.size()) + " bytes");
  if (compression > kZstd || body_size > kMaxBody || (compression == kPlain && body_size != payload.size()))
    return data_loss("broken batch: impossible header");
  if (compression == kZstd)
    PENSTOCK_TRY(decompress(payload, body_size, decompressed_));
  reader_ = ByteReader(compression == kZstd ? std::string_view(decompressed_) : payload);
  return ok();
}

Status Body::read_schema() {
  rows_ = reader_.number<uint32_t>();
  const auto count = reader_.number<uint16_t>();
  std::vector<Field> fields;
  std::set<std::string_view> names;
  for (size_t i = 0; i < count && !reader_.failed(); ++i) {
    const std::string_view name = reader_.bytes(reader_.number<uint16_t>());
    const auto type = reader_.number<uint8_t>();
    const auto required = reader_.number<uint8_t>();
    if (type < static_cast<uint8_t>(Type::kBool) || type > static_cast<uint8_t>(Type::kJson) ||
        !names.insert(name).second)
      return data_loss("broken batch: its schema is impossible");
    fields.push_back({std::string(name), static_cast<Type>(type), required != 0});
  }
  if (reader_.failed() || rows_ > kMaxBatchRows)
    return data_loss("broken batch: its schema is impossible");
  schema_ = std::make_shared<const Schema>(std::move(fields));
  return ok();
}

Status Body::find_columns() {
  for (size_t i = 0; i < schema_->size(); ++i)
    columns_.push_back(reader_.bytes(reader_.number<uint32_t>()));
  if (reader_.failed() || reader_.left() != 0)
    return data_loss("broken batch: its columns do not fill it");
  return ok();
}

Result<BatchPtr> Body::batch() const {
  std::vector<ColumnPtr> columns;
  for (size_t i = 0; i < columns_.size(); ++i) {
    PENSTOCK_ASSIGN(ColumnPtr read, column(i));
    columns.push_back(std::move(read));
  }
  return std::make_shared<const RecordBatch>(schema_, std::move(columns), rows_);
}

Result<BatchPtr> Body::batch(const SchemaPtr& expected) const {
  std::vector<ColumnPtr> columns;
  for (const Field& field : expected->fields()) {
    const auto index = schema_->index_of(field.name);
    if (!index && field.required)
      return failed_precondition("the stored batch has no field " + field.name +
                                 ", which is required; it has: " + schema_->to_string());
    if (index && schema_->field(*index).type != field.type)
      return failed_precondition("the stored field " + field.name + " is of type " +
                                 std::string(type_name(schema_->field(*index).type)) + ", expected " +
                                 std::string(type_name(field.type)));
    if (!index) {
      columns.push_back(Column::nulls(field.type, rows_));
      continue;
    }
    PENSTOCK_ASSIGN(ColumnPtr read, column(*index));
    if (field.required && read->has_nulls())
      return failed_precondition("the stored field " + field.name + " has null values, but is required");
    columns.push_back(std::move(read));
  }
  return std::make_shared<const RecordBatch>(expected, std::move(columns), rows_);
}

}  // namespace

std::string encode_batch(const RecordBatch& batch) {
  assert(batch.rows() <= kMaxBatchRows);
  const std::string body = batch.selection() != nullptr ? body_of(*batch.compact()) : body_of(batch);
  std::string out(kHeader, '\0');
  const bool compressed = body.size() >= kWorthCompressing && compress(body, out);
  if (!compressed)
    out += body;
  std::string header;
  const uint8_t compression = compressed ? kZstd : kPlain;
  const auto body_size = static_cast<uint32_t>(body.size());
  append_number(kVersion, header);
  append_number(compression, header);
  append_number(checksum_of(std::string_view(out).substr(kHeader), kVersion, compression, body_size), header);
  append_number(body_size, header);
  out.replace(0, kHeader, header);
  return out;
}

Result<BatchPtr> decode_batch(std::string_view bytes, SchemaPtr expected) {
  Body body;
  PENSTOCK_TRY(body.open(bytes));
  PENSTOCK_TRY(body.read_schema());
  PENSTOCK_TRY(body.find_columns());
  return expected == nullptr ? body.batch() : body.batch(expected);
}

Result<SchemaPtr> decode_batch_schema(std::string_view bytes) {
  Body body;
  PENSTOCK_TRY(body.open(bytes));
  PENSTOCK_TRY(body.read_schema());
  return body.schema();
}

}  // namespace penstock
