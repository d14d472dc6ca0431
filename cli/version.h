// Which build this is.
#pragma once

#include <string>

namespace penstock::cli {

/// `0.1.0`.
const char* version();
/// The commit it was built from, with `+` behind it where files had changed; `unknown` outside a repository.
const char* commit();
/// `penstock 0.1.0 (commit 1a2b3c4d5e6f, RelWithDebInfo)`.
std::string version_line();

}  // namespace penstock::cli
