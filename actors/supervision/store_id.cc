#include "actors/supervision/store_id.h"

#include <array>
#include <cstdio>
#include <random>

namespace penstock {
namespace {

constexpr const char* kTable = "node";
constexpr const char* kKey = "store_id";

}  // namespace

Result<std::string> store_id(Store& store) {
  PENSTOCK_ASSIGN(const auto known, store.get(kTable, kKey));
  if (known)
    return *known;
  std::random_device random;
  std::array<char, 17> name{};
  std::snprintf(name.data(), name.size(), "%08x%08x", random(), random());
  WriteBatch write;
  write.put(kTable, kKey, name.data());
  PENSTOCK_TRY(store.commit_and_wait(std::move(write)).status);
  return std::string(name.data());
}

}  // namespace penstock
