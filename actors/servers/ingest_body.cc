#include "actors/servers/ingest_body.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "actors/servers/http_problem.h"
#include "actors/servers/media_type.h"
#include "messages/csv.h"
#include "messages/decompressor.h"
#include "messages/json_lines.h"
#include "messages/protobuf_batch.h"

namespace penstock {
namespace {

constexpr size_t kMostRecords = 1'000'000;  // small records take more memory than their text does

enum class Form { kJson, kJsonLines, kCsv, kProtobuf };

struct KnownType {
  const char* name;
  Form form;
};
constexpr KnownType kTypes[] = {
    {"application/json", Form::kJson},
    {"application/x-ndjson", Form::kJsonLines},
    {"application/jsonl", Form::kJsonLines},
    {"application/jsonlines", Form::kJsonLines},
    {"text/csv", Form::kCsv},
    {"text/tab-separated-values", Form::kCsv},
    {"application/protobuf", Form::kProtobuf},
    {"application/x-protobuf", Form::kProtobuf},
};

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names)
    out += (out.empty() ? "" : ", ") + name;
  return out;
}

class BodyReader {
 public:
  BodyReader(const HttpRequest& request, const IngestFormat& format, IngestRequest& out)
      : request_(request), format_(format), out_(out) {}

  std::optional<HttpResponse> read() {
    if (!read_type() || !decompress_body() || !decode())
      return refusal_;
    out_.bytes = request_.body.size();
    out_.fingerprint = fingerprint();
    return std::nullopt;
  }

 private:
  bool refuse(int status, const std::string& detail) {
    refusal_ = problem(status, detail, request_.path);
    return false;
  }
  bool refuse(const Status& status) {
    const bool too_much = status.code() == Code::kResourceExhausted;
    return refuse(too_much ? 413 : 400, status.message());
  }

  bool read_type() {
    const std::string_view given = request_.header("Content-Type").value_or("");
    type_ = parse_media_type(given).value_or(MediaType{});
    const auto known = std::find_if(std::begin(kTypes), std::end(kTypes),
                                    [&](const KnownType& known_type) { return type_.name == known_type.name; });
    if (known == std::end(kTypes)) {
      refuse(415, (given.empty() ? "the Content-Type is missing"
                                 : "the Content-Type \"" + std::string(given) + "\" is not known") +
                      "; send application/json (an object or an array of objects), application/x-ndjson (one object a "
                      "line), text/csv or application/protobuf");
      refusal_->headers.emplace_back("Accept-Post", listed(ingest_content_types()));
      return false;
    }
    form_ = known->form;
    const std::string charset = type_.parameter("charset");
    latin1_ = form_ == Form::kCsv && (charset == "iso-8859-1" || charset == "latin1");
    if (!charset.empty() && charset != "utf-8" && charset != "utf8" && charset != "us-ascii" && !latin1_)
      return refuse(415, "the charset \"" + charset + "\" is not read here; send " +
                             (form_ == Form::kCsv ? "utf-8 or iso-8859-1" : "utf-8"));
    return true;
  }

  bool decompress_body() {
    std::string codings;
    for (const auto& [name, value] : request_.headers)
      if (equal_ignoring_case(name, "Content-Encoding"))
        codings += (codings.empty() ? "" : ", ") + value;
    Compression compression = Compression::kNone;
    if (equal_ignoring_case(codings, "gzip") || equal_ignoring_case(codings, "x-gzip"))
      compression = Compression::kGzip;
    else if (equal_ignoring_case(codings, "zstd"))
      compression = Compression::kZstd;
    else if (!codings.empty() && !equal_ignoring_case(codings, "identity")) {
      refuse(415, "the Content-Encoding \"" + codings + "\" is not read here; send gzip, zstd or none");
      refusal_->headers.emplace_back("Accept-Encoding", "gzip, zstd");
      return false;
    }
    text_ = request_.body;
    if (compression != Compression::kNone) {
      auto decompressed = decompress(request_.body, compression, format_.max_decoded.count);
      if (!decompressed.ok())
        return refuse(decompressed.status());
      decompressed_ = std::move(*decompressed);
      text_ = decompressed_;
    }
    if (text_.size() > format_.max_decoded.count)
      return refuse(413, "the body is larger than " + to_string(format_.max_decoded) + ", the most that " +
                             format_.source + " takes at once");
    return true;
  }

