// The functions and operators that are null where an argument is null, as one visible list by family. All else (AND, CASE,
// COALESCE, IN, casts ...) is bound by name in bind_call.cc. tests/sql/functions_test.cc walks the list.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/kernel.h"

namespace penstock::sql {

enum class Fails : bool { kNo, kYes };       // whether a row can fail
enum class Nulls : bool { kNever, kMaybe };  // whether the result can be null though no argument is

struct Function {
  std::string_view name;  // lower case, or the operator
  std::vector<Type> args;
  Type result;
  Kernel kernel;
  Fails fails = Fails::kNo;
  Nulls nulls = Nulls::kNever;
};

std::span<const Function> arithmetic_functions();
std::span<const Function> math_functions();
std::span<const Function> string_functions();
std::span<const Function> pad_functions();
std::span<const Function> time_functions();
std::span<const Function> json_functions();
std::span<const Function> like_functions();

/// Every overload of a name, in the order of the list.
std::vector<const Function*> overloads(std::string_view name);
/// The names of all functions (operators left out), sorted.
std::vector<std::string> function_names();

}  // namespace penstock::sql
