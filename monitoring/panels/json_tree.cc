#include "monitoring/panels/json_tree.h"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

namespace penstock::monitoring {

struct JsonTree::Impl {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer{buffer};
};

JsonTree::JsonTree() : impl_(std::make_unique<Impl>()) { impl_->writer.SetIndent(' ', 2); }
JsonTree::~JsonTree() = default;

void JsonTree::begin_object() { impl_->writer.StartObject(); }
void JsonTree::end_object() { impl_->writer.EndObject(); }
void JsonTree::begin_array() { impl_->writer.StartArray(); }
void JsonTree::end_array() { impl_->writer.EndArray(); }

void JsonTree::key(std::string_view name) {
  impl_->writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()), true);
}

void JsonTree::value(std::string_view text) {
  impl_->writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()), true);
}
void JsonTree::value(bool flag) { impl_->writer.Bool(flag); }
void JsonTree::value(int number) { impl_->writer.Int(number); }
void JsonTree::value(double number) { impl_->writer.Double(number); }
void JsonTree::value(std::nullptr_t) { impl_->writer.Null(); }

std::string JsonTree::text() const { return std::string(impl_->buffer.GetString(), impl_->buffer.GetSize()) + "\n"; }

}  // namespace penstock::monitoring
