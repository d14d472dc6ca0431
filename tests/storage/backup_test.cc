// Backups: consistent while commits go on, whole or not there, refused when they are not what was written.
#include <catch2/catch.hpp>

#include <atomic>
#include <fstream>
#include <thread>

#include "core/fault_points.h"
#include "storage/backup.h"
#include "storage/backup_manifest.h"
#include "storage/check_store.h"
#include "storage/files.h"
#include "storage/model_repository.h"
#include "tests/storage/store_contract.h"

using namespace penstock;

namespace {

BackupRequest request_for(const std::string& path) { return {path, "demo", "0.1.0", {1'000'000}}; }

CopyStore copy_of(const Store& store) {
  return [&store](const std::string& file) { return store.copy_to(file, nullptr); };
}

void fill(Store& store) {
  REQUIRE(store.open_log("l", {}).ok());
  WriteBatch batch;
  batch.append("l", Partition(0), "entry", 3, {1});
  batch.put("t", "put", "1");
  batch.append_delta("t", {{"delta", "2"}});
  batch.set_position("o", "l", Partition(0), Offset(2));
  REQUIRE(commit(store, std::move(batch)).ok());
  ModelRepository models(store);
  ModelVersion version;
  version.model = "m";
  REQUIRE(models.add(version, std::string(3'000'000, 'm')).ok());
}

std::string problems(const std::string& path) {
  const auto report = check_store({.path = path, .check_entry = {}});
  return !report.ok() ? report.status().to_string() : report->problems.empty() ? "" : report->problems.front();
}

void change_byte(const std::string& file, std::streamoff at) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(at);
  const char byte = static_cast<char>(stream.get());
  stream.seekp(at);
  stream.put(static_cast<char>(byte ^ 1));
}

}  // namespace

TEST_CASE("a backup holds everything a store holds, and is restored to the same") {
  TempFolder folder;
  const auto store = open_lmdb(folder.path() + "/live");
  fill(*store);
  const std::string path = folder.path() + "/backups/deep/first";
  const auto written = write_backup(request_for(path), copy_of(*store));
  REQUIRE(written.status().to_string() == "ok");
  CHECK(written->bytes == std::filesystem::file_size(path + "/data.mdb"));
  CHECK(problems(path) == "");

  const auto verified = verify_backup(path);
  REQUIRE(verified.status().to_string() == "ok");
  CHECK(manifest_text(*verified) == manifest_text(*written));
  CHECK(verified->topology == "demo");
  REQUIRE(install_backup(path, folder.path() + "/restored", false).to_string() == "ok");
  const auto restored = open_lmdb(folder.path() + "/restored");
  CHECK(read_text(*restored, "l") == "0+3:entry");
  CHECK(scan_text(*restored, "t") == "delta=2 put=1");
  CHECK(*restored->position("o", "l", Partition(0)).value() == Offset(2));
  CHECK(*ModelRepository(*restored).bytes("m", 1) == std::string(3'000'000, 'm'));
}

