#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace penstock::test {
namespace {

using Clock = std::chrono::steady_clock;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string make_outputs_folder() {
  std::string folder = (std::filesystem::temp_directory_path() / "penstock_process_XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr)
    throw std::runtime_error("cannot make a folder for a process's output");
  return folder;
}

void redirect(const std::string& path, int descriptor) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || dup2(file, descriptor) < 0)
    _exit(126);
  close(file);
}

[[noreturn]] void become(const Command& command, const std::string& outputs) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves nothing running
  redirect(outputs + "/out", STDOUT_FILENO);
  redirect(outputs + "/err", STDERR_FILENO);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  if (!command.folder.empty() && chdir(command.folder.c_str()) != 0)
    _exit(126);
  for (const auto& [name, value] : command.environment)
    setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  for (const std::string& argument : command.arguments)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments.front(), arguments.data());
  _exit(127);
}

}  // namespace

Process::Process(const Command& command) : outputs_(make_outputs_folder()) {
  pid_ = fork();
  if (pid_ < 0)
    throw std::runtime_error("cannot fork");
  if (pid_ == 0)
    become(command, outputs_);
  descriptor_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

Process::~Process() {
  if (!code_) {
    signal(SIGKILL);
    (void)wait(std::chrono::seconds(10));
  }
  if (descriptor_ >= 0)
    close(descriptor_);
  std::error_code ignored;
  std::filesystem::remove_all(outputs_, ignored);
}

void Process::signal(int number) const {
  if (!code_)
    kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::milliseconds patience) {
  if (code_)
    return code_;
  pollfd ended{descriptor_, POLLIN, 0};
  if (poll(&ended, 1, static_cast<int>(patience.count())) <= 0)
    return std::nullopt;
  int status = 0;
  waitpid(pid_, &status, 0);
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return code_;
}

std::string Process::out() const { return read_file(outputs_ + "/out"); }
std::string Process::err() const { return read_file(outputs_ + "/err"); }

bool Process::wait_for_output(const std::string& text, std::chrono::milliseconds patience) {
  const auto until = Clock::now() + patience;
  const auto there = [&] { return out().find(text) != std::string::npos || err().find(text) != std::string::npos; };
  while (!there()) {
    if (Clock::now() > until || !running())
      return there();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

Finished run_to_end(const Command& command, std::chrono::milliseconds patience) {
  Process process(command);
  const std::optional<int> code = process.wait(patience);
  return {code.value_or(-1), process.out(), process.err()};
}

}  // namespace penstock::test
