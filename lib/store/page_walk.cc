// SPDX-License-Identifier: Apache-2.0
#include "store/page_walk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "base/descriptor.h"

namespace mxward::store {
namespace {

constexpr std::uint64_t kNoPage = ~std::uint64_t{0};  // P_INVALID: the root of an empty table
constexpr std::size_t kMetaPages = 2;
constexpr std::uint64_t kUsualPage = 4096;
constexpr std::size_t kHeader = 16;     // PAGEHDRSZ
constexpr std::size_t kNodeHead = 8;    // NODESIZE
constexpr std::size_t kTreeBytes = 48;  // sizeof(MDB_db)
constexpr std::uint16_t kBranchPage = 1;
constexpr std::uint16_t kLeafPage = 2;
constexpr std::uint16_t kOverflowPage = 4;
constexpr std::uint16_t kMetaPage = 8;
constexpr std::uint16_t kBigData = 1;
constexpr std::uint16_t kSubData = 2;
constexpr std::uint16_t kIntegerKey = 8;
constexpr std::uint16_t kNoFolder = 0x4000;  // MDB_NOSUBDIR
constexpr std::uint32_t kMagicNumber = 0xBEEFC0DE;
constexpr std::uint32_t kDataVersion = 1;
constexpr std::size_t kMaxKeyBytes = 511;
constexpr int kMaxDepth = 32;  // CURSOR_STACK
// Larger than any list of free pages or record.
constexpr std::uint64_t kMaxValueBytes = 64ULL << 20;

// No REQUIRES can be checked by who reads damaged bytes, so the callers have checked the bounds.
template <class T>
T Load(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// MDB_db
struct Tree {
  std::uint16_t flags = 0;
  std::uint16_t depth = 0;
  std::uint64_t branch_pages = 0;
  std::uint64_t leaf_pages = 0;
  std::uint64_t overflow_pages = 0;
  std::uint64_t entries = 0;
  std::uint64_t root = kNoPage;
};

Tree TreeAt(std::string_view bytes, std::size_t at) {
  return {Load<std::uint16_t>(bytes, at + 4),  Load<std::uint16_t>(bytes, at + 6),
          Load<std::uint64_t>(bytes, at + 8),  Load<std::uint64_t>(bytes, at + 16),
          Load<std::uint64_t>(bytes, at + 24), Load<std::uint64_t>(bytes, at + 32),
          Load<std::uint64_t>(bytes, at + 40)};
}

// MDB_meta
struct Meta {
  std::uint64_t page_bytes = 0;
  Tree free;
  Tree main;
  std::uint64_t last_page = 0;
  std::uint64_t transaction = 0;
};

struct Node {
  std::size_t at = 0;  // in the page
  std::size_t bytes = 0;
  std::uint16_t flags = 0;
  std::string_view key;
  std::uint64_t value_bytes = 0;  // of a leaf
  std::uint64_t child = 0;        // of a branch, or of the value's first page
  std::string_view value;         // where it stands in the page
};

class PageWalk {
 public:
  // strict: ends at the first damage. Otherwise goes on with what is beside it.
  PageWalk(std::string file, bool strict, const RecordVisitor& visitor)
      : path_(std::move(file)),
        strict_(strict),
        visitor_(visitor),
        file_(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) {}

  void Check();
  void Rescue(const std::vector<Table>& order);
  Result<FileHead> Head();
  const WalkReport& report() const { return report_; }

 private:
  // How far a subtree has got.
  struct Count {
    std::uint64_t branch_pages = 0;
    std::uint64_t leaf_pages = 0;
    std::uint64_t overflow_pages = 0;
    std::uint64_t entries = 0;
  };
  // A tree on its way: what its records are for.
  struct Task {
    enum class Kind { kFree, kMain, kTable, kUnknown } kind = Kind::kUnknown;
    Table table = Table::kMeta;
    bool numbers = false;  // keys are transaction numbers
    int depth = 0;         // that leaves have to be at
    Count count;
    std::string last_key;  // of the leaves so far
    bool any = false;
  };

  bool Damage(const std::string& what);
  bool Size();
  std::optional<Meta> MetaAt(std::size_t number);
  std::optional<Meta> Newest(std::vector<Meta>* all);
  bool Begin(const Meta& meta);
  bool Bytes(std::uint64_t offset, std::size_t size, std::string& out);
  bool Claim(std::uint64_t page, std::uint64_t pages);
  bool Walk(const Tree& tree, Task& task);
  bool WalkPage(std::uint64_t page, int level, Task& task, std::string_view low,
                const std::string* high);
  bool Parse(std::uint64_t number, std::string_view page, bool leaf, std::vector<Node>& nodes);
  bool Value(const Node& node, Task& task, std::string_view& value);
  bool Record(const Node& node, Task& task);
  bool FreePages(std::string_view key, std::string_view value);
  bool Tables(const Meta& meta);
  bool Less(const Task& task, std::string_view a, std::string_view b) const;
  std::string At(std::uint64_t page) const { return "page " + std::to_string(page) + ": "; }

  std::string path_;
  bool strict_;
  const RecordVisitor& visitor_;
  Descriptor file_;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t page_bytes_ = 0;
  std::uint64_t pages_ = 0;  // that there are, by the description and by the file's length
  std::uint64_t transaction_ = 0;
  std::vector<bool> seen_;
  std::vector<bool> free_;
  std::vector<std::pair<std::string, Tree>> tables_;
  std::string big_;  // a value of several pages
  WalkReport report_;
};

// Always false.
bool PageWalk::Damage(const std::string& what) {
  if (report_.damage.empty()) report_.damage = what;
  return false;
}

bool PageWalk::Size() {
  struct stat info;
  if (file_.get() < 0 || fstat(file_.get(), &info) != 0) {
    return Damage(path_ + ": " + std::strerror(errno));
  }
  file_bytes_ = static_cast<std::uint64_t>(info.st_size);
  return true;
}

bool PageWalk::Bytes(std::uint64_t offset, std::size_t size, std::string& out) {
  out.resize(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got =
        pread(file_.get(), out.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Damage("byte " + std::to_string(offset) + ": " + std::strerror(errno));
    if (got == 0) return Damage("byte " + std::to_string(offset) + ": beyond the end of the file");
    done += static_cast<std::size_t>(got);
  }
  return true;
}

std::optional<Meta> PageWalk::MetaAt(std::size_t number) {
  const std::uint64_t offset = number * page_bytes_;
  constexpr std::size_t kMetaBytes = 24 + 2 * kTreeBytes + 16;
  std::string bytes;
  if (!Bytes(offset, kHeader + kMetaBytes, bytes)) return std::nullopt;
  const auto fail = [&](const std::string& what) {
    Damage("description " + std::to_string(number) + ": " + what);
    return std::nullopt;
  };
  const std::string_view view(bytes);
  if (Load<std::uint32_t>(view, kHeader) != kMagicNumber ||
      Load<std::uint32_t>(view, kHeader + 4) != kDataVersion) {
    return fail("not a database of LMDB 0.9");
  }
  if (Load<std::uint16_t>(view, 10) != kMetaPage) return fail("its page is of another kind");
  Meta meta;
  meta.page_bytes = Load<std::uint32_t>(view, kHeader + 24);
  meta.free = TreeAt(view, kHeader + 24);
  meta.main = TreeAt(view, kHeader + 24 + kTreeBytes);
  meta.last_page = Load<std::uint64_t>(view, kHeader + 24 + 2 * kTreeBytes);
  meta.transaction = Load<std::uint64_t>(view, kHeader + 24 + 2 * kTreeBytes + 8);
  const std::uint64_t size = meta.page_bytes;
  if (size < 512 || size > 65536 || (size & (size - 1)) != 0) return fail("size of pages");
  // One of them is LMDB's word for a copy that mdb_copy(1) made under another name.
  if ((meta.free.flags & ~kNoFolder) != kIntegerKey || meta.main.flags != 0) return fail("flags");
  if (meta.last_page < kMetaPages - 1 || meta.last_page > (std::uint64_t{1} << 40)) {
    return fail("last page");
  }
  // LMDB takes the one whose place is the parity of the transaction.
  if (meta.transaction > 1 && meta.transaction % 2 != number) return fail("transaction");
  return meta;
}

// Both have to be readable for LMDB to open the file; it goes on from the newer one.
std::optional<Meta> PageWalk::Newest(std::vector<Meta>* all) {
  if (!Size()) return std::nullopt;
  std::vector<Meta> found;
  // Where the second one stands only the first one says.
  page_bytes_ = 0;
  if (const auto meta = MetaAt(0)) found.push_back(*meta);
  page_bytes_ = found.empty() ? kUsualPage : found[0].page_bytes;
  auto second = MetaAt(1);
  if (!second && page_bytes_ != kUsualPage) {
    page_bytes_ = kUsualPage;
    second = MetaAt(1);
  }
  if (second && second->page_bytes == page_bytes_) found.push_back(*second);
  if (second && second->page_bytes != page_bytes_) Damage("description 1: size of pages");
  std::stable_sort(found.begin(), found.end(),
                   [](const Meta& a, const Meta& b) { return a.transaction > b.transaction; });
  if (all != nullptr) *all = found;
  if (found.empty()) return std::nullopt;
  return found[0];
}

bool PageWalk::Begin(const Meta& meta) {
  page_bytes_ = meta.page_bytes;
  transaction_ = meta.transaction;
  // No page that is in use lies behind the end: what the file does not have cannot be read.
  pages_ = std::min(meta.last_page + 1, file_bytes_ / page_bytes_);
  if (seen_.size() < pages_) seen_.resize(pages_);
  tables_.clear();
  return pages_ >= kMetaPages || Damage("the file ends within its description");
}

Result<FileHead> PageWalk::Head() {
  if (file_.get() < 0) return Fail(ErrorCode::kIo, path_ + ": " + std::strerror(errno));
  const auto meta = Newest(nullptr);
  if (!meta || !report_.damage.empty()) return Fail(ErrorCode::kCorrupt, report_.damage);
  return FileHead{meta->page_bytes, (meta->last_page + 1) * meta->page_bytes, file_bytes_};
}

// Each page belongs to one place.
bool PageWalk::Claim(std::uint64_t page, std::uint64_t pages) {
  if (page < kMetaPages || page >= pages_ || pages > pages_ - page) {
    return Damage(At(page) + "beyond the end of what is in use, or of the file");
  }
  for (std::uint64_t i = page; i < page + pages; ++i) {
    if (seen_[i]) return Damage(At(i) + "used twice");
    seen_[i] = true;
  }
  report_.pages += pages;
  return true;
}

bool PageWalk::Less(const Task& task, std::string_view a, std::string_view b) const {
  if (task.numbers) return Load<std::uint64_t>(a, 0) < Load<std::uint64_t>(b, 0);
  return a < b;
}

bool PageWalk::Parse(std::uint64_t number, std::string_view page, bool leaf,
                     std::vector<Node>& nodes) {
  const std::size_t lower = Load<std::uint16_t>(page, 12);
  const std::size_t upper = Load<std::uint16_t>(page, 14);
  if (lower < kHeader || lower % 2 != 0 || lower > upper || upper > page.size()) {
    return Damage(At(number) + "its bounds");
  }
  std::size_t in_use = 0;
  for (std::size_t slot = kHeader; slot < lower; slot += 2) {
    Node node;
    node.at = Load<std::uint16_t>(page, slot);
    if (node.at < upper || node.at % 2 != 0 || node.at + kNodeHead > page.size()) {
      Damage(At(number) + "a node outside of it");
      if (strict_) return false;
      continue;
    }
    const std::uint64_t low = Load<std::uint16_t>(page, node.at);
    const std::uint64_t high = Load<std::uint16_t>(page, node.at + 2);
    node.flags = Load<std::uint16_t>(page, node.at + 4);
    const std::size_t key_bytes = Load<std::uint16_t>(page, node.at + 6);
    std::uint64_t stored = 0;
    if (leaf) {
      node.value_bytes = low | high << 16;
      stored = (node.flags & kBigData) != 0 ? sizeof(std::uint64_t) : node.value_bytes;
    } else {
      node.child = low | high << 16 | std::uint64_t{node.flags} << 32;
    }
    if (key_bytes > kMaxKeyBytes || (leaf && key_bytes == 0) || stored > page.size() ||
        node.at + kNodeHead + key_bytes + stored > page.size()) {
      Damage(At(number) + "a node that ends outside of it");
      if (strict_) return false;
      continue;
    }
    node.key = page.substr(node.at + kNodeHead, key_bytes);
    node.value = page.substr(node.at + kNodeHead + key_bytes, stored);
    if (leaf && (node.flags & kBigData) != 0) node.child = Load<std::uint64_t>(node.value, 0);
    node.bytes = (kNodeHead + key_bytes + stored + 1) & ~std::size_t{1};
    in_use += node.bytes;
    nodes.push_back(node);
  }
  // Nodes stand side by side up to the page's end.
  std::vector<std::pair<std::size_t, std::size_t>> places;
  places.reserve(nodes.size());
  for (const Node& node : nodes) places.emplace_back(node.at, node.bytes);
  std::sort(places.begin(), places.end());
  for (std::size_t i = 0; i + 1 < places.size(); ++i) {
    if (places[i].first + places[i].second > places[i + 1].first) {
      return Damage(At(number) + "nodes overlap") || !strict_;
    }
  }
  if (in_use != page.size() - upper) return Damage(At(number) + "gaps between nodes") || !strict_;
  return true;
}

bool PageWalk::Walk(const Tree& tree, Task& task) {
  if (tree.root == kNoPage) {
    if (tree.depth == 0 && tree.entries == 0) return true;
    return Damage("a table without pages that has records");
  }
  if (tree.depth < 1 || tree.depth > kMaxDepth) {
    Damage(At(tree.root) + "depth");
    if (strict_) return false;
  }
  // Who rescues does not believe it, and looks at each page what it is.
  task.depth = tree.depth;
  if (!WalkPage(tree.root, 1, task, "", nullptr)) return false;
  const Count& count = task.count;
  if (count.entries == tree.entries && count.leaf_pages == tree.leaf_pages &&
      count.branch_pages == tree.branch_pages && count.overflow_pages == tree.overflow_pages) {
    return true;
  }
  return Damage(At(tree.root) + "the counts of its table") || !strict_;
}

// False: the walk is over. Keys are >= low and < *high.
bool PageWalk::WalkPage(std::uint64_t number, int level, Task& task, std::string_view low,
                        const std::string* high) {
  if (level > kMaxDepth) return Damage(At(number) + "too deep") || !strict_;
  std::string page;
  if (!Claim(number, 1) || !Bytes(number * page_bytes_, page_bytes_, page)) return !strict_;
  const std::uint16_t flags = Load<std::uint16_t>(page, 10);
  const bool leaf = flags == kLeafPage;
  if (Load<std::uint64_t>(page, 0) != number || (!leaf && flags != kBranchPage)) {
    return Damage(At(number) + "not the page that should be there") || !strict_;
  }
  if (strict_ && leaf != (level == task.depth)) return Damage(At(number) + "at another depth");
  std::vector<Node> nodes;
  if (!Parse(number, page, leaf, nodes)) return !strict_;
  const std::size_t least = leaf || task.kind == Task::Kind::kFree ? 1 : 2;
  if (nodes.size() < least) return Damage(At(number) + "hardly any nodes") || !strict_;
  if (leaf) {
    ++task.count.leaf_pages;
    task.count.entries += nodes.size();
  } else {
    ++task.count.branch_pages;
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    // The first key of a branch page says nothing.
    const bool has_key = leaf || i > 0;
    if (has_key && task.numbers && node.key.size() != sizeof(std::uint64_t)) {
      Damage(At(number) + "a key's length");
      if (strict_) return false;
      continue;
    }
    if (has_key) {
      const bool first = leaf ? !task.any : i == 1;
      const std::string_view before =
          leaf ? std::string_view(task.last_key) : std::string_view(nodes[i > 0 ? i - 1 : 0].key);
      if ((!first && !Less(task, before, node.key)) ||
          (!low.empty() && Less(task, node.key, low)) ||
          (high != nullptr && !Less(task, node.key, *high))) {
        Damage(At(number) + "keys out of order");
        if (strict_) return false;
        continue;
      }
    }
    if (leaf) {
      task.any = true;
      task.last_key.assign(node.key);
      if (!Record(node, task)) return false;
      continue;
    }
    const std::string begin(i > 0 ? node.key : low);
    const bool last = i + 1 == nodes.size();
    const bool next_is_key =
        !last && (!task.numbers || nodes[i + 1].key.size() == sizeof(std::uint64_t));
    const std::string end(next_is_key ? nodes[i + 1].key : std::string_view());
    if (!WalkPage(node.child, level + 1, task, begin, next_is_key ? &end : high)) return false;
  }
  return true;
}

// Of one page, or of several in a row.
bool PageWalk::Value(const Node& node, Task& task, std::string_view& value) {
  if ((node.flags & kBigData) == 0) {
    value = node.value;
    return true;
  }
  if (node.value_bytes > kMaxValueBytes) return Damage(At(node.child) + "a record's length");
  const std::uint64_t needed = (kHeader - 1 + node.value_bytes) / page_bytes_ + 1;
  if (node.child < kMetaPages || node.child >= pages_ || needed > pages_ - node.child) {
    return Damage(At(node.child) + "beyond the end of what is in use, or of the file");
  }
  if (!Bytes(node.child * page_bytes_, kHeader + node.value_bytes, big_)) return false;
  const std::uint64_t pages = Load<std::uint32_t>(big_, 12);
  if (Load<std::uint64_t>(big_, 0) != node.child ||
      Load<std::uint16_t>(big_, 10) != kOverflowPage || pages < needed) {
    return Damage(At(node.child) + "not the page that should be there");
  }
  if (!Claim(node.child, pages)) return false;
  task.count.overflow_pages += pages;
  value = std::string_view(big_).substr(kHeader, node.value_bytes);
  return true;
}

bool PageWalk::Record(const Node& node, Task& task) {
  std::string_view value;
  const std::uint16_t known = task.kind == Task::Kind::kMain ? kSubData | kBigData : kBigData;
  if ((node.flags & ~known) != 0) {
    return Damage("a record of an unknown kind, below page " + std::to_string(node.child)) ||
           !strict_;
  }
  if (!Value(node, task, value)) return !strict_;
  switch (task.kind) {
    case Task::Kind::kFree:
      return FreePages(node.key, value) || !strict_;
    case Task::Kind::kMain:
      // A record among the tables is another program's: Environment says so.
      if ((node.flags & kSubData) == 0) return true;
      if (value.size() != kTreeBytes) return Damage("a table's description") || !strict_;
      tables_.emplace_back(node.key, TreeAt(value, 0));
      return true;
    case Task::Kind::kTable:
      ++report_.records;
      if (!visitor_(task.table, node.key, value)) ++report_.unreadable;
      return true;
    case Task::Kind::kUnknown:
      ++report_.records;
      return true;
  }
  return true;
}

// The pages that a transaction has freed.
bool PageWalk::FreePages(std::string_view key, std::string_view value) {
  if (Load<std::uint64_t>(key, 0) > transaction_) return Damage("free list: transaction");
  if (value.size() < sizeof(std::uint64_t)) return Damage("free list: length");
  const std::uint64_t count = Load<std::uint64_t>(value, 0);
  if (count > value.size() / sizeof(std::uint64_t) - 1) return Damage("free list: count");
  std::uint64_t before = kNoPage;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto page = Load<std::uint64_t>(value, (i + 1) * sizeof(std::uint64_t));
    // Descending. A free page may never have been written: it need not be within the file.
    if (page < kMetaPages || page >= before || page >= free_.size()) {
      return Damage("free list: page " + std::to_string(page));
    }
    if (free_[page]) return Damage(At(page) + "free twice");
    free_[page] = true;
    before = page;
  }
  return true;
}

bool PageWalk::Tables(const Meta& meta) {
  Task task;
  task.kind = Task::Kind::kMain;
  return Walk(meta.main, task);
}

void PageWalk::Check() {
  const auto meta = Newest(nullptr);
  if (!meta || !report_.damage.empty() || !Begin(*meta)) return;
  // More than the file can have, and LMDB would run into the void.
  constexpr std::uint64_t kUnwritten = 1 << 16;
  if (meta->last_page > pages_ + kUnwritten) {
    Damage("the file is much shorter than its description says");
    return;
  }
  free_.resize(meta->last_page + 1);
  Task free;
  free.kind = Task::Kind::kFree;
  free.numbers = true;
  if (!Walk(meta->free, free) || !Tables(*meta)) return;
  for (const auto& [name, tree] : tables_) {
    Task task;
    const auto found = std::find(kTableNames.begin(), kTableNames.end(), name);
    if (found != kTableNames.end()) {
      task.kind = Task::Kind::kTable;
      task.table = static_cast<Table>(found - kTableNames.begin());
    }
    if (tree.flags != 0) {
      Damage("table " + name + ": flags");
      return;
    }
    if (!Walk(tree, task)) return;
  }
  for (std::uint64_t page = 0; page < pages_; ++page) {
    if (seen_[page] && free_[page]) {
      Damage(At(page) + "free and in use");
      return;
    }
  }
}

void PageWalk::Rescue(const std::vector<Table>& order) {
  // Then the older commit: what the newer one cannot say any more. What both have is seen once.
  std::vector<Meta> metas;
  Newest(&metas);
  for (const Meta& meta : metas) {
    if (!Begin(meta)) continue;
    Tables(meta);
    const auto found = std::exchange(tables_, {});
    for (const Table table : order) {
      for (const auto& [name, tree] : found) {
        if (name != kTableNames[static_cast<std::size_t>(table)]) continue;
        Task task;
        task.kind = Task::Kind::kTable;
        task.table = table;
        Walk(tree, task);
      }
    }
  }
}

}  // namespace

WalkReport CheckPages(const std::string& folder, const RecordVisitor& visitor) {
  PageWalk walk(folder + "/data.mdb", /*strict=*/true, visitor);
  walk.Check();
  return walk.report();
}

WalkReport RescuePages(const std::string& file, const RecordVisitor& visitor) {
  PageWalk walk(file, /*strict=*/false, visitor);
  std::vector<Table> order = {Table::kMeta, Table::kEntries, Table::kEarned};
  for (int table = 0; table < kTableCount; ++table) {
    if (std::find(order.begin(), order.end(), static_cast<Table>(table)) == order.end()) {
      order.push_back(static_cast<Table>(table));
    }
  }
  walk.Rescue(order);
  return walk.report();
}

Result<FileHead> ReadHead(const std::string& file) {
  const RecordVisitor nobody;
  return PageWalk(file, /*strict=*/true, nobody).Head();
}

std::string ReadDescription(const std::string& file, std::string_view key) {
  std::string found;
  const RecordVisitor take = [&](Table /*table*/, std::string_view name, std::string_view value) {
    if (name == key && found.empty()) found = value;
    return true;
  };
  PageWalk walk(file, /*strict=*/false, take);
  walk.Rescue({Table::kMeta});
  return found;
}

}  // namespace mxward::store
