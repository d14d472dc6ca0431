#include <glob.h>
#include <unistd.h>

#include <filesystem>

#include "topology/bind_helpers.h"

namespace penstock::topology {
namespace fs = std::filesystem;

std::string resolve_path(const std::string& folder, const std::string& path) {
  return fs::path(path).is_absolute() ? path : (fs::path(folder) / path).lexically_normal().string();
}

std::vector<std::string> check_files(const Component& component, std::string_view property,
                                     const BindContext& context) {
  if (!component.has(property))
    return {};
  const Place place = component.place_of(property);
  const std::string path = resolve_path(context.folder, component.text(property));
  glob_t matches{};
  std::vector<std::string> files;
  if (::glob(path.c_str(), GLOB_NOMAGIC, nullptr, &matches) == 0)
    files.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  ::globfree(&matches);
  std::error_code error;
  const bool pattern = path.find_first_of("*?[") != std::string::npos;
  if (files.empty() || (!pattern && !fs::exists(path, error))) {
    context.diagnostics.error(place, "missing-file", (pattern ? "no file matches " : "there is no file ") + path,
                              fs::path(component.text(property)).is_absolute()
                                  ? ""
                                  : "a relative path starts at the folder of the topology file");
    return {};
  }
  for (const std::string& file : files) {
    if (fs::is_directory(file, error) && !pattern) {
      context.diagnostics.error(place, "missing-file", file + " is a folder, not a file",
                                "name a file, or " + file + "/*");
      return {};
    }
    if (::access(file.c_str(), R_OK) != 0) {
      context.diagnostics.error(place, "missing-file", file + " cannot be read", "check its permissions");
      return {};
    }
  }
  std::erase_if(files, [&](const std::string& file) { return fs::is_directory(file, error); });
  return files;
}

bool check_output_folder(const Component& component, std::string_view property, const BindContext& context) {
  if (!component.has(property))
    return false;
  const fs::path folder = fs::path(resolve_path(context.folder, component.text(property))).parent_path();
  std::error_code error;
  if (folder.empty() || fs::is_directory(folder, error))
    return true;
  context.diagnostics.error(component.place_of(property), "missing-file", "there is no folder " + folder.string(),
                            "create it first");
  return false;
}

}  // namespace penstock::topology
