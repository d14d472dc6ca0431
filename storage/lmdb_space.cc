#include "storage/lmdb_space.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/units.h"
#include "storage/limits.h"

namespace penstock {
namespace {

constexpr uint64_t kMiB = 1ull << 20;

int file_of(const LmdbEnv& env) {
  mdb_filehandle_t file = -1;
  mdb_env_get_fd(env.get(), &file);
  return file;
}

}  // namespace

uint64_t space_reserve(uint64_t budget) { return std::clamp<uint64_t>(budget / 8, 1 * kMiB, 256 * kMiB); }

LmdbSpace::LmdbSpace(LmdbEnv& env, std::string path, uint64_t budget)
    : env_(env),
      path_(std::move(path)),
      budget_(budget),
      reserve_(space_reserve(budget)),
      disk_reserve_(std::clamp<uint64_t>(budget / 16, kMiB / 2, 4 * kMiB)) {}

LmdbSpace::~LmdbSpace() {
  struct stat file {};
  const int fd = file_of(env_);
  const auto used = static_cast<off_t>(env_.file_bytes());
  if (allocated_ > 0 && fstat(fd, &file) == 0 && file.st_size > used)
    (void)!ftruncate(fd, used);
}

Status LmdbSpace::admit(uint64_t bytes, SpaceUse use, uint64_t changelog_bytes) {
  PENSTOCK_TRY(within_budget(bytes, use, changelog_bytes));
  return on_disk(bytes, use);
}

Status LmdbSpace::within_budget(uint64_t bytes, SpaceUse use, uint64_t changelog_bytes) const {
  const uint64_t most = budget_ + (use == SpaceUse::kEffects ? reserve_ / 2 : 0);
  const uint64_t wanted = bytes + changelog_bytes;
  if (env_.file_bytes() + wanted <= most)
    return ok();
  PENSTOCK_ASSIGN(const uint64_t used, env_.used_bytes());
  if (used + wanted <= most)
    return ok();
  return resource_exhausted(
      "the store's disk budget of " + to_string(Bytes{budget_}) + " is used up: " + to_string(Bytes{used}) +
      " are in use" +
      (changelog_bytes > 0 ? ", " + to_string(Bytes{changelog_bytes}) + " are kept for the tables to grow" : "") +
      ", " + to_string(Bytes{bytes}) +
      " more are wanted; nothing more is taken in until retention has dropped something: raise disk_budget, or let the "
      "logs keep less");
}

Status LmdbSpace::on_disk(uint64_t bytes, SpaceUse use) {
  const uint64_t reserve = use == SpaceUse::kEffects ? disk_reserve_ / 2 : disk_reserve_;
  const uint64_t used = env_.file_bytes(), end = used + bytes + reserve;
  if (!allocates_ || end <= allocated_)
    return ok();
  // Some more than needed, so that this is rare; if the disk has less, exactly what is needed.
  int code = 0;
  for (const uint64_t more : {4 * disk_reserve_, uint64_t{0}}) {
    do {
      code =
          fallocate(file_of(env_), 0, static_cast<off_t>(used), static_cast<off_t>(end + more - used)) == 0 ? 0 : errno;
    } while (code == EINTR);
    if (code == 0) {
      allocated_ = end + more;
      return ok();
    }
  }
  if (code == EOPNOTSUPP || code == ENOSYS) {
    allocates_ = false;
    return ok();
  }
  if (code == ENOSPC || code == EDQUOT || code == EFBIG) {
    // There may be enough in the file that is free: pages, and what is allocated already.
    PENSTOCK_ASSIGN(const uint64_t held, env_.used_bytes());
    if (std::max(used, allocated_) - held >= bytes + reserve)
      return ok();
    return resource_exhausted("the disk under store " + in_quotes(path_) + " is full: it has no room for " +
                              to_string(Bytes{end - used}) +
                              " more; nothing more is taken in until there is: free some, or let the logs keep less");
  }
  return ok();  // something else is wrong with the disk; the commit meets it too and says what
}

}  // namespace penstock
