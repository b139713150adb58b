// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "dns/resolver.h"
#include "tests/unit/catch.h"

namespace mxward::dns {

// Answers at once or when it is told to, from the thread that tells it.
class ScriptedResolver : public Resolver {
 public:
  struct Asked {
    Question question;
    Callback callback;
  };

  // What has no line here is NODATA.
  std::map<Question, AnswerPtr> zone;
  std::map<Question, bool> cached;
  bool at_once = true;

  void Ask(const Question& question, Freshness freshness, Callback callback) override {
    CHECK(freshness == Freshness::kCached);
    asked_.Lock()->push_back(question);
    if (at_once) {
      Answer({question, std::move(callback)});
    } else {
      open_.Lock()->push_back({question, std::move(callback)});
    }
  }
  bool Wait(Progress&, std::uint64_t, MonoTime) override { return false; }

  // Answers the question, which is open.
  void Answer(const Question& question) {
    Asked found;
    {
      auto open = open_.Lock();
      const auto at = std::find_if(open->begin(), open->end(),
                                   [&](const Asked& asked) { return asked.question == question; });
      REQUIRE(at != open->end());
      found = std::move(*at);
      open->erase(at);
    }
    Answer(found);
  }
  // Answers the question that has waited longest; false: none is open.
  bool AnswerNext() {
    Asked next;
    {
      auto open = open_.Lock();
      if (open->empty()) return false;
      next = std::move(open->front());
      open->pop_front();
    }
    Answer(next);
    return true;
  }
  std::vector<Question> asked() { return *asked_.Lock(); }
  std::size_t open() { return open_.Lock()->size(); }

 private:
  void Answer(const Asked& asked) {
    const auto line = zone.find(asked.question);
    const auto hit = cached.find(asked.question);
    asked.callback(line == zone.end() ? no_data_ : line->second,
                   hit != cached.end() && hit->second);
  }

  static AnswerPtr NoData() {
    dns::Answer answer;
    answer.outcome = Outcome::kNoData;
    return std::make_shared<const dns::Answer>(std::move(answer));
  }

  const AnswerPtr no_data_ = NoData();
  Guarded<std::vector<Question>> asked_;
  Guarded<std::deque<Asked>> open_;
};

}  // namespace mxward::dns
