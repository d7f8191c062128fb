// Concern: types come from .proto files and descriptor sets as people have them; what is wrong with
// those is told with file, line and column.
#include "plugin/decode/proto_path.h"

#include "tests/decode/proto_samples.h"

#include <google/protobuf/descriptor.pb.h>

#include <map>

namespace plotbridge::decode {
namespace {

std::string flaw_of(const std::vector<ProtoFlaw>& flaws) {
  std::string text;
  for (const ProtoFlaw& flaw : flaws) {
    text += flaw.file.substr(flaw.file.rfind('/') + 1) + ':' + std::to_string(flaw.line) + ':' +
            std::to_string(flaw.column) + ": " + flaw.what + '\n';
  }
  return text;
}

using Files = std::map<std::string, std::string>;

std::shared_ptr<const ProtoSchemas> load(const std::vector<ProtoSource>& sources,
                                         const Files& files, std::vector<ProtoFlaw>& flaws) {
  return ProtoSchemas::load(
      sources,
      [&](const std::string& path) -> std::optional<std::string> {
        const auto file = files.find(path);
        return file != files.end() ? std::optional(file->second) : std::nullopt;
      },
      flaws);
}

std::string flaws_of(const ProtoSource& source, const Files& files) {
  std::vector<ProtoFlaw> flaws;
  load({source}, files, flaws);
  return flaw_of(flaws);
}

TEST(ProtoSchemas, FindsMessagesByFullNameAndByAShortOneThatIsAlone) {
  const ProtoWorld world;
  EXPECT_EQ(world.schemas->find("plant.v1.Telemetry")->name, "plant.v1.Telemetry");
  EXPECT_EQ(world.schemas->find("Telemetry")->name, "plant.v1.Telemetry");
  EXPECT_EQ(world.schemas->find("v1.Winding")->name, "plant.v1.Winding");
  EXPECT_EQ(world.schemas->find("elemetry"), nullptr);
  EXPECT_EQ(world.schemas->find("Nothing"), nullptr);
  EXPECT_EQ(world.schemas->message_names().front(), "plant.v1.Winding");
}

TEST(ProtoSchemas, ImportsAreFoundOnTheirPathsAndBesideTheFile) {
  const Files files = {
      {"/p/unit.proto", "syntax = \"proto3\"; package u; message Unit { string name = 1; }"},
      {"/p/sub/main.proto",
       "syntax = \"proto3\"; import \"unit.proto\"; message Main { u.Unit unit = 1; }"},
      {"/p/beside.proto",
       "syntax = \"proto3\"; import \"unit.proto\"; message Beside { u.Unit unit = 1; }"}};
  std::vector<ProtoFlaw> flaws;
  const auto by_path = load({{"/p/sub/main.proto", {"/p"}, {}}}, files, flaws);
  const auto beside = load({{"/p/beside.proto", {}, {}}}, files, flaws);
  ASSERT_EQ(flaw_of(flaws), "");
  EXPECT_EQ(by_path->find("Main")->fields[0].message->name, "u.Unit");
  EXPECT_EQ(beside->find("Beside")->fields[0].message->name, "u.Unit");
}

TEST(ProtoSchemas, ADescriptorSetNeedsNoOtherFile) {
  google::protobuf::FileDescriptorSet set;
  auto* file = set.add_file();
  file->set_name("x/set.proto");
  file->set_package("set");
  auto* message = file->add_message_type();
  message->set_name("M");
  auto* field = message->add_field();
  field->set_name("v");
  field->set_number(1);
  field->set_type(google::protobuf::FieldDescriptorProto::TYPE_DOUBLE);
  field->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
  std::vector<ProtoFlaw> flaws;
  const ProtoSource source{{}, {}, "m.desc"};
  const auto schemas = load({source, source}, {{"m.desc", set.SerializeAsString()}}, flaws);
  ASSERT_EQ(flaw_of(flaws), "");
  ASSERT_NE(schemas->find("set.M"), nullptr);
  EXPECT_EQ(schemas->find("set.M")->fields[0].kind, ProtoKind::kDouble);
}

TEST(ProtoSchemas, TellsMistakesWithTheirPlace) {
  const auto told = [](const std::string& text) {
    return flaws_of({"/d/a.proto", {}, {}}, {{"/d/a.proto", "syntax = \"proto3\";\n" + text}});
  };
  EXPECT_EQ(told("message A {\n  double v = 1\n  Foo f = 2;\n}\n"),
            "a.proto:4:3: Expected \";\".\n");
  EXPECT_EQ(told("message B { Foo f = 2; double v = 3; }\n"),
            "a.proto:2:13: \"Foo\" is not defined.\n");
  EXPECT_NE(told("import \"gone.proto\";\nmessage C {}\n")
                .find("a.proto:2:1: Import \"gone.proto\" was not found"),
            std::string::npos);
  EXPECT_EQ(flaws_of({"none.proto", {}, {}}, {}), "none.proto:0:0: cannot be read\n");
  EXPECT_EQ(flaws_of({{}, {}, "none.desc"}, {}), "none.desc:0:0: cannot be read\n");
  EXPECT_NE(flaws_of({{}, {}, "d"}, {{"d", "\xFF\xFF"}}).find("is no descriptor set"),
            std::string::npos);
}

std::string flaw(const ProtoType& type, std::string_view path) {
  return find_proto_field(type, FieldPath::parse(path).value()).flaw;
}

// The compiler would end the process.
TEST(ProtoSchemas, RefusesMessagesThatAreTooDeepInEachOther) {
  const auto nested = [](std::size_t levels, std::string_view between = "") {
    std::string text = "syntax = \"proto3\"; ";
    for (std::size_t i = 0; i < levels; ++i) text.append("message M {").append(between);
    return text + std::string(levels, '}');
  };
  const auto flaws = [](const std::string& text) {
    return flaws_of({"/p/deep.proto", {}, {}}, {{"/p/deep.proto", text}});
  };
  const std::string_view why = "messages are more than 100 deep in each other";
  EXPECT_EQ(flaws(nested(20)), "");
  EXPECT_EQ(flaws(nested(20, "/* {{{{{{{{{ */ // {{{{{{{{{\n")), "");
  EXPECT_NE(flaws(nested(20'000)).find(why), std::string::npos);
  for (const std::string_view between :
       {"// }\n", "/* } // */", "option deprecated = \"}\";", "option deprecated = '\\'}';",
        "option deprecated = \"/*\";", ">;", "option x = \"\\\n; "}) {
    EXPECT_NE(flaws(nested(20'000, between)).find(why), std::string::npos) << between;
  }
  const std::string imported = flaws_of(
      {"/p/main.proto", {}, {}}, {{"/p/main.proto", "syntax = \"proto3\"; import \"deep.proto\";"},
                                  {"/p/deep.proto", nested(20'000)}});
  EXPECT_NE(imported.find(why), std::string::npos) << imported;
}

TEST(ProtoSchemas, RefusesTooManyFiles) {
  Files files;
  for (int i = 0; i < 1'100; ++i) {
    files["/p/" + std::to_string(i) + ".proto"] =
        "syntax = \"proto3\"; import \"" + std::to_string(i + 1) + ".proto\";";
  }
  const std::string flaw = flaws_of({"/p/0.proto", {}, {}}, files);
  EXPECT_NE(flaw.find("more than 1000 files are imported"), std::string::npos)
      << flaw.substr(0, 500);
}

TEST(ProtoSchemas, RefusesSetsOfTooManyFiles) {
  Files files;
  std::vector<ProtoSource> sources;
  for (int set = 0; set < 2; ++set) {
    google::protobuf::FileDescriptorSet descriptors;
    for (int i = 0; i < 600; ++i) {
      descriptors.add_file()->set_name(std::to_string(set) + "/" + std::to_string(i) + ".proto");
    }
    const std::string path = "/p/" + std::to_string(set) + ".desc";
    files[path] = descriptors.SerializeAsString();
    sources.push_back({{}, {}, path});
  }
  std::vector<ProtoFlaw> flaws;
  load({sources[0]}, files, flaws);
  EXPECT_EQ(flaw_of(flaws), "");
  load(sources, files, flaws);
  EXPECT_NE(flaw_of(flaws).find("together hold more than 1000 files"), std::string::npos);
}

TEST(ProtoSchemas, KnowsMessagesThatHoldEachOtherInALongRow) {
  std::string text = "syntax = \"proto3\"; ";
  for (int i = 0; i < 20'000; ++i) {
    const std::string next = std::to_string(i + 1);
    text += "message M" + std::to_string(i) + " { M" + next + " m = 1; } ";
  }
  std::vector<ProtoFlaw> flaws;
  const auto schemas = load({{"/p/row.proto", {}, {}}},
                            {{"/p/row.proto", text + "message M20000 { int32 v = 1; }"}}, flaws);
  EXPECT_EQ(flaw_of(flaws), "");
  const ProtoType* const last = schemas->find("M19999");
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->fields.at(0).message->fields.at(0).name, "v");
}

TEST(ProtoPath, LeadsSomewhereOrSaysWhyNot) {
  const ProtoWorld world;
  const ProtoType& type = world.type("plant.v1.Telemetry");
  for (const std::string_view good :
       {"temperature", "winding", "winding.inner.inner.temp", "windings", "windings[3]",
        "windings[0].codes[1]", "tags.any", "parts.5.temp", "at.seconds", "samples[0]"}) {
    EXPECT_EQ(flaw(type, good), "") << good;
  }
  EXPECT_EQ(flaw(type, "temp"), "message plant.v1.Telemetry has no field `temp`");
  EXPECT_EQ(flaw(type, "winding.tmp"), "message plant.v1.Winding has no field `tmp`");
  EXPECT_EQ(flaw(type, "windings.temp"),
            "field `windings` is repeated: take one as in windings[0], or use `each`");
  EXPECT_EQ(flaw(type, "tags[0]"), "field `tags` is a map: name a key as in tags.key");
  EXPECT_EQ(flaw(type, "temperature.x"), "field `temperature` has no fields of its own");
  EXPECT_EQ(flaw(type, "winding[0]"), "field `winding` is not repeated: it has no index");
  EXPECT_EQ(flaw(type, "[0]"), "a message has names, not numbers");
  EXPECT_EQ(find_proto_field(type, FieldPath::parse("setPoint").value()).unknown, "set_point");
}

}  // namespace
}  // namespace plotbridge::decode