  bool decode() {
    switch (form_) {
      case Form::kJson: {
        auto decoded = json().decode_value(text_, "body", kMostRecords);
        return decoded.ok() ? take(std::move(*decoded)) : refuse(decoded.status());
      }
      case Form::kJsonLines: return few_lines() && take(json().decode(text_));
      case Form::kCsv: return few_lines() && decode_csv();
      case Form::kProtobuf: {
        auto decoded = decode_protobuf_batch(text_, format_.schema);
        if (!decoded.ok())
          return refuse(decoded.status());
        if ((*decoded)->rows() > kMostRecords)
          return refuse(413, "the body has more than " + std::to_string(kMostRecords) + " records");
        out_.records = std::move(*decoded);
        return true;
      }
    }
    return false;
  }

  JsonLinesDecoder json() const {
    return JsonLinesDecoder(format_.schema, {format_.timestamp_units, format_.unknown_fields});
  }

  bool few_lines() {
    if (std::count(text_.begin(), text_.end(), '\n') <= static_cast<ptrdiff_t>(kMostRecords))
      return true;
    return refuse(413, "the body has more than " + std::to_string(kMostRecords) + " lines");
  }

  bool decode_csv() {
    CsvOptions options;
    options.timestamp_units = format_.timestamp_units;
    options.unknown_fields = format_.unknown_fields;
    options.max_record = text_.size() + 1;
    if (type_.name == "text/tab-separated-values")
      options.delimiter = '\t';
    if (latin1_)
      options.encoding = TextEncoding::kLatin1;
    if (type_.parameter("header") == "absent")
      options.columns = format_.schema->names();
    CsvDecoder decoder(format_.schema, options);
    std::string_view rest = text_;
    auto most = decoder.decode(rest);
    auto last = decoder.finish();
    if (!most.ok() || !last.ok())
      return refuse(most.ok() ? last.status() : most.status());
    most->errors.insert(most->errors.end(), last->errors.begin(), last->errors.end());
    if (last->batch->rows() > 0)
      most->batch = most->batch->rows() == 0 ? last->batch : concatenate({most->batch, last->batch});
    return take(std::move(*most));
  }

  bool take(Decoded decoded) {
    out_.records = std::move(decoded.batch);
    out_.wrong.reserve(decoded.errors.size());
    for (DecodeError& error : decoded.errors)
      out_.wrong.push_back({pointer(error),
                            "expected " + error.expected + (error.found.empty() ? "" : ", found " + error.found),
                            std::move(error.record)});
    return true;
  }

  /// A JSON Pointer (RFC 6901) into the body; of a body by lines the line and a pointer into it.
  std::string pointer(const DecodeError& error) const {
    std::string out;
    if (form_ == Form::kJson && error.index)
      out = "/" + std::to_string(*error.index);
    else if (form_ != Form::kJson)
      out = "line " + std::to_string(error.line);
    if (error.field.empty())
      return out;
    out += '/';
    for (const char c : error.field)
      out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
  }

  std::string fingerprint() const {
    const XXH128_hash_t hash = XXH3_128bits(text_.data(), text_.size());
    std::string out(reinterpret_cast<const char*>(&hash), sizeof hash);
    out += type_.name;
    for (const auto& [name, value] : type_.parameters)
      out += ";" + name + "=" + value;
    return out;
  }

  const HttpRequest& request_;
  const IngestFormat& format_;
  IngestRequest& out_;
  std::optional<HttpResponse> refusal_;
  MediaType type_;
  Form form_ = Form::kJson;
  bool latin1_ = false;
  std::string decompressed_;
  std::string_view text_;
};

}  // namespace

const std::vector<std::string>& ingest_content_types() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const KnownType& type : kTypes)
      all.emplace_back(type.name);
    return all;
  }();
  return names;
}

std::optional<HttpResponse> read_ingest_body(const HttpRequest& request, const IngestFormat& format,
                                             IngestRequest& out) {
  return BodyReader(request, format, out).read();
}

}  // namespace penstock
