#include "storage/map_fault.h"

#include <fcntl.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>

#include "core/exit_codes.h"

namespace penstock {
namespace {

constexpr std::string_view kStoreFile = "/data.mdb";
constexpr std::string_view kWhatToDo =
    " The process ends; what was acknowledged is as safe as the file. Check it with `penstock check-store`, then start "
    "again, or `penstock restore` a backup.\n";

// Everything below here may run in a signal handler: no allocation, no locks, no stdio.
void say(std::string_view text) { (void)!write(STDERR_FILENO, text.data(), text.size()); }

struct Mapping {
  uintptr_t from = 0, to = 0;
  std::string_view path;
  bool holds(uintptr_t address) const { return address >= from && address < to; }
};

// `from-to perms offset dev inode path`
Mapping parse_mapping(std::string_view line) {
  Mapping mapping;
  size_t at = 0;
  for (uintptr_t* end : {&mapping.from, &mapping.to}) {
    for (; at < line.size() && line[at] != '-' && line[at] != ' '; ++at)
      *end = *end * 16 + static_cast<uintptr_t>(line[at] <= '9' ? line[at] - '0' : line[at] - 'a' + 10);
    ++at;
  }
  if (const size_t path = line.find('/'); path != line.npos)
    mapping.path = line.substr(path);
  return mapping;
}

// What is mapped in this process, until `visit` returns false.
template <class Visit>
void each_mapping(const Visit& visit) {
  const int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  char line[1024], buffer[4096];
  size_t length = 0;
  bool more = maps >= 0;
  for (ssize_t got; more && (got = read(maps, buffer, sizeof buffer)) > 0;) {
    for (ssize_t i = 0; i < got && more; ++i) {
      if (buffer[i] == '\n') {
        more = visit(parse_mapping({line, length}));
        length = 0;
      } else if (length < sizeof line) {
        line[length++] = buffer[i];
      }
    }
  }
  if (maps >= 0)
    close(maps);
}

std::string_view file_at(uintptr_t address, char* out, size_t room) {
  std::string_view found;
  each_mapping([&](const Mapping& mapping) {
    if (!mapping.holds(address))
      return true;
    found = {out, mapping.path.copy(out, room)};
    return false;
  });
  return found;
}

// A word of somebody else's stack frame, which the address sanitizer would rather not have read.
__attribute__((noinline, no_sanitize("address"))) uintptr_t word_at(const uintptr_t* place) { return *place; }

// Whether LMDB's code is what runs, or is among the callers: its address stands where return addresses do.
bool is_inside_lmdb(void* context) {
  const mcontext_t& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  const auto counter = static_cast<uintptr_t>(machine.gregs[REG_RIP]);
  const auto* stack = reinterpret_cast<const uintptr_t*>(machine.gregs[REG_RSP]);
#elif defined(__aarch64__)
  const auto counter = static_cast<uintptr_t>(machine.pc);
  const auto* stack = reinterpret_cast<const uintptr_t*>(machine.sp);
#else
  return false;
#endif
  constexpr size_t kWords = 128;
  bool inside = false;
  each_mapping([&](const Mapping& mapping) {
    if (mapping.path.find("/liblmdb") == mapping.path.npos)
      return true;
    inside = mapping.holds(counter);
    for (size_t i = 0; i < kWords && !inside; ++i)
      inside = mapping.holds(word_at(stack + i));
    return !inside;
  });
  return inside;
}

void on_fault(int signal, siginfo_t* info, void* context) {
  char path[1024];
  const std::string_view file = file_at(reinterpret_cast<uintptr_t>(info->si_addr), path, sizeof path);
  if (signal == SIGSEGV && (file.ends_with(kStoreFile) || is_inside_lmdb(context)))
    end_by_broken_structure(file.ends_with(kStoreFile) ? file : "data.mdb", "a page leads nowhere");
  if (!file.ends_with(kStoreFile))
    return;  // the handler is gone (SA_RESETHAND): the same fault ends the process as usual
  say("penstock: ");
  say(file);
  say(": a page of the store cannot be read: the file was cut short while it was in use, or the disk fails.");
  say(kWhatToDo);
  _exit(kExitIo);
}

}  // namespace

void explain_map_faults() {
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = static_cast<int>(SA_SIGINFO | SA_RESETHAND);
  for (const int signal : {SIGBUS, SIGSEGV})
    sigaction(signal, &action, nullptr);
}

void end_by_broken_structure(std::string_view file, std::string_view detail) {
  say("penstock: ");
  say(file);
  say(": the structure of the store's pages is broken (");
  say(detail);
  say(").");
  say(kWhatToDo);
  _exit(kExitIo);
}

}  // namespace penstock
