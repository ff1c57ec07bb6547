#include "daemon/login_thread.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <semaphore>
#include <system_error>
#include <thread>
#include <utility>

#include <absl/base/thread_annotations.h>

#include "core/base/mutex.h"
#include "core/base/signal_mask.h"

namespace quarry::daemon {
namespace {

constexpr std::chrono::seconds kEndLimit{1};

/// So many logins are kept without a look at who is still there.
constexpr size_t kMinTidyCount = 64;

}  // namespace

class LoginThread::Shared {
 public:
  explicit Shared(Check check) : check_(std::move(check)) {}

  void Add(std::string token, const std::shared_ptr<command::Verdict>& verdict) {
    const MutexLock lock(mutex_);
    if (jobs_.size() >= tidy_count_) {
      Tidy();
    }
    jobs_.push_back({std::move(token), verdict});
    job_count_.release();
  }

  size_t kept_count() const {
    const MutexLock lock(mutex_);
    return jobs_.size();
  }

  /// Whoever begins the thread says so: from then on Stop waits for its end.
  void SetRunning(bool is_running) {
    const MutexLock lock(mutex_);
    is_running_ = is_running;
  }

  void Run() {
    while (TakeStep()) {
    }
    ended_.release();
  }

  void Stop() {
    bool is_running = false;
    {
      const MutexLock lock(mutex_);
      is_stopped_ = true;
      is_running = is_running_;
    }
    job_count_.release();
    if (is_running) {
      [[maybe_unused]] const bool has_ended = ended_.try_acquire_for(kEndLimit);
    }
  }

 private:
  struct Job {
    std::string token;
    std::weak_ptr<command::Verdict> verdict;  // its client may have gone
  };

  /// Waits for a job and does it. False when it was told to stop.
  bool TakeStep() {
    job_count_.acquire();
    Job job;
    {
      const MutexLock lock(mutex_);
      if (is_stopped_) {
        return false;
      }
      if (jobs_.empty()) {
        return true;  // what was counted has been tidied away
      }
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    if (job.verdict.expired()) {
      return true;
    }
    const bool may_log_in = check_(job.token);
    // Under the lock, so that after Stop nobody is woken: there may be no worker any more.
    const MutexLock lock(mutex_);
    if (const auto verdict = job.verdict.lock(); verdict != nullptr && !is_stopped_) {
      verdict->Give(may_log_in);
    }
    return !is_stopped_;
  }

  /// Drops the logins of clients that have gone: whoever comes and goes while a check blocks must
  /// not fill the memory. Rare enough to cost each login the same.
  void Tidy() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::erase_if(jobs_, [](const Job& job) { return job.verdict.expired(); });
    tidy_count_ = std::max(kMinTidyCount, 2 * jobs_.size());
  }

  const Check check_;
  std::counting_semaphore<> job_count_{0};  // at least; and one for Stop
  std::binary_semaphore ended_{0};
  mutable Mutex mutex_;
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mutex_);
  size_t tidy_count_ ABSL_GUARDED_BY(mutex_) = kMinTidyCount;
  bool is_running_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

LoginThread::LoginThread(Check check) : shared_(std::make_shared<Shared>(std::move(check))) {}

LoginThread::~LoginThread() {
  shared_->Stop();
}

size_t LoginThread::kept_count() const {
  return shared_->kept_count();
}

absl::Status LoginThread::Start() {
  const SignalsBlocked blocked;
  shared_->SetRunning(true);
  try {
    std::thread thread([shared = shared_] { shared->Run(); });
    pthread_setname_np(thread.native_handle(), "quarry-login");
    thread.detach();
  } catch (const std::system_error& error) {
    shared_->SetRunning(false);
    return absl::ResourceExhaustedError(error.what());
  }
  return absl::OkStatus();
}

void LoginThread::Ask(std::string token, const std::shared_ptr<command::Verdict>& verdict) {
  shared_->Add(std::move(token), verdict);
}

}  // namespace quarry::daemon
