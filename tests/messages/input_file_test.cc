#include "messages/input_file.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "core/random.h"
#include "tests/support/compress.h"

using namespace penstock;
using penstock::test::gzip;
using penstock::test::zstd;

namespace {

// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "penstock-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name, std::string_view bytes) const {
    const std::string path = (path_ / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

std::string some_text(size_t size) {
  Random random(1);
  std::string text;
  while (text.size() < size)
    text += std::to_string(random.below(100'000)) + "\n";
  text.resize(size);
  return text;
}

Result<std::string> read_all(InputFile& file, size_t step) {
  std::string out, buffer(step, '\0');
  for (;;) {
    PENSTOCK_ASSIGN(const size_t got, file.read(buffer.data(), buffer.size()));
    if (got == 0)
      return out;
    out.append(buffer, 0, got);
  }
}

}  // namespace

TEST_CASE("plain, gzip and zstd files give the same stream") {
  const Folder folder;
  const std::string text = some_text(1'000'000);
  const std::string half = text.substr(0, 400'000), rest = text.substr(400'000);
  const std::vector<std::pair<std::string, Compression>> files = {
      {folder.file("a.csv", text), Compression::kNone},
      {folder.file("b.gz", gzip(text)), Compression::kGzip},
      {folder.file("members.gz", gzip(half) + gzip("") + gzip(rest)), Compression::kGzip},
      {folder.file("padded.gz", gzip(text) + std::string(700'000, '\0')), Compression::kGzip},
      {folder.file("no-name-helps", zstd(text)), Compression::kZstd},
      {folder.file("frames.zst", zstd(half) + zstd(rest)), Compression::kZstd}};
  for (const auto& [path, compression] : files)
    for (const size_t step : {777, 65'536, 5'000'000}) {
      auto file = InputFile::open(path);
      REQUIRE(file.ok());
      CHECK((*file)->compression() == compression);
      CHECK((*file)->compressed_size() == std::filesystem::file_size(path));
      auto read = read_all(**file, step);
      REQUIRE(read.ok());
      CHECK(*read == text);
      CHECK((*file)->position() == text.size());
      CHECK((*file)->compressed_position() == (*file)->compressed_size());
    }
}

TEST_CASE("reading goes on at any place of the stream") {
  const Folder folder;
  const std::string text = some_text(600'000);
  for (const std::string& path : {folder.file("a", text), folder.file("b", gzip(text)), folder.file("c", zstd(text))})
    for (const uint64_t offset : {0, 1, 299'999, 600'000}) {
      auto file = InputFile::open(path);
      REQUIRE((*file)->skip_to(offset).ok());
      CHECK((*file)->position() == offset);
      CHECK(*read_all(**file, 10'000) == text.substr(offset));
    }
  for (const std::string& path : {folder.file("a", text), folder.file("b", gzip(text)), folder.file("c", zstd(text))}) {
    auto file = InputFile::open(path);
    const Status status = (*file)->skip_to(600'001);
    CHECK(status.code() == Code::kDataLoss);
    CHECK_THAT(status.message(),
               Catch::Contains("has 600000 bytes") && Catch::Contains("read up to byte 600001 before"));
  }
}

TEST_CASE("files that are cut off or corrupt say where") {
  const Folder folder;
  const std::string text = some_text(300'000);
  for (const bool with_zstd : {false, true}) {
    const std::string good = with_zstd ? zstd(text) : gzip(text);
    auto cut = InputFile::open(folder.file("cut", std::string_view(good).substr(0, good.size() - 5)));
    const Status cut_off = read_all(**cut, 4096).status();
    CHECK(cut_off.code() == Code::kDataLoss);
    CHECK_THAT(cut_off.message(), Catch::Contains("cut off at byte " + std::to_string(good.size() - 5)));
    std::string changed = good;
    changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 0x55);
    changed[changed.size() / 2 + 1] = static_cast<char>(changed[changed.size() / 2 + 1] ^ 0x55);
    auto corrupt = InputFile::open(folder.file("corrupt", changed));
    const auto read = read_all(**corrupt, 4096);
    // zstd's default has no checksum: a change may also come out as other text.
    if (!with_zstd || !read.ok())
      CHECK_THAT(read.status().message(), Catch::Contains("corrupt"));
    auto garbage = InputFile::open(folder.file("garbage", good + "garbage"));
    CHECK(read_all(**garbage, 4096).status().code() == Code::kDataLoss);
  }
}

TEST_CASE("cutting a compressed file anywhere is an error, never a crash or a silent end") {
  const Folder folder;
  const std::string text = some_text(3000);
  for (const std::string& good : {gzip(text), zstd(text)})
    for (size_t size = 4; size < good.size(); size += 7) {
      auto file = InputFile::open(folder.file("cut", std::string_view(good).substr(0, size)));
      REQUIRE(read_all(**file, 100).status().code() == Code::kDataLoss);
    }
}

TEST_CASE("a plain file that grows is read on") {
  const Folder folder;
  const std::string path = folder.file("log", "one\n");
  auto file = InputFile::open(path);
  CHECK(*read_all(**file, 100) == "one\n");
  std::ofstream(path, std::ios::app) << "two\n";
  CHECK(*read_all(**file, 100) == "two\n");
  CHECK((*file)->position() == 8);
}

TEST_CASE("what cannot be opened says why") {
  const Folder folder;
  CHECK(InputFile::open(folder.path() + "/none").status().to_string() ==
        "not_found: cannot open " + folder.path() + "/none: No such file or directory");
  CHECK(InputFile::open(folder.path()).status().to_string() ==
        "invalid_argument: cannot read " + folder.path() + ": it is a directory");
  auto empty = InputFile::open(folder.file("empty", ""));
  CHECK(read_all(**empty, 10)->empty());
}
