// The composition root: hands the command line to the verbs.
#include "cli/app.h"

int main(int argc, char** argv) { return penstock::cli::run_command_line(argc, argv); }
