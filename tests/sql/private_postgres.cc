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
  std::unique_ptr<PrivatePostgres> server(new PrivatePostgres(folder));
  if (geteuid() == 0)
    shell("chown postgres " + folder);
  const std::string data = folder + "/data";
  const std::string options =
      "\"-c listen_addresses= -c unix_socket_directories=" + folder + " -c fsync=off -c timezone=UTC -c jit=off\"";
  if (shell(as_server(kBin + "initdb -D " + data + " -A trust -U penstock --no-sync -E UTF8 --lc-collate=C --lc-ctype=C.UTF-8")) != 0 ||
      shell("cd " + folder + " && " + as_server(kBin + "pg_ctl -D " + data + " -w -t 30 -l " + folder + "/log -o " + options + " start")) != 0) {
    reason = "PostgreSQL did not start: " + read_file(folder + "/log");
    return nullptr;
  }
  return server;
}

PrivatePostgres::~PrivatePostgres() {
  shell("cd " + folder_ + " && " + as_server(kBin + "pg_ctl -D " + folder_ + "/data -m immediate -w stop"));
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::optional<std::string> PrivatePostgres::run(const std::string& sql, std::string& error) const {
  const std::string in = folder_ + "/in.sql", out = folder_ + "/out", err = folder_ + "/err";
  std::ofstream(in) << sql;
  const std::string command = "psql -X -q -A -t -F $'\\001' -P null=$'\\002' -h " + folder_ + " -U penstock -d postgres -f " + in;
  const int code = std::system(("bash -c \"" + command + "\" >" + out + " 2>" + err).c_str());
  error = read_file(err);
  if (code != 0)
    return std::nullopt;
  return read_file(out);
}

}  // namespace penstock::sql
