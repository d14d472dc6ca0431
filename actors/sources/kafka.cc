#include "actors/sources/kafka.h"

#include "messages/utf8.h"

namespace penstock {
namespace {

std::string place_of(const KafkaRecord& record) {
  return "topic " + record.partition().topic + ", partition " + std::to_string(record.partition().number) +
         ", offset " + std::to_string(record.offset());
}

// As text where it is text, else as `hex:` and two digits a byte.
std::string shown(std::string_view payload) {
  const std::string_view cut = payload.substr(0, DecodeError::kMaxRecord);
  if (valid_utf8(payload))
    return std::string(cut);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "hex:";
  for (const char c : cut.substr(0, DecodeError::kMaxRecord / 2)) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

Rejected rejected(const KafkaRecord& record, const std::string& reason) {
  return {place_of(record) + ": " + reason, std::nullopt, std::nullopt, shown(record.payload())};
}

}  // namespace

Status KafkaSource::open(std::string_view position) {
  KafkaPosition stored;
  if (!position.empty()) {
    PENSTOCK_ASSIGN(stored, KafkaPosition::decode(position));
  }
  group_->open(std::move(stored));
  return ok();
}

// The payloads are decoded while the broker answers the claim.
Result<SourceRead> KafkaSource::read(uint64_t max_bytes) {
  SourceRead out;
  PENSTOCK_TRY(group_->take(max_bytes));
  const bool any = !group_->records().empty();
  if (any)
    decode(out);
  PENSTOCK_ASSIGN(const bool ours, group_->claimed());
  if (!ours || !any)
    return SourceRead{};
  out.position = group_->hand_over();
  return out;
}

void KafkaSource::decode(SourceRead& out) {
  payloads_.clear();
  payload_records_.clear();
  for (const KafkaRecord& record : group_->records()) {
    if (record.is_tombstone()) {
      if (!options_.drop_tombstones)
        out.rejected.push_back(rejected(record, "expected a payload, found none (a tombstone)"));
      continue;
    }
    payloads_.push_back(record.payload());
    payload_records_.push_back(&record);
    out.bytes += record.payload().size();
  }
  const PayloadDecoder::Out decoded = decoder_->decode(payloads_);
  for (const auto& [payload, error] : decoded.errors)
    out.rejected.push_back(rejected(*payload_records_[payload], error.to_string()));
  if (decoded.batch->rows() == 0)
    return;
  Errors left_out;
  if (options_.columns.empty())
    out.batch = decoded.batch;
  else
    left_out = fill(decoded, out);
  if (follows_requests_ && out.batch)
    note_traced(decoded, left_out, out);
}

// A header may be read again and again; a record without headers costs one call.
void KafkaSource::note_traced(const PayloadDecoder::Out& decoded, const Errors& left_out, SourceRead& out) const {
  uint32_t row = 0;
  auto wrong = left_out.begin();
  for (uint32_t i = 0; i < decoded.payload_of_row.size(); ++i) {
    while (wrong != left_out.end() && wrong->first < i)
      ++wrong;
    if (wrong != left_out.end() && wrong->first == i)
      continue;
    if (const auto header = payload_records_[decoded.payload_of_row[i]]->header("traceparent"))
      if (const auto parent = parse_traceparent(*header); parent && parent->sampled)
        out.traced.emplace_back(row, *parent);
    ++row;
  }
}

KafkaSource::Errors KafkaSource::fill(const PayloadDecoder::Out& decoded, SourceRead& out) {
  row_records_.clear();
  for (const uint32_t payload : decoded.payload_of_row)
    row_records_.push_back(payload_records_[payload]);
  KafkaFilled filled = fill_kafka_columns(options_.schema, options_.columns, decoded.batch, row_records_);
  const KafkaRecord* last = nullptr;
  for (const auto& [row, reason] : filled.errors)
    if (const KafkaRecord* record = row_records_[row]; record != std::exchange(last, record))
      out.rejected.push_back(rejected(*record, reason));
  if (filled.batch->rows() > 0)
    out.batch = std::move(filled.batch);
  return std::move(filled.errors);
}

}  // namespace penstock
