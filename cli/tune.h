// `penstock tune FILE`: searches the hyper-parameters of one model by training and measuring it again and again, on
// validation data cut from the training part (SplitOptions::validation); the test part is never looked at. Every trial is one
// line of a file, so that a search can be stopped and goes on where it was.
#pragma once

#include "cli/exit.h"

namespace CLI {
class App;
}

namespace penstock::cli {

void add_tune(CLI::App& app, Exit& exit);

}  // namespace penstock::cli
