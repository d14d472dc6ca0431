// Writes JSON as it nests: an object's or array's content is a function. Indented by two, so that a change shows in a diff.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace penstock::monitoring {

class JsonTree {
 public:
  JsonTree();
  ~JsonTree();
  JsonTree(const JsonTree&) = delete;
  JsonTree& operator=(const JsonTree&) = delete;

  template <std::invocable F>
  void object(F content) {
    begin_object(), content(), end_object();
  }
  template <std::invocable F>
  void object(std::string_view name, F content) {
    key(name), object(content);
  }
  template <std::invocable F>
  void array(std::string_view name, F content) {
    key(name), begin_array(), content(), end_array();
  }

  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(bool flag);
  void value(int number);
  void value(double number);
  void value(std::nullptr_t);
  template <class T>
  void field(std::string_view name, const T& content) {
    key(name), value(content);
  }

  /// What was written, with a newline at its end.
  std::string text() const;

 private:
  void begin_object();
  void end_object();
  void begin_array();
  void end_array();
  void key(std::string_view name);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::monitoring
