#include "daemon/process.h"

#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>

#include "daemon/auth_options.h"
#include "daemon/module_options.h"
#include "daemon/net/socket_address.h"
#include "daemon/port_file.h"
#include "daemon/process_limits.h"
#include "daemon/settings.h"
#include "daemon/tuning_options.h"

namespace quarry::daemon {
namespace {

/// Keeps the signals that the server answers in order, while it cannot.
void MaskSignals(int how) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1, SIGHUP}) {
    sigaddset(&signals, number);
  }
  pthread_sigmask(how, &signals, nullptr);
}

/// What the name of -B means.
protocol::AcceptedForms AcceptedFormsOf(std::string_view name) {
  if (name == "ascii") {
    return protocol::AcceptedForms::kTextOnly;
  }
  return name == "binary" ? protocol::AcceptedForms::kBinaryOnly : protocol::AcceptedForms::kBoth;
}

}  // namespace

Process::Process(Options options, const Environment& environment)
    : options_(std::move(options)),
      environment_(environment),
      notifier_(environment.notify_socket),
      logger_(context_.verbosity) {
  context_.verbosity = options_.verbosity;
  context_.event_log.SetSizes({.ring_bytes = size_t{options_.worker_log_kib} << 10,
                               .watcher_bytes = size_t{options_.watcher_log_kib} << 10});
}

ExitCode Process::Run() {
  for (const auto step : {&Process::ChooseUser, &Process::LoadUsers, &Process::EnterBackground,
                          &Process::SetLimits, &Process::CreateEngine, &Process::Listen,
                          &Process::WriteFiles, &Process::DropPrivileges, &Process::BeginLogins}) {
    if (const ExitCode code = (this->*step)(); code != kExitOk) {
      CleanUp();
      return code;
    }
  }
  malloc_trim(0);  // gives back what the options have taken while they were read
  const ExitCode code = Serve();
  CleanUp();
  return code;
}

ExitCode Process::ChooseUser() {
  if (geteuid() != 0) {
    return kExitOk;  // only root can become another, and -u says nothing
  }
  if (options_.user.empty()) {
    return Fail(kExitUsage, "can't run as root without the -u switch",
                absl::InvalidArgumentError("-u names the user to become, as in -u nobody"));
  }
  const absl::StatusOr<User> user = LookUpUser(options_.user);
  if (!user.ok()) {
    return Fail(kExitUnknownUser, "can't find the user of -u", user.status());
  }
  user_ = *user;
  return kExitOk;
}

ExitCode Process::LoadUsers() {
  std::string path = options_.auth_file;
  if (path.empty() && options_.sasl) {
    path = environment_.sasl_password_file;
  }
  if (path.empty()) {
    return options_.sasl ? AskCyrusSasl() : kExitOk;
  }
  const absl::Status status =
      OpenFile("the file of users will not be read again: the server's user may not", [&] {
        absl::StatusOr<std::unique_ptr<AuthFile>> file = AuthFile::Open(path);
        if (!file.ok()) {
          return file.status();
        }
        auth_file_ = *std::move(file);
        return absl::OkStatus();
      });
  if (!status.ok()) {
    return Fail(kExitBadValue, "can't have the users", status);
  }
  context_.text_users = UsersLogInByText(options_) ? &auth_file_->users() : nullptr;
  context_.sasl_users = options_.sasl ? &auth_file_->users() : nullptr;
  return kExitOk;
}

ExitCode Process::AskCyrusSasl() {
  absl::StatusOr<LoginThread::Check> check = environment_.open_cyrus_sasl();
  if (!check.ok()) {
    return Fail(absl::IsUnimplemented(check.status()) ? kExitUsage : kExitBadValue,
                "no users for -S", check.status());
  }
  login_thread_ = std::make_unique<LoginThread>(*std::move(check));
  context_.sasl_service = login_thread_.get();
  return kExitOk;
}

