#include "tests/sql/private_postgres.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace penstock::sql {
namespace {

const std::string kBin = "/usr/lib/postgresql/15/bin/";

// The server refuses to run as root, and gives way to the user its package made.
std::string as_server(const std::string& command) {
  return geteuid() == 0 ? "runuser -u postgres -- " + command : command;
}

int shell(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()); }

std::string read_file(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

}  // namespace

std::unique_ptr<PrivatePostgres> PrivatePostgres::start(std::string& reason) {
  if (!std::filesystem::exists(kBin + "initdb") || shell("command -v psql") != 0) {
    reason = "PostgreSQL 15 is not installed";
    return nullptr;
  }
  std::string folder = (std::filesystem::temp_directory_path() / "penstock-postgres-XXXXXX").string();
  if (!mkdtemp(folder.data())) {
    reason = "no temporary folder can be made";
    return nullptr;
  }
  // Waits for the end of its input, which comes when this process ends in whatever way, and clears up.
  FILE* keeper = popen(("cat >/dev/null; cd " + folder + " && " +
                        as_server(kBin + "pg_ctl -D " + folder + "/data -m immediate -w stop") +
                        " >/dev/null 2>&1; cd / && rm -rf " + folder)
                           .c_str(),
                       "we");
  std::unique_ptr<PrivatePostgres> server(new PrivatePostgres(folder, keeper));
  if (geteuid() == 0)
    shell("chown postgres " + folder);
  const std::string data = folder + "/data";
  const std::string options =
      "\"-c listen_addresses= -c unix_socket_directories=" + folder + " -c fsync=off -c timezone=UTC -c jit=off\"";
  if (shell(as_server(kBin + "initdb -D " + data +
                      " -A trust -U penstock --no-sync -E UTF8 --lc-collate=C --lc-ctype=C.UTF-8")) != 0 ||
      shell("cd " + folder + " && " +
            as_server(kBin + "pg_ctl -D " + data + " -w -t 30 -l " + folder + "/log -o " + options + " start")) != 0) {
    reason = "PostgreSQL did not start: " + read_file(folder + "/log");
    return nullptr;
  }
  return server;
}

PrivatePostgres::~PrivatePostgres() {
  if (keeper_)
    pclose(keeper_);
}

std::optional<std::string> PrivatePostgres::run(const std::string& sql, std::string& error) const {
  const std::string in = folder_ + "/in.sql", out = folder_ + "/out", err = folder_ + "/err";
  std::ofstream(in) << sql;
  const int code = std::system(("psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -h " + folder_ +
                                " -U penstock -d postgres -f " + in + " >" + out + " 2>" + err)
                                   .c_str());
  error = read_file(err);
  if (code != 0)
    return std::nullopt;
  return read_file(out);
}

}  // namespace penstock::sql
