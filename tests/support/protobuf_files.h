// Protobuf types of tests: descriptor sets as protoc writes them, and messages out of JSON.
#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "messages/protobuf_type.h"
#include "tests/support/temporary_folder.h"

namespace penstock::test {

/// What `protoc --descriptor_set_out` writes for the text of a .proto file. Ends the test program if the text is wrong.
inline std::string descriptor_set(const std::string& proto, bool include_imports = true) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path();
  std::ofstream(path / "test.proto") << proto;
  const std::string command = "protoc -I '" + path.string() + "' --descriptor_set_out='" + (path / "set").string() +
                              "'" + (include_imports ? " --include_imports" : "") + " test.proto";
  if (std::system(command.c_str()) != 0)
    std::abort();
  std::ifstream file(path / "set", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The bytes of a message, from Protobuf's own JSON mapping. Ends the test program if the text is wrong.
inline std::string protobuf_message(const std::string& set, const std::string& name, const std::string& json) {
  const auto type = ProtobufType::read(set, name);
  if (!type.ok())
    std::abort();
  const auto message = (*type)->message();
  if (!google::protobuf::util::JsonStringToMessage(json, message.get()).ok())
    std::abort();
  return message->SerializePartialAsString();
}

}  // namespace penstock::test
