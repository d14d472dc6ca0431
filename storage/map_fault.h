// The end of a process that meets a broken store file where no error can be returned: a page that cannot be read (the file was
// cut short while in use, or the disk fails: SIGBUS), or pages whose structure leads LMDB astray (SIGSEGV, its own
// assertions). The process then says which file it was and what to do, and ends with exit code 74.
#pragma once

#include <string_view>

namespace penstock {

/// For the whole process; once is enough. Faults elsewhere end the process as before, with a core dump where those are on.
void explain_map_faults();

/// Says that the structure of the file is broken, and ends the process with exit code 74. For LMDB's assertions.
[[noreturn]] void end_by_broken_structure(std::string_view file, std::string_view detail);

}  // namespace penstock
