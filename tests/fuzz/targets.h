// The fuzz targets: each takes any bytes and returns, unless something that must hold does not (then it ends the process,
// see require() in input.h) or what it calls crashes. Deterministic; one thread at a time.
#pragma once

#include <string_view>
#include <vector>

namespace penstock::fuzz {

void fuzz_attempts(std::string_view bytes);
void fuzz_batch_codec(std::string_view bytes);
void fuzz_csv(std::string_view bytes);
void fuzz_expression(std::string_view bytes);
void fuzz_http_target(std::string_view bytes);
void fuzz_ingest(std::string_view bytes);
void fuzz_json(std::string_view bytes);
void fuzz_payload(std::string_view bytes);
void fuzz_protobuf(std::string_view bytes);
void fuzz_select(std::string_view bytes);
void fuzz_store_reader(std::string_view bytes);
void fuzz_topology(std::string_view bytes);

struct Target {
  const char* name;  // of its corpus, too
  void (*run)(std::string_view bytes);
};
const std::vector<Target>& targets();

}  // namespace penstock::fuzz
