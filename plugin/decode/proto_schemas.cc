#include "plugin/decode/proto_schemas.h"

#include "plugin/decode/proto_compile.h"

#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <deque>
#include <map>

namespace plotbridge::decode {
namespace {

namespace pb = google::protobuf;
using ReadFile = ProtoSchemas::ReadFile;

/// The folder of a path, with its slash; empty: there is none.
std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

// The compiler calls itself for each level, and for each file that a file needs, and ends the
// process where the stack does.
constexpr std::size_t kMaxBlocks = 100;
constexpr std::size_t kMaxFiles = 1'000;

class NoErrors final : public pb::io::ErrorCollector {
 public:
  void AddError(int, int, const std::string&) override {}
};

/// Whether more blocks than that are open at once, as the compiler's own scanner sees them.
bool is_too_deep(std::string_view proto) {
  pb::io::ArrayInputStream bytes(proto.data(), static_cast<int>(proto.size()));
  NoErrors none;
  pb::io::Tokenizer tokens(&bytes, &none);
  std::size_t braces = 0;
  std::size_t angles = 0;  // of options; a stray one closes no brace
  while (tokens.Next()) {
    if (tokens.current().type != pb::io::Tokenizer::TYPE_SYMBOL) continue;
    const char c = tokens.current().text[0];
    if (c == '{') ++braces;
    if (c == '<') ++angles;
    if (c == '}' && braces > 0) --braces;
    if (c == '>' && angles > 0) --angles;
    if (braces + angles > kMaxBlocks) return true;
  }
  return false;
}

/// The files that the compiler may open.
class Tree final : public pb::compiler::SourceTree {
 public:
  explicit Tree(const ReadFile& read_file) : read_file_(read_file) {}

  /// `folder` ends with a slash, or is empty.
  void add_folder(const std::string& folder) { folders_.push_back(folder); }

  /// What an import would call the file; nothing: it is below no folder that was added.
  std::optional<std::string> name_of(const std::string& path) const {
    for (const std::string& folder : folders_) {
      if (path.starts_with(folder)) return path.substr(folder.size());
    }
    return std::nullopt;
  }

  std::string path_of(const std::string& name) const {
    const auto known = paths_.find(name);
    return known != paths_.end() ? known->second : name;
  }

  /// The caller owns the answer; null: `GetLastErrorMessage` says why.
  pb::io::ZeroCopyInputStream* Open(const std::string& name) override {
    error_ = "File not found.";
    for (const std::string& folder : folders_) {
      auto text = read_file_(folder + name);
      if (!text) continue;
      paths_[name] = folder + name;
      if (paths_.size() > kMaxFiles) {
        error_ = "more than " + std::to_string(kMaxFiles) + " files are imported";
        return nullptr;
      }
      if (is_too_deep(*text)) {
        error_ = "messages are more than " + std::to_string(kMaxBlocks) + " deep in each other";
        return nullptr;
      }
      texts_.push_back(*std::move(text));
      return new pb::io::ArrayInputStream(texts_.back().data(),
                                          static_cast<int>(texts_.back().size()));
    }
    return nullptr;
  }

  std::string GetLastErrorMessage() override { return error_; }

  /// Once all is compiled.
  void forget_texts() { texts_.clear(); }

 private:
  const ReadFile& read_file_;
  std::string error_;  // of the last file
  std::vector<std::string> folders_;
  std::map<std::string, std::string> paths_;  // of names that were opened
  std::deque<std::string> texts_;
};

/// Takes what the compiler says of a file.
class Collector final : public pb::compiler::MultiFileErrorCollector {
 public:
  Collector(const Tree& tree, std::vector<ProtoFlaw>& flaws) : tree_(tree), flaws_(flaws) {}

  void AddError(const std::string& file, int line, int column, const std::string& what) override {
    flaws_.push_back({tree_.path_of(file), line + 1, line < 0 ? 0 : column + 1, what});
  }

 private:
  const Tree& tree_;
  std::vector<ProtoFlaw>& flaws_;
};

/// The same for files of descriptor sets, which have no lines.
class SetCollector final : public pb::DescriptorPool::ErrorCollector {
 public:
  SetCollector(pb::DescriptorPool::ErrorCollector& sources, std::vector<ProtoFlaw>& flaws,
               const std::map<std::string, std::string>& sets)
      : sources_(sources), flaws_(flaws), sets_(sets) {}

  void AddError(const std::string& file, const std::string& element, const pb::Message* descriptor,
                ErrorLocation location, const std::string& what) override {
    const auto set = sets_.find(file);
    if (set == sets_.end()) {
      sources_.AddError(file, element, descriptor, location, what);
    } else {
      flaws_.push_back({set->second, 0, 0, file + ": " + element + ": " + what});
    }
  }

