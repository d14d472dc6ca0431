#include "topology/load.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "core/units.h"

namespace penstock::topology {
namespace fs = std::filesystem;

Result<TopologyFile> read_topology_file(const std::string& path) {
  TopologyFile file{path, fs::path(path).parent_path().string(), {}};
  if (file.folder.empty())
    file.folder = ".";
  std::error_code error;
  if (fs::is_directory(path, error))
    return not_found("\"" + path + "\" is a folder, not a topology file");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (stream == nullptr)
    return not_found("cannot open \"" + path + "\": " + std::generic_category().message(errno));
  char buffer[65536];
  for (size_t count; (count = std::fread(buffer, 1, sizeof buffer, stream.get())) > 0;) {
    file.text.append(buffer, count);
    if (file.text.size() > kMaxFileBytes)
      return invalid_argument("\"" + path + "\" is larger than " + to_string(Bytes{kMaxFileBytes}) +
                              ", the most that a topology file may have");
  }
  if (std::ferror(stream.get()) != 0)
    return not_found("cannot read \"" + path + "\": " + std::generic_category().message(errno));
  return file;
}

}  // namespace penstock::topology