ExitCode Process::EnterBackground() {
  if (!options_.background) {
    return kExitOk;
  }
  if (!environment_.notify_socket.empty()) {
    logger_.Log(LogLevel::kWarning,
                "-d is ignored: a service manager awaits word of this process (NOTIFY_SOCKET)");
    return kExitOk;
  }
  absl::StatusOr<Background> background = Background::Enter();
  if (!background.ok()) {
    return Fail(kExitBadValue, "can't go into the background", background.status());
  }
  background_.emplace(*std::move(background));
  return kExitOk;
}

ExitCode Process::SetLimits() {
  for (const std::string& warning : options_.warnings) {
    logger_.Log(LogLevel::kWarning, warning);
  }
  WarnUnlessOk("core files", options_.core_dumps ? AllowCoreFiles() : ForbidCoreFiles());

  const uint32_t reserved = ReservedDescriptors(options_);
  const absl::StatusOr<uint64_t> limit =
      RaiseDescriptorLimit(uint64_t{options_.max_connections} + reserved);
  if (!limit.ok()) {
    return Fail(kExitBadValue, "descriptors", limit.status());
  }
  if (*limit <= reserved) {
    return Fail(kExitBadValue, "too few descriptors to serve",
                absl::ResourceExhaustedError(absl::StrCat("the limit of open files is ", *limit,
                                                          ", it must be above ", reserved)));
  }
  if (const uint64_t room = *limit - reserved; room < options_.max_connections) {
    logger_.Log(LogLevel::kWarning,
                "connection limit lowered to what the limit of open files allows",
                {{"asked", options_.max_connections}, {"now", room}, {"open_files", *limit}});
    options_.max_connections = static_cast<uint32_t>(room);
  }
  context_.reserved_descriptors = reserved;
  logger_.Log(LogLevel::kDebug, "limits", {{"open_files", *limit}, {"reserved", reserved}});
  return kExitOk;
}

ExitCode Process::CreateEngine() {
  core::EngineOptions engine_options = EngineOptionsFrom(options_);
  engine_options.max_memory_bytes = environment_.machine_memory_bytes;
  engine_options.eviction_observer = &context_.event_log;
  absl::StatusOr<std::unique_ptr<core::Engine>> engine = core::Engine::Create(engine_options);
  if (!engine.ok()) {
    return Fail(kExitBadValue, "can't have the memory of -m", engine.status());
  }
  engine_ = *std::move(engine);
  return kExitOk;
}

ExitCode Process::Listen() {
  MaskSignals(SIG_BLOCK);
  context_.engine = engine_.get();
  context_.clock = &clock_;
  SetTuning(options_, *engine_, context_);
  context_.workers = std::vector<command::WorkerCounters>(options_.worker_count);
  context_.max_connections = options_.max_connections;
  context_.reject_beyond_limit = options_.reject_beyond_limit;
  context_.idle_timeout_sec = options_.idle_timeout_sec;
  context_.cas_enabled = options_.cas_enabled;
  context_.accepted_forms = AcceptedFormsOf(options_.protocol);
  context_.flush_enabled = options_.flush_enabled;
  context_.dump_enabled = options_.dump_enabled;
  context_.watch_enabled = options_.watch_enabled;
  context_.track_sizes = options_.track_sizes;
  context_.prefix_stats.SetDelimiter(options_.prefix_delimiter.front());
  context_.prefix_stats.SetEnabled(options_.detail_enabled);
  if (options_.shutdown_enabled) {
    context_.shut_down = [this] {
      server_->Stop();
    };
  }

  net::ServerOptions server_options = ServerOptionsFrom(options_);
  options_.unix_socket = server_options.unix_socket;
  server_options.warn = [this](std::string_view warning) {
    logger_.Log(LogLevel::kWarning, warning);
  };
  server_options.open_certificates = [this](const std::function<absl::Status()>& open) {
    return OpenFile("certificates will not be read again: the server's user may not", open);
  };
  server_options.open_unix_socket = [this](const std::function<absl::Status()>& open) {
    return OpenUnixSocket(open);
  };
  server_options.on_hangup = [this] {
    OnHangup();
  };
  server_options.debug = [this](std::string_view line) {
    logger_.Log(LogLevel::kDebug, line);
  };
  server_options.background_step = [this, next_shard = uint32_t{0},
                                    round_sec = uint32_t{0}]() mutable {
    const Instant now = clock_.Now();
    if (next_shard == engine_->shard_count() && now.floor_sec != round_sec) {
      next_shard = 0;
    }
    if (next_shard < engine_->shard_count()) {
      round_sec = now.floor_sec;
      next_shard += engine_->MaintainShard(next_shard, now) ? 0U : 1U;
      return true;
    }
    return engine_->GiveBackSurplus(now);
  };
  absl::StatusOr<std::unique_ptr<net::Server>> server =
      net::Server::Create(server_options, context_);
  if (!server.ok()) {
    return Fail(kExitCannotListen, "can't listen", server.status());
  }
  server_ = *std::move(server);

  const std::vector<net::ListenAddress> addresses = server_->bound_addresses();
  if (options_.port == Options::kRandomPort && !addresses.empty()) {
    options_.port = addresses.front().port;
  }
  const std::vector<net::ListenAddress> udp_addresses = server_->bound_udp_addresses();
  if (options_.udp_port == Options::kRandomPort && !udp_addresses.empty()) {
    options_.udp_port = udp_addresses.front().port;
  }
  context_.settings = SettingsLines(options_);
  return kExitOk;
}

