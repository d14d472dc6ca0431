#include "cli/check_store.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "messages/batch_codec.h"
#include "tests/storage/store_contract.h"

using namespace penstock;

namespace {

struct Checked {
  int code = 0;
  std::string out, err;
};

Checked check(const std::string& folder) {
  std::ostringstream out, err;
  const int code = cli::check_store({.folder = folder}, out, err);
  return {code, out.str(), err.str()};
}

std::string three_rows() {
  const auto schema = std::make_shared<const Schema>(std::vector<Field>{{"n", Type::kInt64, true}});
  return encode_batch(*RecordBatch::make(schema, {Column::int64s({1, 2, 3})}));
}

void fill(const std::string& folder, const std::string& entry = three_rows()) {
  const auto store = open_lmdb(folder);
  REQUIRE(store->open_log("orders", {}).ok());
  WriteBatch batch;
  batch.append("orders", Partition(0), entry, 3, {});
  for (int i = 0; i < 300; ++i)
    batch.put("t", "key" + std::to_string(i), "value");
  batch.append_delta("t", {{"key", "value"}});
  batch.set_position("region", "orders", Partition(0), Offset(3));
  REQUIRE(commit(*store, std::move(batch)).ok());
}

}  // namespace

TEST_CASE("check-store tells what is in a sound store") {
  TempFolder folder;
  fill(folder.path());
  const Checked checked = check(folder.path());
  CHECK(checked.code == 0);
  CHECK(checked.err == "");
  CHECK(checked.out.find("log orders partition 0: offsets 0 to 3, 1 entry, ") != std::string::npos);
  CHECK(checked.out.find("table t: 300 keys, 3.1KiB, 1 change in the changelog\n") != std::string::npos);
  CHECK(checked.out.find("1 position, 0 model versions, 1 changelog entry (") != std::string::npos);
  CHECK(checked.out.ends_with("no problems\n"));
}

TEST_CASE("check-store tells of an entry whose batch cannot be decoded") {
  TempFolder folder;
  fill(folder.path(), "some bytes");
  const Checked checked = check(folder.path());
  CHECK(checked.code == 65);
  CHECK((checked.out + checked.err).find("orders") != std::string::npos);
}

TEST_CASE("check-store without a store says so") {
  TempFolder folder;
  const Checked checked = check(folder.path());
  CHECK(checked.code == 66);
  CHECK(checked.out == "");
  CHECK(checked.err == "penstock: there is no store in \"" + folder.path() + "\" (no file data.mdb)\n");
}

TEST_CASE("check-store survives a file whose pages are scrambled") {
  for (const char filler : {'\xff', '\0', 'x'}) {
    TempFolder folder;
    fill(folder.path());
    {
      const std::string path = folder.path() + "/data.mdb";
      const auto size = std::filesystem::file_size(path);
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      for (size_t page = 2; page < size / 4096; ++page) {  // the two headers stay
        file.seekp(static_cast<std::streamoff>(page * 4096 + 16));
        file << std::string(64, filler);
      }
    }
    const Checked checked = check(folder.path());
    CHECK(checked.code != 0);
    CHECK(checked.out + checked.err != "");
  }
}
