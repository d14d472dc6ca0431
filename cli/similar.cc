#include "cli/similar.h"

#include "actors/servers/http_target.h"
#include "cli/exit.h"
#include "cli/item_table.h"

namespace penstock::cli {
namespace {

Status print(const std::string& answer, std::ostream& out) {
  PENSTOCK_ASSIGN(const std::string basis, model_line(answer));
  PENSTOCK_TRY(print_items(answer, out));
  out << basis << '\n';
  return ok();
}

}  // namespace

int similar(const SimilarOptions& options, std::ostream& out, std::ostream& err) {
  if (options.item.empty()) {
    err << "penstock similar: --item must name an item\n";
    return Exit::kUsage;
  }
  std::string target = "/v1/items/" + percent_encode(options.item) + "/similar?n=" + std::to_string(options.n);
  if (!options.model.empty())
    target += "&model=" + percent_encode(options.model);
  return show_answer({options.url, target, options.json}, print, out, err);
}

}  // namespace penstock::cli