TEST_CASE("a manifest says what the backup is") {
  BackupManifest manifest;
  manifest.store_format = 1;
  manifest.topology = "food \"delivery\"";
  manifest.penstock = "0.1.0";
  manifest.taken = {1'700'000'000'000'000};
  manifest.bytes = 40960;
  manifest.checksum = "00ff";
  const std::string text = manifest_text(manifest);
  CHECK(text ==
        "{\n  \"backup_format\": 1,\n  \"store_format\": 1,\n  \"penstock\": \"0.1.0\",\n"
        "  \"topology\": \"food \\\"delivery\\\"\",\n  \"taken\": \"2023-11-14T22:13:20Z\",\n"
        "  \"bytes\": 40960,\n  \"xxh3_128\": \"00ff\"\n}\n");
  CHECK(manifest_text(*parse_manifest(text)) == text);
  for (const char* broken : {"", "{", "[]", "{}", "{\"backup_format\": \"1\", \"store_format\": 1}",
                             "{\"backup_format\": 1, \"store_format\": 1}"})
    CHECK(parse_manifest(broken).status().to_string() == "data_loss: its manifest.json is broken");
  CHECK(parse_manifest("{\"backup_format\": 2, \"store_format\": 1}").status().message() ==
        "it has backup format 2, this program reads format 1; use the Penstock that wrote it (its version is in "
        "manifest.json)");
  CHECK(parse_manifest("{\"backup_format\": 1, \"store_format\": 7}").status().message() ==
        "the store in it has format 7, this program reads format 1; use the Penstock that wrote it (its version is in "
        "manifest.json)");
}

TEST_CASE("a backup taken while commits go on holds all of each commit or nothing of it") {
  TempFolder folder;
  const auto store = open_lmdb(folder.path() + "/live", 2000);
  REQUIRE(store->open_log("l", {}).ok());
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> acknowledged = 0;
  std::thread writer([&] {
    for (uint64_t n = 1; !stop; ++n) {
      WriteBatch batch;
      batch.append("l", Partition(0), std::to_string(n) + std::string(500, '.'), 1, {});
      batch.put("t", "put", std::to_string(n));
      batch.append_delta("t", {{"delta", std::to_string(n)}});
      batch.set_position("o", "l", Partition(0), Offset(n));
      if (!commit(*store, std::move(batch)).ok())
        return;
      acknowledged = n;
    }
  });
  while (acknowledged < 200)
    std::this_thread::yield();
  for (int i = 0; i < 5; ++i) {
    const uint64_t before = acknowledged;
    const std::string path = folder.path() + "/" + std::to_string(i);
    REQUIRE(write_backup(request_for(path), copy_of(*store)).status().to_string() == "ok");
    CHECK(problems(path) == "");
    const auto copy = open_lmdb(path);
    const uint64_t n = copy->range("l", Partition(0))->next.value();
    CHECK(n >= before);
    CHECK(scan_text(*copy, "t") == "delta=" + std::to_string(n) + " put=" + std::to_string(n));
    CHECK(*copy->position("o", "l", Partition(0)).value() == Offset(n));
  }
  stop = true;
  writer.join();
}

TEST_CASE("a store of a stopped node, or of another process, is backed up from its folder") {
  TempFolder folder;
  const std::string live = folder.path() + "/live", path = folder.path() + "/backup";
  const CopyStore copy = [&](const std::string& file) { return copy_store(live, file, nullptr); };
  CHECK(write_backup(request_for(path), copy).status().message() ==
        "there is no store in \"" + live + "\" (no file data.mdb)");
  fill(*open_lmdb(live));
  REQUIRE(write_backup(request_for(path), copy).status().to_string() == "ok");
  CHECK(problems(path) == "");
}

TEST_CASE("a backup that fails leaves nothing behind, and never writes over anything") {
  TempFolder folder;
  const auto store = open_lmdb(folder.path() + "/live");
  fill(*store);
  const std::string path = folder.path() + "/backup";
  REQUIRE(set_faults("store.backup:fail:@2", 1).ok());
  const auto failed = write_backup(request_for(path), copy_of(*store));
  clear_faults();
  CHECK(failed.status().code() == Code::kUnavailable);
  CHECK(!std::filesystem::exists(path));
  CHECK(!std::filesystem::exists(path + ".tmp"));

  std::filesystem::create_directories(path + ".tmp");  // of a backup that was killed
  std::ofstream(path + ".tmp/data.mdb") << "half";
  REQUIRE(write_backup(request_for(path), copy_of(*store)).status().to_string() == "ok");
  CHECK(write_backup(request_for(path), copy_of(*store)).status().code() == Code::kAlreadyExists);
  CHECK(verify_backup(path).ok());

  std::filesystem::create_directories(folder.path() + "/other.tmp");  // somebody else's
  std::ofstream(folder.path() + "/other.tmp/letter") << "dear";
  CHECK(!write_backup(request_for(folder.path() + "/other"), copy_of(*store)).ok());
  CHECK(std::filesystem::exists(folder.path() + "/other.tmp/letter"));
  CHECK(MemoryStore().copy_to(path + "/x", nullptr).status().code() == Code::kFailedPrecondition);
}

TEST_CASE("a backup that is not what was written is refused") {
  TempFolder folder;
  const auto store = open_lmdb(folder.path() + "/live");
  fill(*store);
  const std::string path = folder.path() + "/backup";
  REQUIRE(write_backup(request_for(path), copy_of(*store)).ok());
  CHECK(verify_backup(folder.path()).status().message() ==
        "there is no backup in \"" + folder.path() + "\" (no file manifest.json)");
  change_byte(path + "/data.mdb", 20'000);
  CHECK_THAT(verify_backup(path).status().to_string(),
             Catch::StartsWith("data_loss") && Catch::Contains("is not what was backed up"));
  change_byte(path + "/data.mdb", 20'000);
  CHECK(verify_backup(path).ok());
  std::filesystem::resize_file(path + "/data.mdb", 40'960);
  CHECK_THAT(verify_backup(path).status().message(), Catch::Contains("has 40960 bytes; after its manifest"));
}

TEST_CASE("a restore refuses a folder that is not empty unless told, and a store in use always") {
  TempFolder folder;
  const std::string path = folder.path() + "/backup", target = folder.path() + "/target";
  {
    const auto store = open_lmdb(folder.path() + "/live");
    fill(*store);
    REQUIRE(write_backup(request_for(path), copy_of(*store)).ok());
  }
  {
    const auto store = open_lmdb(target);
    WriteBatch batch;
    batch.put("t", "other", "1");
    REQUIRE(commit(*store, std::move(batch)).ok());
    CHECK(install_backup(path, target, true).code() == Code::kAlreadyExists);
  }
  CHECK(install_backup(path, target, false).message().find("is not empty; with --force") != std::string::npos);
  CHECK(scan_text(*open_lmdb(target), "t") == "other=1");
  std::filesystem::create_directories(target + "/backups");
  REQUIRE(install_backup(path, target, true).to_string() == "ok");
  CHECK(scan_text(*open_lmdb(target), "t") == "delta=2 put=1");
  CHECK(std::filesystem::exists(target + "/backups"));
}
