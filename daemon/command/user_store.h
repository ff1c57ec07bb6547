#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include <absl/base/thread_annotations.h>

#include "core/base/mutex.h"
#include "daemon/command/user_list.h"

namespace quarry::command {

/// The users of the moment: a list that is replaced as a whole. Any thread; a login takes the lock
/// for the copy of a pointer.
class UserStore {
 public:
  explicit UserStore(UserList users) { Replace(std::move(users)); }

  /// Who has logged in stays so.
  void Replace(UserList users) {
    auto replacement = std::make_shared<const UserList>(std::move(users));
    const MutexLock lock(mutex_);
    users_.swap(replacement);
  }

  /// As UserList::Accepts.
  bool Accepts(std::string_view user, std::string_view password) const {
    return Current()->Accepts(user, password);
  }

 private:
  /// Shared, since a login may still look at a list that is replaced meanwhile.
  std::shared_ptr<const UserList> Current() const {
    const MutexLock lock(mutex_);
    return users_;
  }

  mutable Mutex mutex_;
  std::shared_ptr<const UserList> users_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quarry::command
