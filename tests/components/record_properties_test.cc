// What sources of text declare about their records, by the file source as by any other.
#include <catch2/catch.hpp>

#include "actors/sources/source.h"
#include "tests/components/support.h"

namespace penstock {
namespace {

using topology::Role;

const SchemaPtr kSchema =
    test::schema({{"id", Type::kInt64, true}, {"rest", Type::kJson}, {"must", Type::kJson, true}});

TEST_CASE("a source can reject or keep the fields that its schema does not have") {
  const test::Folder folder;
  folder.write("e.jsonl", "{\"id\":1,\"must\":1}\n{\"id\":2,\"must\":1,\"colour\":\"red\"}\n");
  const auto read = [&](const std::string& more) {
    const test::Made made(Role::kSource, "file", "path: e.jsonl\nschema: it\n" + more, {}, folder.path(), kSchema);
    const SourcePtr source = made.source();
    REQUIRE(source->open("").ok());
    const auto got = source->read(1 << 20);
    REQUIRE(got.ok());
    std::string out = got->batch->to_string();
    for (const Rejected& rejected : got->rejected)
      out += rejected.reason + "\n";
    return out;
  };
  CHECK(read("") == "1|NULL|1\n2|NULL|1\n");
  CHECK(read("unknown_fields: keep\nunknown_into: rest") == "1|NULL|1\n2|{\"colour\":\"red\"}|1\n");
  CHECK(read("unknown_fields: reject") ==
        "1|NULL|1\ne.jsonl:2:18: expected a column of the schema, found \"colour\"\n");
}

TEST_CASE("a source that keeps unknown fields needs a json column for them that may be null") {
  const test::Folder folder;
  folder.write("e.jsonl", "");
  const auto mistakes = [&](const std::string& more) {
    return test::mistakes(Role::kSource, "file", "path: e.jsonl\nschema: it\n" + more, {}, folder.path(), kSchema);
  };
  CHECK_THAT(mistakes("unknown_fields: keep"), Catch::Contains("needs the key unknown_into"));
  CHECK_THAT(mistakes("unknown_into: rest"), Catch::Contains("unknown_into is for `unknown_fields: keep`"));
  CHECK_THAT(mistakes("unknown_fields: keep\nunknown_into: id"),
             Catch::Contains("the column id is int64, but json is needed here"));
  CHECK_THAT(mistakes("unknown_fields: keep\nunknown_into: must"),
             Catch::Contains("the column must is required, but a record need not have unknown fields"));
}

}  // namespace
}  // namespace penstock
