#include "plugin/config/yaml_parser.h"

#include "plugin/base/utf8.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

namespace plotbridge::config {
namespace {

/// Texts that aliases repeat may together be this long; without a bound a small file could fill the
/// memory.
constexpr std::size_t kMaxTextBytes = std::size_t{4} << 20;

Mark mark_of(const YAML::Mark& mark) {
  return {std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
}

std::size_t text_bytes(const Node& node) {
  std::size_t bytes = node.text.size();
  for (const Node::Key& key : node.keys) bytes += key.name.size();
  for (const Node& item : node.items) bytes += text_bytes(item);
  return bytes;
}

/// Builds the tree while yaml-cpp parses. Leaves a document that breaks a limit by throwing
/// SyntaxError, which parse_yaml catches.
class TreeBuilder : public YAML::EventHandler {
 public:
  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.mark = mark_of(mark);
    finish(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.kind = Node::Kind::kScalar;
    node.mark = mark_of(mark);
    node.text = value;
    node.quoted = tag != "?";
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchored_.find(anchor);
    if (known == anchored_.end()) {
      throw SyntaxError{mark_of(mark), "this alias is inside the very thing it names"};
    }
    // Counted before it is copied: the limits must hold before the memory is asked for.
    count(known->second.nodes - 1, known->second.bytes, mark_of(mark));
    Node copy = known->second.node;
    copy.mark = mark_of(mark);
    finish(std::move(copy), 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::kList, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    bool key_is_next = true;  // of a map
  };
  struct Anchored {
    Node node;
    std::size_t nodes = 0;
    std::size_t bytes = 0;
  };

  void count(std::size_t nodes, std::size_t bytes, Mark mark) {
    nodes_ += nodes;
    bytes_ += bytes;
    if (nodes_ > kMaxConfigNodes || bytes_ > kMaxTextBytes) {
      throw SyntaxError{
          mark, "too much: at most 100,000 values, counting what anchors keep and aliases repeat"};
    }
  }

  void open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    Open next;
    next.node.kind = kind;
    next.node.mark = mark_of(mark);
    next.anchor = anchor;
    if (open_.size() == kMaxConfigDepth) {
      throw SyntaxError{next.node.mark, "nested too deep: at most 32 levels"};
    }
    open_.push_back(std::move(next));
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    finish(std::move(done.node), done.anchor);
  }

  void finish(Node node, YAML::anchor_t anchor) {
    count(1, node.text.size(), node.mark);
    if (anchor != 0) {
      const Anchored kept{node, node_count(node), text_bytes(node)};
      count(kept.nodes, kept.bytes, node.mark);
      anchored_[anchor] = kept;
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (!parent.node.is_map()) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.key_is_next) {
      if (!node.is_scalar()) {
        throw SyntaxError{node.mark, "a key must be a text, found " + std::string(kind_name(node))};
      }
      if (node.text.find('\0') != std::string::npos) {
        throw SyntaxError{node.mark, "a key holds no NUL byte"};
      }
      parent.node.keys.push_back({std::move(node.text), node.mark});
      parent.key_is_next = false;
    } else {
      // yaml-cpp gives a null the mark of whatever comes next.
      if (node.is_null()) node.mark = parent.node.keys.back().mark;
      parent.node.items.push_back(std::move(node));
      parent.key_is_next = true;
    }
  }

  Node root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchored_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

std::string_view line_at(std::string_view text, int line) {
  for (int i = 1; i < line && !text.empty(); ++i) {
    const std::size_t end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return text.substr(0, text.find('\n'));
}

SyntaxError explain(const YAML::Exception& error, std::string_view text) {
  SyntaxError result{mark_of(error.mark), "not YAML: " + error.msg};
  if (line_at(text, result.mark.line).find_first_of("{[") != std::string_view::npos) {
    result.message +=
        "; quote a text that holds { } or [ ]: \"{line}.{id}\", \"motor.windings[2].temp\"";
  }
  return result;
}

std::optional<SyntaxError> not_utf8(std::string_view text) {
  if (is_valid_utf8(text)) return std::nullopt;
  Mark mark;
  for (Utf8Unit unit = first_utf8_unit(text); unit.valid; unit = first_utf8_unit(text)) {
    mark.column += static_cast<int>(unit.size);
    if (text.front() == '\n') mark = {mark.line + 1, 1};
    text.remove_prefix(unit.size);
  }
  return SyntaxError{mark, "this is not UTF-8: save the file as UTF-8"};
}

}  // namespace

tl::expected<Node, SyntaxError> parse_yaml(std::string_view text) {
  if (text.size() > kMaxConfigBytes) {
    return tl::make_unexpected(SyntaxError{{}, "the file is larger than 1 MiB"});
  }
  if (auto error = not_utf8(text)) return tl::make_unexpected(*std::move(error));
  try {
    std::istringstream input{std::string(text)};
    YAML::Parser parser(input);
    TreeBuilder first;
    if (!parser.HandleNextDocument(first)) {
      return tl::make_unexpected(SyntaxError{{}, "the file is empty"});
    }
    TreeBuilder second;
    if (parser.HandleNextDocument(second)) {
      return tl::make_unexpected(
          SyntaxError{second.take().mark, "a second document (after ---): only one is read"});
    }
    return first.take();
  } catch (const SyntaxError& error) {
    return tl::make_unexpected(error);
  } catch (const YAML::Exception& error) {
    return tl::make_unexpected(explain(error, text));
  } catch (const std::exception& error) {
    return tl::make_unexpected(SyntaxError{{}, std::string("not YAML: ") + error.what()});
  }
}

}  // namespace plotbridge::config
