// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/batch_writer.h"

#include <optional>
#include <utility>

namespace mxward::cli {

struct BatchWriter::Job {
  store::Operation operation;
  std::optional<Result<void>> outcome;
};

class BatchWriter::JobTicket : public store::Ticket {
 public:
  explicit JobTicket(std::shared_ptr<Job> job) : job_(std::move(job)) {}
  Result<void> Wait(Millis /*limit*/) override {
    if (job_->outcome) return *job_->outcome;
    return Fail(ErrorCode::kTimeout, "not committed yet");
  }
  std::optional<Result<void>> Peek() const override { return job_->outcome; }

 private:
  std::shared_ptr<Job> job_;
};

std::unique_ptr<store::Ticket> BatchWriter::Submit(store::Operation operation,
                                                   store::Priority priority) {
  auto job = std::make_shared<Job>();
  job->operation = std::move(operation);
  jobs_.push_back(job);
  if (priority == store::Priority::kHigh || jobs_.size() >= kBackground) Commit();
  return std::make_unique<JobTicket>(std::move(job));
}

void BatchWriter::Commit() {
  const auto jobs = std::exchange(jobs_, {});
  const Result<void> done =
      environment_.Write([&jobs](store::WriteTransaction& transaction) -> Result<void> {
        for (const auto& job : jobs) {
          if (auto written = job->operation(transaction); !written) return written;
        }
        return {};
      });
  for (const auto& job : jobs) {
    job->operation = nullptr;
    job->outcome = done;
  }
  if (!done && outcome_) outcome_ = done;
}

}  // namespace mxward::cli
