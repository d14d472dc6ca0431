// Protobuf batches, which strangers send: any bytes. What decodes keeps every promise of a batch and reads the same after
// it was encoded again, in both encodings there are.
#include "messages/batch_codec.h"
#include "messages/protobuf_batch.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace penstock::fuzz {

void fuzz_protobuf(std::string_view bytes) {
  Input input(bytes);
  const SchemaPtr& wanted = schema_of(input.below(kSchemas));
  const auto free = decode_protobuf_batch(input.rest(), nullptr);
  const auto fitted = decode_protobuf_batch(input.rest(), wanted);
  if (!free.ok()) {
    require(!fitted.ok(), "a schema makes nothing right that is wrong");
    return;
  }
  for (const BatchPtr& batch : {*free, fitted.ok() ? *fitted : *free}) {
    require_sound(*batch);
    const auto back = decode_protobuf_batch(encode_protobuf_batch(*batch), batch->schema());
    require(back.ok() && exact_text(**back) == exact_text(*batch), "what was decoded encodes to the same rows");
    const auto stored = decode_batch(encode_batch(*batch), batch->schema());
    require(stored.ok() && exact_text(**stored) == exact_text(*batch), "what was decoded can be stored");
  }
  if (fitted.ok())
    require(*(*fitted)->schema() == *wanted && (*fitted)->rows() == (*free)->rows(),
            "the batch has the expected schema");
}

}  // namespace penstock::fuzz
