#include "tests/fuzz/targets.h"

namespace penstock::fuzz {

const std::vector<Target>& targets() {
  static const std::vector<Target> all = {
      {"attempts", fuzz_attempts},
      {"batch_codec", fuzz_batch_codec},
      {"csv", fuzz_csv},
      {"expression", fuzz_expression},
      {"http_target", fuzz_http_target},
      {"ingest", fuzz_ingest},
      {"json", fuzz_json},
      {"payload", fuzz_payload},
      {"protobuf", fuzz_protobuf},
      {"select", fuzz_select},
      {"store_reader", fuzz_store_reader},
      {"topology", fuzz_topology},
  };
  return all;
}

}  // namespace penstock::fuzz
