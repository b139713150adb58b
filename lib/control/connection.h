// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <event2/bufferevent.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "control/http_message.h"
#include "dns/event_handles.h"

namespace mxward::control {

// One connection of the server: reads one request, answers it, closes. Lives on the loop's thread.
class Connection {
 public:
  // Who keeps the connection. Outlives it.
  class Owner {
   public:
    // Nothing: the answer comes later, through Answer(), unless the connection is over by then.
    virtual std::optional<Response> Ask(Connection& connection,
                                        const Request& request) noexcept = 0;
    // The connection is over; destroys it.
    virtual void OnClosed(Connection* connection) noexcept = 0;

   protected:
    ~Owner() = default;
  };

  Connection(Owner& owner, event_base* base);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Who is at the other end.
  struct ClientInfo {
    std::string peer;  // for the log
    // Whose it is, for the shares; clients of one holder share.
    std::uint64_t holder = 0;
    Role role = Role::kRead;
    std::optional<Response> refusal;  // answered at once, without reading a request
  };

  // Takes over fd. REQUIRES: called once
  void Begin(int fd, ClientInfo client, Millis deadline);
  const ClientInfo& client() const { return client_; }

  // The answer that Owner::Ask() left for later. REQUIRES: called once
  void Answer(const Response& response);

 private:
  struct BufferDeleter {
    void operator()(bufferevent* buffer) const { bufferevent_free(buffer); }
  };

  static void OnReadable(bufferevent* buffer, void* self) noexcept;
  static void OnWritten(bufferevent* buffer, void* self) noexcept;
  static void OnEvent(bufferevent* buffer, short what, void* self) noexcept;
  static void OnDeadline(int fd, short what, void* self) noexcept;

  void Read();
  void Linger();

  Owner& owner_;
  ClientInfo client_;
  std::unique_ptr<bufferevent, BufferDeleter> buffer_;
  dns::Event deadline_;
  HttpParser parser_;
  bool asked_ = false;  // the request has been read; what else the client sends is thrown away
  // The answer is being written; then the client's last bytes are waited for and thrown away,
  // because closing with unread data makes the kernel throw away our answer.
  bool answered_ = false;
  bool client_ended_ = false;
};

}  // namespace mxward::control
