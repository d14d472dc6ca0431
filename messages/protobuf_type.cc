#include "messages/protobuf_type.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/stubs/logging.h>

#include <limits>

#include "core/nearest.h"

namespace penstock {
namespace pb = google::protobuf;
namespace {

/// Keeps the first mistake that the library tells of.
class FirstError final : public pb::DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string& file, const std::string& element, const pb::Message*, ErrorLocation,
                const std::string& message) override {
    if (text.empty())
      text.append(file).append(": ").append(element).append(": ").append(message);
  }
  std::string text;
};

Result<pb::FileDescriptorSet> parse_set(std::string_view bytes) {
  const pb::LogSilencer quiet;  // what is wrong is in the status
  pb::FileDescriptorSet set;
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || set.file_size() == 0)
    return invalid_argument(
        "it is no descriptor set of Protobuf: write it with `protoc --include_imports "
        "--descriptor_set_out=FILE YOUR.proto`");
  return set;
}

void add_names(const pb::DescriptorProto& message, const std::string& scope, std::vector<std::string>& out) {
  if (message.options().map_entry())
    return;
  const std::string name = scope.empty() ? message.name() : scope + "." + message.name();
  out.push_back(name);
  for (const pb::DescriptorProto& nested : message.nested_type())
    add_names(nested, name, out);
}

std::vector<std::string> names_of(const pb::FileDescriptorSet& set) {
  std::vector<std::string> names;
  for (const pb::FileDescriptorProto& file : set.file())
    if (file.package() != "google.protobuf")
      for (const pb::DescriptorProto& message : file.message_type())
        add_names(message, file.package(), names);
  return names;
}

}  // namespace

struct ProtobufType::Impl {
  pb::FileDescriptorSet set;
  pb::SimpleDescriptorDatabase files;
  FirstError error;
  std::unique_ptr<pb::DescriptorPool> pool;
  std::unique_ptr<pb::DynamicMessageFactory> factory;
  const pb::Descriptor* descriptor = nullptr;
  const pb::Message* prototype = nullptr;
};

ProtobufType::ProtobufType(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ProtobufType::~ProtobufType() = default;

Result<std::vector<std::string>> protobuf_messages(std::string_view file_set) {
  PENSTOCK_ASSIGN(const pb::FileDescriptorSet set, parse_set(file_set));
  return names_of(set);
}

Result<ProtobufTypePtr> ProtobufType::read(std::string_view file_set, const std::string& message) {
  const pb::LogSilencer quiet;
  auto impl = std::make_unique<Impl>();
  PENSTOCK_ASSIGN(impl->set, parse_set(file_set));
  for (const pb::FileDescriptorProto& file : impl->set.file())
    if (!impl->files.Add(file))
      return invalid_argument("it has two files, or two things, of the same name: see " + file.name());
  impl->pool = std::make_unique<pb::DescriptorPool>(&impl->files, &impl->error);
  impl->descriptor = impl->pool->FindMessageTypeByName(message);
  if (!impl->error.text.empty())
    return invalid_argument(impl->error.text + " (was it written with --include_imports?)");
  if (impl->descriptor == nullptr) {
    const std::vector<std::string> names = names_of(impl->set);
    const auto meant = nearest(message, names);
    std::string hint = meant ? "did you mean " + *meant + "?" : "it has";
    for (size_t i = 0; !meant && i < names.size(); ++i)
      hint += (i == 0 ? " " : ", ") + names[i];
    return not_found("it has no message " + message + " (" + hint + ")");
  }
  impl->factory = std::make_unique<pb::DynamicMessageFactory>(impl->pool.get());
  impl->prototype = impl->factory->GetPrototype(impl->descriptor);
  return ProtobufTypePtr(new ProtobufType(std::move(impl)));
}

const pb::Descriptor& ProtobufType::descriptor() const { return *impl_->descriptor; }

std::unique_ptr<pb::Message> ProtobufType::message() const {
  return std::unique_ptr<pb::Message>(impl_->prototype->New());
}

}  // namespace penstock