absl::Status Process::OpenUnixSocket(const std::function<absl::Status()>& open) {
  return OpenFile("the UNIX socket may stay behind: the server's user may not remove it", [&] {
    absl::Status status = open();
    if (status.ok() && user_ && geteuid() == 0) {
      WarnUnlessOk("UNIX socket", GiveFile(options_.unix_socket, *user_));
    }
    return status;
  });
}

ExitCode Process::WriteFiles() {
  if (!options_.pid_file.empty()) {
    const absl::Status status =
        OpenFile("the pid file may stay behind: the server's user may not remove it", [this] {
          absl::StatusOr<PidFile> pid_file = PidFile::Write(options_.pid_file);
          if (!pid_file.ok()) {
            return pid_file.status();
          }
          pid_file_ = *std::move(pid_file);
          return absl::OkStatus();
        });
    if (!status.ok()) {
      return Fail(kExitBadValue, "can't write the file of -P", status);
    }
  }
  if (!environment_.port_file.empty()) {
    const absl::Status status = OpenFile("", [this] {
      return WritePortFile(environment_.port_file, server_->bound_addresses(),
                           server_->bound_udp_addresses());
    });
    if (!status.ok()) {
      return Fail(kExitBadValue, "can't write the file of MEMCACHED_PORT_FILENAME", status);
    }
  }
  return kExitOk;
}

ExitCode Process::DropPrivileges() {
  if (user_) {
    if (const absl::Status status = BecomeUser(*user_); !status.ok()) {
      return Fail(kExitCannotListen, "can't become the user of -u", status);
    }
    user_.reset();
  }
  WarnUnlessOk("privileges", ForbidNewPrivileges());
  return kExitOk;
}

ExitCode Process::BeginLogins() {
  if (login_thread_ == nullptr) {
    return kExitOk;
  }
  const absl::Status status = login_thread_->Start();
  return status.ok() ? kExitOk : Fail(kExitBadValue, "can't begin the thread of logins", status);
}

ExitCode Process::Serve() {
  const absl::Status status = server_->Run([this] { OnReady(); }, [this] { OnDrain(); });
  if (!status.ok()) {
    return Fail(kExitCannotListen, "can't serve", status);
  }
  logger_.Log(LogLevel::kInfo, "stopped");
  return kExitOk;
}

