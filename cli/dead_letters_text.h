// Answers about dead letters (dead_letters.h) as text for people. Errors of each: internal, where the answer is not what this
// version knows.
#pragma once

#include <ostream>
#include <string>

#include "core/status.h"

namespace penstock::cli {

Status print_letters(const std::string& answer, std::ostream& out);
Status print_letter_summary(const std::string& answer, std::ostream& out);
Status print_letter(const std::string& answer, std::ostream& out);
/// `refused`: whether any letter was.
Status print_replayed(const std::string& answer, std::ostream& out, bool& refused);

}  // namespace penstock::cli
