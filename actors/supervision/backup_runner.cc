#include "actors/supervision/backup_runner.h"

#include <algorithm>
#include <filesystem>

#include "messages/timestamp.h"
#include "storage/backup.h"

namespace penstock {
namespace {

constexpr size_t kMaxNameBytes = 200;

// A plain file name: nothing that could lead out of the folder, or be hidden or taken for a part of a backup.
Status check_name(const std::string& name) {
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '+';
  };
  if (!name.empty() && name.size() <= kMaxNameBytes && name[0] != '.' && !name.ends_with(".tmp") &&
      std::all_of(name.begin(), name.end(), allowed))
    return ok();
  return invalid_argument(
      "a backup is named by letters, digits and -_.+ (not first), without folders and not ending in "
      ".tmp; it is written below the setting backup_dir");
}

}  // namespace

BackupRunner::BackupRunner(const Store& store, const Clock& clock, monitoring::Monitor& monitor, Options options)
    : store_(store), clock_(clock), monitor_(monitor), options_(std::move(options)) {}

BackupRunner::~BackupRunner() {
  stopping_ = true;
  if (thread_.joinable())
    thread_.join();
}

std::string BackupRunner::default_name(Timestamp now) const {
  std::string name = options_.topology.empty() ? "backup" : options_.topology;
  name += "-" + format_timestamp(now);
  std::erase_if(name, [](char c) { return c == ':'; });
  std::replace_if(
      name.begin(), name.end(),
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '-' && c != '_' && c != '.'; }, '_');
  return name;
}

void BackupRunner::tell_newest() const {
  std::optional<BackupManifest> newest;
  std::error_code error;
  if (!options_.folder.empty())
    for (std::filesystem::directory_iterator it(options_.folder, error), end; !error && it != end; it.increment(error))
      if (const auto found = read_manifest(it->path().string());
          found.ok() && found->topology == options_.topology && (!newest || newest->taken < found->taken))
        newest = *found;
  if (newest)
    monitor_.emit(monitoring::BackupFound{static_cast<double>(newest->taken.micros) * 1e-6, newest->bytes});
}

Result<std::string> BackupRunner::begin(const std::string& name) {
  if (options_.folder.empty())
    return failed_precondition("this node has no folder for backups; set backup_dir");
  const Timestamp now = clock_.now();
  const std::string chosen = name.empty() ? default_name(now) : name;
  PENSTOCK_TRY(check_name(chosen));
  const std::string path = (std::filesystem::absolute(options_.folder).lexically_normal() / chosen).string();
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored)))
    return already_exists("there is a backup \"" + chosen + "\" already, in " + options_.folder);
  std::lock_guard lock(mutex_);
  if (status_ && status_->state == "running")
    return already_exists("a backup is being written already, to " + status_->path);
  if (thread_.joinable())
    thread_.join();  // it has finished
  status_ = BackupStatus{path, "running", "", now, 0, 0, ""};
  began_nanos_ = clock_.monotonic_nanos();
  thread_ = std::thread([this, path, now] { run(path, now); });
  return path;
}

void BackupRunner::run(const std::string& path, Timestamp started) {
  const Result<BackupManifest> written =
      write_backup({path, options_.topology, options_.version, started}, [this](const std::string& file) {
        return store_.copy_to(file, [this](uint64_t bytes) {
          std::lock_guard lock(mutex_);
          status_->bytes = bytes;
          return stopping_ ? cancelled("the node is stopping") : ok();
        });
      });
  const double seconds = static_cast<double>(clock_.monotonic_nanos() - began_nanos_) * 1e-9;
  if (written.ok())
    monitor_.emit(monitoring::BackupFinished{path, written->bytes, seconds});
  else
    monitor_.emit(monitoring::ComponentError{{"store", "store", "lmdb"}, "backup", written.status().message()});
  std::lock_guard lock(mutex_);
  status_->seconds = seconds;
  status_->state = written.ok() ? "finished" : "failed";
  status_->message = written.status().message();
  if (written.ok()) {
    status_->bytes = written->bytes;
    status_->checksum = written->checksum;
  }
}

std::optional<BackupStatus> BackupRunner::status() const {
  std::lock_guard lock(mutex_);
  std::optional<BackupStatus> status = status_;
  if (status && status->state == "running")
    status->seconds = static_cast<double>(clock_.monotonic_nanos() - began_nanos_) * 1e-9;
  return status;
}

}  // namespace penstock
