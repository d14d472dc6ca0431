// Work that may end its process, done in a child.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace penstock::test {

/// Runs `work` in a child process; its exit code is what work returns. Killed by a signal: 1000 and its number.
inline int in_child(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    int code = 99;
    try {
      code = work();
    } catch (...) {
    }
    _exit(code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

}  // namespace penstock::test
