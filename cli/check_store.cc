#include "cli/check_store.h"

#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>
#include <sstream>

#include "cli/app.h"
#include "core/units.h"
#include "messages/batch_codec.h"
#include "storage/check_store.h"

namespace penstock::cli {
namespace {

// An entry's batch can be decoded and has as many rows as the log says.
Status check_batch(const std::string&, const LogEntry& entry) {
  PENSTOCK_ASSIGN(const BatchPtr batch, decode_batch(entry.bytes, nullptr));
  if (batch->rows() != entry.records)
    return data_loss("the batch has " + std::to_string(batch->rows()) + " rows, the log says " +
                     std::to_string(entry.records));
  return ok();
}

std::string number(uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

void write_text(const StoreReport& report, const std::string& folder, std::ostream& out) {
  out << "store " << folder << ": " << to_string(Bytes{report.used_bytes}) << " in use\n";
  for (const auto& log : report.logs)
    out << "log " << log.name << " partition " << log.partition << ": offsets " << log.first.value() << " to "
        << log.next.value() << ", " << number(log.entries, "entry", "entries") << ", " << to_string(Bytes{log.bytes})
        << "\n";
  for (const auto& table : report.tables) {
    out << "table " << table.name << ": " << number(table.keys, "key", "keys") << ", " << to_string(Bytes{table.bytes});
    if (table.waiting > 0)
      out << ", " << number(table.waiting, "change", "changes") << " in the changelog";
    out << "\n";
  }
  out << number(report.positions, "position", "positions") << ", "
      << number(report.models, "model version", "model versions") << ", "
      << number(report.changelog_entries, "changelog entry", "changelog entries") << " ("
      << to_string(Bytes{report.changelog_bytes}) << ")\n";
  for (const std::string& problem : report.problems)
    out << "problem: " << problem << "\n";
  if (report.problem_count > report.problems.size())
    out << "problem: " << report.problem_count - report.problems.size() << " more like these\n";
  out << (report.problem_count == 0 ? "no problems" : number(report.problem_count, "problem", "problems")) << "\n";
}

struct Outcome {
  int code = Exit::kInternal;
  std::string out, err;
};

Outcome check_here(const CheckStoreOptions& options) {
  const auto report = penstock::check_store({.path = options.folder, .check_entry = check_batch});
  if (!report.ok())
    return {exit_code(report.status().code()), "", "penstock: " + report.status().message() + "\n"};
  std::ostringstream out;
  write_text(*report, options.folder, out);
  return {report->problem_count == 0 ? Exit::kOk : Exit::kBadInput, out.str(), ""};
}

void write_all(int pipe, const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t wrote = write(pipe, text.data() + done, text.size() - done);
    if (wrote < 0 && errno != EINTR)
      return;
    done += wrote > 0 ? static_cast<size_t>(wrote) : 0;
  }
}

std::string read_all(int pipe) {
  std::string text;
  char buffer[65536];
  while (true) {
    const ssize_t got = read(pipe, buffer, sizeof buffer);
    if (got > 0)
      text.append(buffer, static_cast<size_t>(got));
    else if (got == 0 || errno != EINTR)
      return text;
  }
}

// In a child; what it found comes back as its exit code and one letter before the text: o for out, e for err.
Outcome check_in_child(const CheckStoreOptions& options) {
  int ends[2];
  if (pipe(ends) != 0)
    return check_here(options);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    for (int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE})
      std::signal(signal, SIG_DFL);
    const Outcome outcome = check_here(options);
    write_all(ends[1], outcome.err.empty() ? "o" + outcome.out : "e" + outcome.err);
    _exit(outcome.code);
  }
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return check_here(options);
  }
  const std::string text = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || text.empty())
    return {Exit::kBadInput,
            "problem: the page structure of " + options.folder + "/data.mdb is broken; reading it ended with " +
                (WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "an error") + "\n1 problem\n",
            ""};
  const bool is_error = text[0] == 'e';
  return {WEXITSTATUS(status), is_error ? "" : text.substr(1), is_error ? text.substr(1) : ""};
}

}  // namespace

int check_store(const CheckStoreOptions& options, std::ostream& out, std::ostream& err) {
  const Outcome outcome = check_in_child(options);
  out << outcome.out;
  err << outcome.err;
  return outcome.code;
}

void add_check_store(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<CheckStoreOptions>();
  CLI::App* verb = add_verb(app, "check-store",
                            "Read everything in a store and verify checksums, offsets, counts, positions and models.",
                            "  penstock check-store data\n");
  verb->add_option("DIR", options->folder, "The store's folder")->required();
  verb->callback([options, &exit] {
    exit.code = check_store(*options, std::cout, std::cerr);
    std::cout.flush();
  });
}

}  // namespace penstock::cli
