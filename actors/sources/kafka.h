// Source `kafka`: the records of topics in Kafka, as a member of a consumer group, each stored once: by one of the nodes that share the
// group, in the transaction that moves its position. How: docs/decisions/0013. Records are read from the client library's
// buffers; what cannot be decoded is rejected with topic, partition and offset. One thread at a time; waits for a broker for some
// seconds at most.
//
// Position: kafka_position.h. Errors: unavailable, whatever a broker does not answer or refuse at present, a missing topic and a
// login that fails included; data_loss, a position or a group's metadata that cannot be read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/sources/kafka_columns.h"
#include "actors/sources/kafka_group.h"
#include "actors/sources/payload_decoder.h"
#include "actors/sources/source.h"
#include "topology/component_type.h"

namespace penstock {

struct MakeContext;

struct KafkaSourceOptions {
  SchemaPtr schema;
  std::vector<KafkaColumn> columns;
  bool drop_tombstones = false;
};

class KafkaSource final : public Source {
 public:
  KafkaSource(KafkaSourceOptions options, std::unique_ptr<KafkaGroup> group, std::unique_ptr<PayloadDecoder> decoder)
      : options_(std::move(options)), group_(std::move(group)), decoder_(std::move(decoder)) {}

  Status open(std::string_view position) override;
  Result<SourceRead> read(uint64_t max_bytes) override;
  SourceProgress progress() const override { return {0, 0, "bytes"}; }
  void follow_requests() override { follows_requests_ = true; }
  void keep_alive() override { group_->keep_alive(); }
  void report(monitoring::Monitor& monitor, const monitoring::Origin& origin) override {
    group_->report(monitor, origin);
  }

 private:
  void decode(SourceRead& out);
  using Errors = std::vector<std::pair<uint32_t, std::string>>;  // by row, ascending
  Errors fill(const PayloadDecoder::Out& decoded, SourceRead& out);
  void note_traced(const PayloadDecoder::Out& decoded, const Errors& left_out, SourceRead& out) const;

  const KafkaSourceOptions options_;
  std::unique_ptr<KafkaGroup> group_;
  std::unique_ptr<PayloadDecoder> decoder_;
  std::vector<std::string_view> payloads_;
  std::vector<const KafkaRecord*> payload_records_;  // one a payload
  std::vector<const KafkaRecord*> row_records_;      // one a row
  bool follows_requests_ = false;
};

topology::ComponentType kafka_source_type();
Result<SourcePtr> make_kafka_source(const MakeContext& context);

}  // namespace penstock