void Process::OnReady() {
  LogAddresses();
  logger_.Log(LogLevel::kInfo, "ready",
              {{"version", QUARRY_VERSION},
               {"pid", getpid()},
               {"memory", FormatSize(options_.memory_bytes)},
               {"item_limit", FormatSize(options_.max_item_bytes)},
               {"workers", options_.worker_count},
               {"connections", options_.max_connections}});
  WarnUnlessOk("service manager", notifier_.Ready("serving"));
  if (background_) {
    WarnUnlessOk("background", background_->Ready(options_.verbosity > 0));
  }
  // A signal that came meanwhile is answered now, in order.
  MaskSignals(SIG_UNBLOCK);
}

void Process::OnDrain() {
  MaskSignals(SIG_BLOCK);  // another one is not to end the process before it is done
  WarnUnlessOk("service manager", notifier_.Stopping("draining"));
  logger_.Log(LogLevel::kInfo, "draining");
}

void Process::OnHangup() {
  if (auth_file_ == nullptr) {
    return;
  }
  if (const absl::Status status = auth_file_->Reload(); !status.ok()) {
    WarnUnlessOk("the users stay those of before", status);
    return;
  }
  logger_.Log(LogLevel::kInfo, "users",
              {{"file", auth_file_->path()}, {"count", auth_file_->user_count()}});
}

void Process::LogAddresses() {
  if (options_.listen.empty() && !server_->bound_addresses().empty()) {
    logger_.Log(LogLevel::kInfo,
                "without -l only this machine can connect: memcached would listen on every "
                "address, as -l '*' does");
  }
  for (const net::ListenAddress& address : server_->bound_addresses()) {
    const std::string joined = net::JoinHostPort(address.host, address.port);
    const net::ListenerTraits& traits = address.traits;
    if (!traits.tls && traits.tag.empty()) {
      logger_.Log(LogLevel::kInfo, "listening", {{"address", joined}});
    } else {
      logger_.Log(
          LogLevel::kInfo, "listening",
          {{"address", joined}, {"transport", traits.tls ? "tls" : "tcp"}, {"tag", traits.tag}});
    }
    if (!IsLoopback(address.host) && !context_.requires_login() &&
        traits.tls != net::TlsVerify::kRequire) {
      logger_.Log(LogLevel::kWarning,
                  "other machines can reach this address, and no authentication is on",
                  {{"address", joined}});
    }
  }
  for (const net::ListenAddress& address : server_->bound_udp_addresses()) {
    const std::string joined = net::JoinHostPort(address.host, address.port);
    logger_.Log(LogLevel::kInfo, "listening", {{"address", joined}, {"transport", "udp"}});
    if (!IsLoopback(address.host)) {
      logger_.Log(LogLevel::kWarning, "other machines can reach this address over UDP",
                  {{"address", joined}});
    }
  }
  if (!options_.unix_socket.empty()) {
    logger_.Log(LogLevel::kInfo, "listening", {{"unix_socket", options_.unix_socket}});
  }
}

void Process::CleanUp() {
  if (pid_file_) {
    WarnUnlessOk("pid file", OpenFile("", [this] { return pid_file_->Remove(); }));
  }
}

absl::Status Process::OpenFile(std::string_view loss, const std::function<absl::Status()>& open) {
  if (!user_) {
    return open();
  }
  absl::Status by_user = RunAsUser(*user_, open);
  if (!absl::IsPermissionDenied(by_user)) {
    return by_user;
  }
  absl::Status by_root = open();
  if (by_root.ok() && !loss.empty()) {
    logger_.Log(LogLevel::kWarning, loss,
                {{"user", options_.user}, {"reason", std::string(by_user.message())}});
  }
  return by_root;
}

ExitCode Process::Fail(ExitCode code, const char* message, const absl::Status& reason) {
  logger_.Log(LogLevel::kError, message, {{"reason", std::string(reason.message())}});
  return code;
}

void Process::WarnUnlessOk(const char* message, const absl::Status& status) {
  if (!status.ok()) {
    logger_.Log(LogLevel::kWarning, message, {{"reason", std::string(status.message())}});
  }
}

}  // namespace quarry::daemon
