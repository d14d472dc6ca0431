// A folder of its own, in memory if the machine has one there (a sync costs nothing then); removed at the end.
#pragma once

#include <stdlib.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace penstock::simulation {

class FastFolder {
 public:
  FastFolder() : path_(base() + "/penstock-simulation-XXXXXX") {
    if (::mkdtemp(path_.data()))
      return;
    std::perror(("cannot make " + path_).c_str());
    std::abort();
  }
  ~FastFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  FastFolder(const FastFolder&) = delete;
  FastFolder& operator=(const FastFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  static std::string base() { return std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp"; }
  std::string path_;
};

}  // namespace penstock::simulation
