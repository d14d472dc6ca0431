#include "cli/restore.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <sstream>

#include "cli/app.h"
#include "cli/check_store.h"
#include "cli/table.h"
#include "core/units.h"
#include "messages/timestamp.h"
#include "storage/backup.h"

namespace penstock::cli {
namespace {

int fail(const Status& status, std::ostream& err) {
  err << "penstock: " << printable(status.message()) << '\n';
  return exit_code(status.code());
}

}  // namespace

int restore(const RestoreOptions& options, std::ostream& out, std::ostream& err) {
  const auto manifest = verify_backup(options.backup);
  if (!manifest.ok())
    return fail(manifest.status(), err);
  std::ostringstream found;
  if (const int code = check_store({options.backup}, found, err); code != Exit::kOk) {
    out << found.str();
    return fail(data_loss("the store in backup " + options.backup + " has problems; nothing was restored"), err);
  }
  if (const Status status = install_backup(options.backup, options.data_dir, options.force); !status.ok())
    return fail(status, err);
  out << found.str() << "restored " << printable(options.backup) << " to " << printable(options.data_dir) << ": "
      << (manifest->topology.empty() ? "" : "topology " + printable(manifest->topology) + ", ") << "taken "
      << format_timestamp(manifest->taken) << " by penstock " << printable(manifest->penstock) << ", "
      << to_string(Bytes{manifest->bytes}) << '\n';
  return Exit::kOk;
}

void add_restore(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<RestoreOptions>();
  CLI::App* verb = add_verb(app, "restore", "Verify a backup and make a store of it.",
                            "  penstock restore data/demo/backups/before-upgrade --data-dir /var/lib/penstock\n");
  verb->add_option("BACKUP", options->backup, "The backup's folder")->required();
  verb->add_option("--data-dir", options->data_dir, "Folder of the new store")->required();
  verb->add_flag("--force", options->force, "Replace the store that is in the folder");
  verb->callback([options, &exit] {
    exit.code = restore(*options, std::cout, std::cerr);
    std::cout.flush();
  });
}

}  // namespace penstock::cli
