// A Protobuf message type known only at run time: out of a file that `protoc --descriptor_set_out=FILE --include_imports`
// wrote. Immutable and shared; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf

namespace penstock {

class ProtobufType;
using ProtobufTypePtr = std::shared_ptr<const ProtobufType>;

/// The messages' full names in a google.protobuf.FileDescriptorSet, nested ones too, those of google.protobuf left out.
/// Errors: invalid_argument if the bytes are no such set, or an empty one.
Result<std::vector<std::string>> protobuf_messages(std::string_view file_set);

class ProtobufType {
 public:
  /// `message`: its full name, such as `shop.v1.Order`.
  /// Errors: invalid_argument (no descriptor set; an import is not in it, or does not hold together, with the place),
  /// not_found (no such message, with the nearest name).
  static Result<ProtobufTypePtr> read(std::string_view file_set, const std::string& message);
  ~ProtobufType();

  const google::protobuf::Descriptor& descriptor() const;
  /// An empty message of the type, which must not outlive it.
  std::unique_ptr<google::protobuf::Message> message() const;

 private:
  struct Impl;
  explicit ProtobufType(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