 private:
  pb::DescriptorPool::ErrorCollector& sources_;
  std::vector<ProtoFlaw>& flaws_;
  const std::map<std::string, std::string>& sets_;
};

}  // namespace

struct ProtoSchemas::Impl {
  explicit Impl(const ReadFile& read)
      : read_file(read),
        tree(read_file),
        generated(*pb::DescriptorPool::generated_pool()),
        sources(&tree, &generated) {}

  void add_proto(const ProtoSource& source, std::vector<ProtoFlaw>& flaws) {
    if (!read_file(source.proto)) {
      flaws.push_back({source.proto, 0, 0, "cannot be read"});
      return;
    }
    for (const std::string& path : source.import_paths) {
      tree.add_folder(path.ends_with('/') ? path : path + '/');
    }
    auto name = tree.name_of(source.proto);
    if (!name) {
      tree.add_folder(folder_of(source.proto));
      name = tree.name_of(source.proto);
    }
    files.push_back(*name);
  }

  void add_set(const std::string& path, std::vector<ProtoFlaw>& flaws) {
    const auto bytes = read_file(path);
    pb::FileDescriptorSet set;
    if (!bytes) {
      flaws.push_back({path, 0, 0, "cannot be read"});
    } else if (!set.ParseFromString(*bytes) || set.file_size() == 0) {
      flaws.push_back({path, 0, 0,
                       "is no descriptor set: make one by protoc --include_imports "
                       "--descriptor_set_out=FILE"});
    } else if (set_files.size() + static_cast<std::size_t>(set.file_size()) > kMaxFiles) {
      flaws.push_back(
          {path, 0, 0, "all sets together hold more than " + std::to_string(kMaxFiles) + " files"});
    } else {
      for (const pb::FileDescriptorProto& proto : set.file()) {
        if (!set_files.emplace(proto.name(), path).second) continue;
        sets.Add(proto);
        files.push_back(proto.name());
      }
    }
  }

  void build(std::vector<ProtoFlaw>& flaws) {
    Collector collector(tree, flaws);
    sources.RecordErrorsTo(&collector);
    SetCollector set_collector(*sources.GetValidationErrorCollector(), flaws, set_files);
    // Sets first: what they hold needs no file.
    database = std::make_unique<pb::MergedDescriptorDatabase>(
        std::vector<pb::DescriptorDatabase*>{&sets, &sources});
    pool = std::make_unique<pb::DescriptorPool>(database.get(), &set_collector);
    for (const std::string& name : files) {
      const std::size_t before = flaws.size();
      const pb::FileDescriptor* file = pool->FindFileByName(name);
      if (file == nullptr) {
        if (flaws.size() == before) flaws.push_back({name, 0, 0, "cannot be compiled"});
        continue;
      }
      for (int i = 0; i < file->message_type_count(); ++i) add(*file->message_type(i));
    }
    sources.RecordErrorsTo(nullptr);
    tree.forget_texts();
  }

  void add(const pb::Descriptor& message) {
    if (message.options().map_entry()) return;
    names.push_back(message.full_name());
    types.emplace(message.full_name(), compiler.compile(message));
    for (int i = 0; i < message.nested_type_count(); ++i) add(*message.nested_type(i));
  }

  ReadFile read_file;
  Tree tree;
  pb::DescriptorPoolDatabase generated;
  pb::compiler::SourceTreeDescriptorDatabase sources;
  pb::SimpleDescriptorDatabase sets;
  std::map<std::string, std::string> set_files;  // and the set that each is of
  std::unique_ptr<pb::MergedDescriptorDatabase> database;
  std::unique_ptr<pb::DescriptorPool> pool;
  std::vector<std::string> files;

  ProtoCompiler compiler;
  std::vector<std::string> names;
  std::map<std::string, const ProtoType*, std::less<>> types;
};

ProtoSchemas::ProtoSchemas(const ReadFile& read_file) : impl_(std::make_unique<Impl>(read_file)) {}
ProtoSchemas::~ProtoSchemas() = default;

std::shared_ptr<const ProtoSchemas> ProtoSchemas::load(const std::vector<ProtoSource>& sources,
                                                       const ReadFile& read_file,
                                                       std::vector<ProtoFlaw>& flaws) {
  std::shared_ptr<ProtoSchemas> schemas(new ProtoSchemas(read_file));
  for (const ProtoSource& source : sources) {
    if (source.descriptor_set.empty()) {
      schemas->impl_->add_proto(source, flaws);
    } else {
      schemas->impl_->add_set(source.descriptor_set, flaws);
    }
  }
  schemas->impl_->build(flaws);
  return schemas;
}

const ProtoType* ProtoSchemas::find(std::string_view message) const {
  const auto known = impl_->types.find(message);
  if (known != impl_->types.end()) return known->second;
  const ProtoType* only = nullptr;
  const std::string ending = "." + std::string(message);
  for (const auto& [name, type] : impl_->types) {
    if (!name.ends_with(ending)) continue;
    if (only != nullptr) return nullptr;
    only = type;
  }
  return only;
}

std::vector<std::string> ProtoSchemas::message_names() const { return impl_->names; }

}  // namespace plotbridge::decode
